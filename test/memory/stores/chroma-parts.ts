import { Embeddings } from "@langchain/core/embeddings";
import { ChromaClient } from "chromadb";
import type { ChromaConnection } from "../../../src/memory/stores/chroma.js";

/** As many numbers as are asked for: how often each of the first letters is in the text. */
class Letters extends Embeddings {
  readonly #dims: number;

  constructor(dims: number) {
    super({});
    this.#dims = dims;
  }

  async embedDocuments(texts: string[]): Promise<number[][]> {
    return Promise.all(texts.map((text) => this.embedQuery(text)));
  }

  async embedQuery(text: string): Promise<number[]> {
    return Array.from("abcdef".slice(0, this.#dims), (letter) => text.split(letter).length - 1);
  }
}

export const indexOf = (dims: number) => ({ dims, embeddings: new Letters(dims), fields: ["text"] });
export const keysOf = (items: readonly { readonly key: string }[]): string[] => items.map(({ key }) => key);
export const numbers = (count: number): string[] => Array.from({ length: count }, (_, at) => `${at}`);

/** A client whose requests for records a test sees, and may refuse. */
export function intercept(
  url: string,
  see: (method: PropertyKey, pass: () => Promise<unknown>) => Promise<unknown>,
): ChromaConnection {
  const { hostname, port } = new URL(url);
  const client = new ChromaClient({ host: hostname, port: Number(port) });
  const open = client.collection.bind(client);
  client.collection = (id) =>
    new Proxy(open(id), {
      get(records, method) {
        const value: unknown = Reflect.get(records, method, records);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => see(method, async () => value.apply(records, args));
      },
    });
  return client;
}
