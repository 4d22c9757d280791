import {
  BaseStore,
  type IndexConfig,
  type Item,
  type ListNamespacesOperation,
  type Operation,
  type OperationResults,
} from "@langchain/langgraph-checkpoint";
import { type Clock, systemClock } from "../../core/clock.js";
import { BatonError } from "../../core/errors.js";
import { type ChromaCollections, createCollections } from "./chroma/collections.js";
import type { ChromaAddress, ChromaConnection } from "./chroma/connection.js";
import { toPartial } from "./chroma/error.js";
import { inOrder } from "./chroma/in-order.js";
import { idOf, readItems, toItem, walkNamespaces, whereBelow } from "./chroma/records.js";
import { createSend } from "./chroma/requests.js";
import { searchItems } from "./chroma/search.js";
import { createWriter, type Progress, type Writer } from "./chroma/write.js";
import { type Embedded, embedBatch } from "./embedding.js";
import { listNamespaces } from "./namespaces.js";
import { type Batch, type Read, toBatch } from "./operations.js";

export type { ChromaAddress, ChromaConnection } from "./chroma/connection.js";

const TIMEOUT_MS = 2000;
const PREFIX = "langbaton";
const NOTHING: Embedded = { vectors: new Map(), queries: new Map() };

/**
 * A server's address, or a client of `chromadb` that is there already, such as a `CloudClient`. That one cannot be told
 * to give a request up: one that got no answer in time stays open until the client's own limit.
 */
export type ChromaStoreOptions = (ChromaAddress | { readonly client: ChromaConnection }) & {
  /** Starts the names of all collections. Stores with different ones share nothing. @default "langbaton" */
  readonly collectionPrefix?: string;
  /** How long the server may take to answer one request, in milliseconds. @default 2000 */
  readonly timeoutMs?: number;
  /** Makes `query` find by meaning. @default none */
  readonly index?: IndexConfig;
};

/** What {@link chromaStore} makes. */
export class ChromaStore extends BaseStore {
  readonly #index: IndexConfig | undefined;
  readonly #collections: ChromaCollections;
  readonly #writer: Writer;
  readonly #inOrder = inOrder();

  constructor(options: ChromaStoreOptions, clock: Clock = systemClock) {
    super();
    checkOptions(options);
    const send = createSend(options, options.timeoutMs ?? TIMEOUT_MS, clock);
    let most: number | undefined;
    this.#index = options.index;
    this.#collections = createCollections(send, options.collectionPrefix ?? PREFIX);
    this.#writer = createWriter(
      this.#collections,
      async () => {
        most ??= await send("tell its limits", "read", (connection) => connection.getMaxBatchSize());
        // It says -1 for none.
        return most > 0 ? most : Number.POSITIVE_INFINITY;
      },
      clock,
    );
  }

  override async batch<Op extends Operation[]>(operations: Op): Promise<OperationResults<Op>> {
    const batch = toBatch(operations);
    const run = async (): Promise<unknown[]> => {
      const embedded = this.#index ? await embedBatch(this.#index, batch, "chroma") : NOTHING;
      const answers: unknown[] = new Array(operations.length).fill(null);
      await this.#read(batch, embedded, answers);
      await this.#write(batch, embedded);
      return answers;
    };
    const ids = batch.writes.map(({ namespace, key }) => idOf(namespace, key));
    return (await this.#inOrder(ids, run)) as OperationResults<Op>;
  }

  async #write({ writes }: Batch, { vectors }: Embedded): Promise<void> {
    const progress: Progress = { hasWritten: false };
    try {
      for (const [root, some] of byRoot(writes, ({ namespace }) => namespace))
        await this.#writer.write(root, some, vectors, progress);
    } catch (error) {
      throw progress.hasWritten ? toPartial(error) : error;
    }
  }

  async #read({ reads }: Batch, { queries }: Embedded, answers: unknown[]): Promise<void> {
    const gets: Extract<Read, { kind: "get" }>[] = [];
    for (const read of reads) {
      if (read.kind === "get") gets.push(read);
      else if (read.kind === "list") answers[read.at] = await this.#list(read.operation);
      else {
        const vector = queries.get(read.search.query ?? "");
        const found = await searchItems(this.#collections, read.search, vector);
        answers[read.at] = found.map((item) => ({
          ...toItem(item),
          ...(item.score !== undefined && { score: item.score }),
        }));
      }
    }
    for (const [root, some] of byRoot(gets, ({ operation }) => operation.namespace)) {
      const ids = some.map(({ operation }) => idOf(operation.namespace, operation.key));
      const found = await readItems(this.#collections.items(root), [...new Set(ids)]);
      for (const [at, read] of some.entries()) {
        const item = found.get(ids[at] ?? "");
        answers[read.at] = item ? (toItem(item) satisfies Item) : null;
      }
    }
  }

  async #list(operation: ListNamespacesOperation): Promise<string[][]> {
    const prefixes = (operation.matchConditions ?? []).flatMap(({ matchType, path }) =>
      matchType === "prefix" ? [untilWildcard(path)] : [],
    );
    const [prefix = []] = prefixes.sort((a, b) => b.length - a.length);
    const roots = prefix[0] === undefined ? await this.#collections.roots() : [prefix[0]];
    const found = new Map<string, readonly string[]>();
    for (const root of roots)
      for await (const namespace of walkNamespaces(this.#collections.items(root), whereBelow(prefix)))
        found.set(JSON.stringify(namespace), namespace);
    return listNamespaces(found.values(), operation);
  }
}

/**
 * LangGraph's long-term store on a Chroma server, for several processes and machines. A put is acknowledged when the
 * server has it. Needs the package `chromadb` 3.5 or newer; items and vectors are in collections of their own, two for
 * each first label of a namespace.
 *
 * A search without a query finds items in the order in which they were first put. One with a query is as exact as the
 * server's index, and slow where a filter or a prefix leaves little of much. `listNamespaces()` reads the heads of all
 * items. A batch is not one transaction: when it fails half-way, put it again.
 *
 * @throws BatonError `CONFIG_INVALID`, also when vectors do not fit; from any use `STORE`, at the latest after
 *   `timeoutMs`, `retryable` when the server may come back
 * @example
 * ```ts
 * const store = chromaStore({ url: "http://localhost:8000" });
 * await store.put(["users", "ann"], "tea", { text: "Ann drinks green tea" });
 * ```
 */
export function chromaStore(options: ChromaStoreOptions): ChromaStore {
  return new ChromaStore(options);
}

function byRoot<T>(list: readonly T[], namespaceOf: (each: T) => readonly string[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const each of list) {
    const [root] = namespaceOf(each);
    // Nothing can be in a namespace without labels: a deletion or a get there finds nothing.
    if (root === undefined) continue;
    const group = groups.get(root);
    if (group) group.push(each);
    else groups.set(root, [each]);
  }
  return groups;
}

function untilWildcard(path: readonly string[]): readonly string[] {
  const end = path.indexOf("*");
  return end === -1 ? path : path.slice(0, end);
}

function checkOptions(options: ChromaStoreOptions): void {
  const { collectionPrefix = PREFIX, timeoutMs = TIMEOUT_MS, index } = options;
  const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1;
  const faults = [
    "client" in options ? [] : findAddressFaults(options.url),
    /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$/.test(collectionPrefix)
      ? []
      : ["collectionPrefix has to be 1 to 64 letters, digits, - and _, the first no - or _"],
    isCount(timeoutMs) ? [] : ["timeoutMs has to be a whole number of milliseconds from 1"],
    index === undefined || isCount(index.dims) ? [] : ["index.dims has to be a whole number from 1"],
  ].flat();
  if (faults.length > 0)
    throw new BatonError("CONFIG_INVALID", `chromaStore(): ${faults.join("; ")}`, { data: { faults } });
}

function findAddressFaults(text: string): string[] {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    return ["url has to be the server's address, such as 'http://localhost:8000'"];
  return [
    // The client has no place for either.
    url.pathname === "/" && url.search === "" && url.hash === "" ? [] : ["url may not have a path"],
    url.username === "" && url.password === "" ? [] : ["url may not have credentials: use headers"],
  ].flat();
}
