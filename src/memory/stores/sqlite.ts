import {
  BaseStore,
  type IndexConfig,
  type Operation,
  type OperationResults,
} from "@langchain/langgraph-checkpoint";
import { BatonError } from "../../core/errors.js";
import type { ChangeFeed, Changes } from "./change-feed.js";
import { type Embedded, embedBatch } from "./embedding.js";
import { toBatch } from "./operations.js";
import { runBatch } from "./sqlite/batch.js";
import { readChanges } from "./sqlite/changes.js";
import { closedError, toStoreError } from "./sqlite/error.js";
import { openFile, type SqliteFile } from "./sqlite/file.js";

const BUSY_MS = 5000;
const NOTHING: Embedded = { vectors: new Map(), queries: new Map() };

export interface SqliteStoreOptions {
  /** Makes `query` find by meaning. Every vector is compared, so meant for up to some 100,000. @default none */
  readonly index?: IndexConfig;
  /** How long to wait for another process that holds the file, in milliseconds; this one stands still. @default 5000 */
  readonly busyMs?: number;
}

/** What {@link sqliteStore} makes. */
export class SqliteStore extends BaseStore implements ChangeFeed {
  readonly #path: string;
  readonly #options: SqliteStoreOptions;
  #opening: Promise<SqliteFile> | undefined;
  #isClosed = false;
  /** Settles when the last batch that was begun is written. */
  #written: Promise<unknown> = Promise.resolve();

  constructor(path: string, options: SqliteStoreOptions = {}) {
    super();
    checkOptions(path, options);
    this.#path = path;
    this.#options = options;
  }

  override async batch<Op extends Operation[]>(operations: Op): Promise<OperationResults<Op>> {
    const batch = toBatch(operations);
    const { index } = this.#options;
    const ready = Promise.all([this.#open(), index ? embedBatch(index, batch, "sqlite") : NOTHING]);
    const before = this.#written;
    const run = async (): Promise<unknown[]> => {
      // Batches that write do so in the order in which they came, however long the embedding of each takes.
      const [[file, embedded]] = await Promise.all([ready, batch.writes.length > 0 ? before : undefined]);
      return this.#try(file, () => runBatch(file, batch, embedded, Array(operations.length).fill(null)));
    };
    const answers = run();
    if (batch.writes.length > 0) this.#written = answers.catch(() => {});
    return (await answers) as OperationResults<Op>;
  }

  async changes(prefix: readonly string[], since?: number): Promise<Changes> {
    const file = await this.#open();
    return this.#try(file, () => readChanges(file, prefix, since));
  }

  /** Opens the file, as the first use does; also after it was closed. */
  override async start(): Promise<void> {
    this.#isClosed = false;
    await this.#open();
  }

  override async stop(): Promise<void> {
    await this.close();
  }

  /** Waits for the writes that were begun, and closes the file. */
  async close(): Promise<void> {
    const opening = this.#opening;
    this.#isClosed = true;
    this.#opening = undefined;
    await this.#written;
    const file = await opening?.catch(() => undefined);
    file?.database.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #open(): Promise<SqliteFile> {
    if (this.#isClosed) return Promise.reject(closedError(this.#path));
    const { index, busyMs = BUSY_MS } = this.#options;
    this.#opening ??= openFile(this.#path, busyMs, index?.dims).catch((error: unknown) => {
      this.#opening = undefined;
      throw toStoreError(error, this.#path);
    });
    return this.#opening;
  }

  async #try<T>(file: SqliteFile, work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw file.database.open ? toStoreError(error, this.#path) : closedError(this.#path);
    }
  }
}

/**
 * LangGraph's long-term store in one SQLite file, which several processes of one machine may share. Whatever a call has
 * acknowledged survives a `kill -9`; when the machine itself loses power, the last moments may be lost, and the file
 * stays sound. Opened, and its folder made, at first use.
 *
 * A search without a query finds items in the order in which they were first put.
 *
 * @param path on a local disk, as SQLite's locks do not hold on a network's; `:memory:` for one that ends with the process
 * @throws BatonError `CONFIG_INVALID`, or from any use `STORE`: the file is locked, damaged, read-only, full or closed
 * @example
 * ```ts
 * await using store = sqliteStore("data/memory.db");
 * await store.put(["users", "ann"], "tea", { text: "Ann drinks green tea" });
 * ```
 */
export function sqliteStore(path: string, options: SqliteStoreOptions = {}): SqliteStore {
  return new SqliteStore(path, options);
}

function checkOptions(path: unknown, { index, busyMs = BUSY_MS }: SqliteStoreOptions): void {
  const isCount = (value: number, from: number): boolean => Number.isInteger(value) && value >= from;
  const faults = [
    // SQLite takes an empty name for a file that is gone when it is closed.
    typeof path === "string" && path !== "" ? [] : ["the path has to be text, such as 'data/memory.db'"],
    isCount(busyMs, 0) ? [] : ["busyMs has to be a whole number of milliseconds from 0"],
    index === undefined || isCount(index.dims, 1) ? [] : ["index.dims has to be a whole number from 1"],
  ].flat();
  if (faults.length > 0)
    throw new BatonError("CONFIG_INVALID", `sqliteStore(): ${faults.join("; ")}`, { data: { faults } });
}
