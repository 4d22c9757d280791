import { createHash } from "node:crypto";
import type { Collection, CollectionMetadata } from "chromadb";
import { LRUCache } from "lru-cache";
import { BatonError } from "../../../core/errors.js";
import { isNotFound, type RequestKind } from "./error.js";
import type { ChromaRequests, Send } from "./requests.js";

/** Ids of collections that are known, of so many namespace roots. */
const MAX_KNOWN = 10_000;
const LIST_PAGE = 100;
const READABLE = 16;

/** Items, or the vectors of a root's items: apart, so that items without a vector need none that is in the way. */
type Content = "items" | "vectors";

/** One collection of the server, by its name. */
export interface ChromaCollection {
  /** `undefined` while there is no such collection. */
  read<T>(what: string, use: (records: Collection) => Promise<T>): Promise<T | undefined>;
  /** Makes the collection when there is none. */
  write(what: string, use: (records: Collection) => Promise<unknown>): Promise<void>;
  /** Does nothing while there is no such collection. */
  remove(what: string, use: (records: Collection) => Promise<unknown>): Promise<void>;
}

export interface ChromaCollections {
  items(root: string): ChromaCollection;
  /** @param dims checked against those that the collection has; `undefined` to remove only */
  vectors(root: string, dims: number | undefined): ChromaCollection;
  /** First labels of all namespaces that ever had an item. */
  roots(): Promise<string[]>;
}

/**
 * One collection of items, and one of vectors, for each first label of a namespace. None is ever deleted, not even an
 * empty one: another process may be about to write to it.
 */
export function createCollections(send: Send, prefix: string): ChromaCollections {
  const known = new LRUCache<string, string>({ max: MAX_KNOWN });

  function open(content: Content, root: string, dims?: number): ChromaCollection {
    const name = nameOf(prefix, content, root);
    const metadata = { langbaton: content, root: JSON.stringify(root), ...(dims && { dims }) };

    async function find(isMade: boolean): Promise<string | undefined> {
      const found = await send(`open collection '${name}'`, "read", (connection) =>
        isMade ? make(connection, name, metadata) : look(connection, name),
      );
      if (found === undefined) return undefined;
      check(found, name, metadata);
      known.set(`${name} ${dims}`, found.id);
      return found.id;
    }

    async function use<T>(
      isMade: boolean,
      kind: RequestKind,
      what: string,
      work: (records: Collection) => Promise<T>,
    ): Promise<T | undefined> {
      const old = known.get(`${name} ${dims}`);
      const id = old ?? (await find(isMade));
      if (id === undefined) return undefined;
      const run = (id: string) => send(what, kind, (connection) => work(connection.collection(id)));
      try {
        return await run(id);
      } catch (error) {
        if (!isNotFound(error)) throw error;
        // Somebody deleted it, and perhaps another process has made it anew.
        known.delete(`${name} ${dims}`);
        const next = await find(isMade);
        return next === undefined ? undefined : await run(next);
      }
    }

    return {
      read: (what, work) => use(false, "read", what, work),
      async write(what, work) {
        await use(true, "write", what, work);
      },
      async remove(what, work) {
        await use(false, "write", what, work);
      },
    };
  }

  async function roots(): Promise<string[]> {
    const found = new Set<string>();
    for (let offset = 0; ; offset += LIST_PAGE) {
      const page = await send("list its collections", "read", (connection) =>
        connection.listCollections({ limit: LIST_PAGE, offset }),
      );
      for (const { name, metadata } of page) {
        const root = rootOf(metadata);
        if (root !== undefined && name === nameOf(prefix, "items", root)) found.add(root);
      }
      if (page.length < LIST_PAGE) return [...found];
    }
  }

  return {
    items: (root) => open("items", root),
    vectors: (root, dims) => open("vectors", root, dims),
    roots,
  };
}

/**
 * What a server takes for a name, which is less than a label may have: some of the label for people, and a hash that
 * tells it from all others.
 */
function nameOf(prefix: string, content: Content, root: string): string {
  const readable = root.replace(/[^a-zA-Z0-9]+/g, "").slice(0, READABLE);
  const hash = createHash("sha256").update(JSON.stringify(root)).digest("hex").slice(0, 24);
  return [prefix, readable, hash, content].filter((part) => part !== "").join("-");
}

function rootOf(metadata: CollectionMetadata | undefined): string | undefined {
  if (metadata?.langbaton !== "items") return undefined;
  try {
    const root: unknown = JSON.parse(String(metadata.root));
    return typeof root === "string" ? root : undefined;
  } catch {
    return undefined;
  }
}

/** The embedding function would be the client's own: it is handed vectors instead. */
function make(connection: ChromaRequests, name: string, metadata: CollectionMetadata): Promise<Collection> {
  return connection.getOrCreateCollection({
    name,
    metadata,
    embeddingFunction: null,
    configuration: { hnsw: { space: "cosine" } },
  });
}

async function look(connection: ChromaRequests, name: string): Promise<Collection | undefined> {
  try {
    return await connection.getCollection({ name });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function check(found: Collection, name: string, wanted: CollectionMetadata): void {
  const { langbaton, root, dims } = found.metadata ?? {};
  if (langbaton !== wanted.langbaton || root !== wanted.root) {
    const problem = `collection '${name}' on the Chroma server was not made by this store: use another collectionPrefix`;
    throw new BatonError("CONFIG_INVALID", problem, { data: { faults: [problem] } });
  }
  if (wanted.dims === undefined || dims === wanted.dims) return;
  const problem =
    `collection '${name}' on the Chroma server has vectors of ${String(dims)} numbers, index.dims says ${String(wanted.dims)}: ` +
    "use the model that they were made with, or another collectionPrefix, or delete this collection (it has vectors alone) and put the items again";
  throw new BatonError("CONFIG_INVALID", problem, { data: { faults: [problem] } });
}
