import { BaseDocumentLoader } from "@langchain/core/document_loaders/base";
import { Document } from "@langchain/core/documents";
import picomatch from "picomatch";
import { BatonError } from "../core/errors.js";
import { showHidden } from "../core/hidden.js";
import type { Resource, Server } from "../mcp/server.js";
import type { Servers } from "../mcp/servers.js";
import { expandTemplate } from "../mcp/uri-template.js";
import { type Listed, listAll } from "./list-all.js";

/** How many resources are read at once. */
const READ_AHEAD = 8;

export interface McpResourceLoaderOptions {
  /** Globs on URIs, `docs://**` for example. @default every listed resource, unless `template` is given */
  readonly include?: readonly string[];
  /** Globs on URIs to leave out; wins over `include`. @default none */
  readonly exclude?: readonly string[];
  /** A URI template of the servers, `logs://app/{date}` for example, read once for each of `variables`. */
  readonly template?: string;
  /** Values for the template's variables. @default one empty set */
  readonly variables?: readonly Readonly<Record<string, string>>[];
  /** What to do about a resource that cannot be read. @default "throw" */
  readonly onError?: "throw" | "skip";
  /** Hears of each server that was left out, and why. Must not throw. @default a Node warning */
  readonly onWarning?: (warning: string) => void;
  readonly signal?: AbortSignal;
}

/** Metadata of a document that came from an MCP resource. */
export interface McpResourceMetadata extends Record<string, unknown> {
  /** The resource's URI. */
  readonly source: string;
  readonly server: string;
  readonly mimeType?: string;
  readonly title?: string;
  /** In bytes, of the content as the server sent it, and not of its base64 form. */
  readonly size: number;
  /** Set for binary content, whose `pageContent` is base64. */
  readonly encoding?: "base64";
}

/**
 * Loads MCP resources as LangChain documents: one document for each content that a resource has, in the order of
 * the servers and their lists. `lazyLoad` yields them as they come, with a few read ahead. A server that is down
 * costs a warning, not the others.
 *
 * @example
 * ```ts
 * const documents = await new McpResourceLoader(servers, { include: ["policy://*"] }).load();
 * ```
 */
export class McpResourceLoader extends BaseDocumentLoader {
  readonly #servers: readonly Server[];
  readonly #options: McpResourceLoaderOptions;

  constructor(servers: Servers | Server, options: McpResourceLoaderOptions = {}) {
    super();
    this.#servers = Symbol.iterator in servers ? [...servers] : [servers];
    this.#options = options;
  }

  /**
   * @throws {BatonError} when no server could be listed, what the first of them failed with; what reading failed with,
   *   unless `onError` is "skip"; `CANCELLED` by `signal`
   */
  async load(): Promise<Document<McpResourceMetadata>[]> {
    const documents: Document<McpResourceMetadata>[] = [];
    for await (const document of this.lazyLoad()) documents.push(document);
    return documents;
  }

  async *lazyLoad(): AsyncGenerator<Document<McpResourceMetadata>> {
    const targets = await this.#targets();
    const reads: Promise<readonly Document<McpResourceMetadata>[]>[] = [];
    for (let next = 0; next < targets.length || reads.length > 0; ) {
      while (reads.length < READ_AHEAD && next < targets.length) {
        const read = this.#read(targets[next++] as Target);
        // A later one may fail while an earlier one is still awaited.
        read.catch(() => {});
        reads.push(read);
      }
      yield* (await reads.shift()) ?? [];
    }
  }

  async #targets(): Promise<readonly Target[]> {
    const { include, exclude = [], template, variables = [{}] } = this.#options;
    const targets: Target[] = [];
    if (template !== undefined) {
      const server = await this.#serverOf(template);
      for (const values of variables) targets.push({ server, uri: expandTemplate(template, values) });
    }
    if (template !== undefined && include === undefined) return targets;
    const wanted = include === undefined ? () => true : picomatch([...include]);
    const unwanted = picomatch([...exclude]);
    const lists = await this.#list("resources", (server) => server.listResources(this.#limits));
    for (const { server, items } of lists) {
      for (const resource of items) {
        if (wanted(resource.uri) && !unwanted(resource.uri))
          targets.push({ server, uri: resource.uri, resource });
      }
    }
    return targets;
  }

  async #serverOf(template: string): Promise<Server> {
    const lists = await this.#list("resource templates", (server) =>
      server.listResourceTemplates(this.#limits),
    );
    const found = lists.find(({ items }) => items.some(({ uriTemplate }) => uriTemplate === template));
    if (found !== undefined) return found.server;
    const known = lists.flatMap(({ items }) => items.map(({ uriTemplate }) => uriTemplate));
    const problem = `no server has the resource template '${template}'; there are: ${known.join(", ") || "none"}`;
    throw new BatonError("INVALID_ARGUMENTS", problem, { data: { template, known } });
  }

  async #read({ server, uri, resource }: Target): Promise<readonly Document<McpResourceMetadata>[]> {
    try {
      const { contents } = await server.readResource(uri, this.#limits);
      return contents.map((content) => {
        const text = "text" in content ? content.text : undefined;
        const blob = "blob" in content ? content.blob : undefined;
        const raw = text ?? blob ?? "";
        const mimeType = content.mimeType ?? resource?.mimeType;
        const title = resource?.title ?? resource?.name;
        return new Document<McpResourceMetadata>({
          // Documents end in prompts: what a person could not see there, a model does not read.
          pageContent: text === undefined ? raw : showHidden(raw),
          metadata: {
            source: content.uri,
            server: server.name,
            ...(mimeType === undefined ? {} : { mimeType }),
            ...(title === undefined ? {} : { title: showHidden(title) }),
            size: Buffer.byteLength(raw, text === undefined ? "base64" : "utf8"),
            ...(text === undefined ? { encoding: "base64" } : {}),
          },
        });
      });
    } catch (error) {
      if (this.#options.onError !== "skip" || this.#options.signal?.aborted) throw error;
      return [];
    }
  }

  #list<T>(what: string, list: (server: Server) => Promise<readonly T[]>): Promise<readonly Listed<T>[]> {
    return listAll(this.#servers, what, list, this.#options);
  }

  get #limits() {
    return { signal: this.#options.signal };
  }
}

interface Target {
  readonly server: Server;
  readonly uri: string;
  readonly resource?: Resource;
}
