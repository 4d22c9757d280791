import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { BaseCheckpointSaver } from "@langchain/langgraph";
import type { Client, PoolClient } from "pg";
import { systemClock } from "../core/clock.js";
import { BatonError, reasonOf } from "../core/errors.js";
import { configInvalid, type Fault, throwFaults, unknownKeys } from "../core/faults.js";
import { toStoreError } from "../memory/stores/sqlite/error.js";

export interface ThreadsOptions {
  /**
   * How long one call of the store may take, in milliseconds: a Postgres that restarts is waited for, and so is a process
   * that keeps an SQLite file locked. 0 fails at once. @default 30_000
   */
  readonly patienceMs?: number;
  /** Postgres only: where the tables are; made when it is missing. @default "public" */
  readonly schema?: string;
  /** Postgres only: most connections at a time. @default 10 */
  readonly connections?: number;
}

/** What {@link openThreads} opens. */
export interface Threads extends AsyncDisposable {
  /** For `compile({ checkpointer })` of any graph. */
  readonly checkpointer: BaseCheckpointSaver;
  /** Ends the connections. A call that still waits for the database fails with `STORE`. */
  close(): Promise<void>;
}

const PATIENCE_MS = 30_000;
const CONNECTIONS = 10;
const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 1000;
/** SQLite waits inside the call, and this process stands still with it: the rest of the patience is waited outside. */
const BUSY_MS = 1000;
const SCHEMA = "public";
const CLOSED = "they are closed: call openThreads() again";
const LOCKED = "another process keeps the file locked: wait until it has finished, or raise patienceMs";
const OPTIONS: readonly (keyof ThreadsOptions)[] = ["patienceMs", "schema", "connections"];

/** The server ends, starts or is full; the way to it is broken. */
const LOST_CODES =
  /^(08...|57P0[123]|53300|ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN)$/;
/** What the client says of that without a code. */
const LOST_TEXTS =
  /^(Connection terminated|timeout e|Client has encountered a connection error|Client was closed)/;
/** A unique key, schema, table or row of the catalogue. */
const MADE_BY_ANOTHER = new Set(["23505", "42P06", "42P07", "XX000"]);

/**
 * Where threads, and with them runs of workflows, are kept: a LangGraph checkpointer over an SQLite file or over Postgres
 * that stays usable while the database restarts. All that a checkpointer does may be done twice, so a call that failed
 * because of the connection is repeated until `patienceMs` are over.
 *
 * @param location the path of a file on a local disk, or `sqlite:FILE`, or `:memory:`; or `postgres://USER:PASSWORD@HOST/DATABASE`,
 *   which needs the packages `pg` and `@langchain/langgraph-checkpoint-postgres`
 * @throws {BatonError} `CONFIG_INVALID`, or, here and from any use of the checkpointer, `STORE`: `retryable` when waiting
 *   longer may help
 * @example
 * ```ts
 * await using threads = await openThreads("data/threads.db");
 * const agent = createReact({ model: "openai:gpt-5", tools, graph: { checkpointer: threads.checkpointer } });
 * ```
 */
export async function openThreads(location: string, options: ThreadsOptions = {}): Promise<Threads> {
  checkOptions(location, options);
  const store = await (isPostgres(location)
    ? openPostgres(location, options)
    : openSqlite(location, options));
  const closing = new AbortController();
  const checkpointer = new PatientSaver(store, options.patienceMs ?? PATIENCE_MS, closing.signal);
  const close = async (): Promise<void> => {
    if (closing.signal.aborted) return;
    closing.abort();
    await store.close();
  };
  try {
    await checkpointer.setUp();
  } catch (error) {
    await close();
    throw error;
  }
  return { checkpointer, close, [Symbol.asyncDispose]: close };
}

/** One kind of database. */
interface Store {
  readonly saver: BaseCheckpointSaver;
  /** Makes the tables; harmless when they are there. */
  setUp(): Promise<unknown>;
  /** Whether the same call may succeed in a moment. */
  isPassing(error: unknown): boolean;
  /** What the database threw, as a `STORE` error; anything else as it is. */
  toError(error: unknown): unknown;
  /** Where it is, for messages: without a password. */
  readonly name: string;
  close(): Promise<void>;
}

/** Hands every call on to a saver, again when it failed for a reason that passes. */
class PatientSaver extends BaseCheckpointSaver {
  readonly #store: Store;
  readonly #patienceMs: number;
  readonly #closing: AbortSignal;

  constructor(store: Store, patienceMs: number, closing: AbortSignal) {
    super(store.saver.serde);
    this.#store = store;
    this.#patienceMs = patienceMs;
    this.#closing = closing;
  }

  setUp(): Promise<unknown> {
    return this.#run(() => this.#store.setUp());
  }
  override getTuple(...given: Parameters<BaseCheckpointSaver["getTuple"]>) {
    return this.#run(() => this.#store.saver.getTuple(...given));
  }
  override async *list(...given: Parameters<BaseCheckpointSaver["list"]>) {
    // Both savers ask the database once, before the first one.
    const { tuples, first } = await this.#run(async () => {
      const asked = this.#store.saver.list(...given);
      return { tuples: asked, first: await asked.next() };
    });
    if (first.done) return;
    yield first.value;
    yield* tuples;
  }
  override put(...given: Parameters<BaseCheckpointSaver["put"]>) {
    return this.#run(() => this.#store.saver.put(...given));
  }
  override putWrites(...given: Parameters<BaseCheckpointSaver["putWrites"]>) {
    return this.#run(() => this.#store.saver.putWrites(...given));
  }
  override deleteThread(...given: Parameters<BaseCheckpointSaver["deleteThread"]>) {
    return this.#run(() => this.#store.saver.deleteThread(...given));
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    const until = systemClock.now() + this.#patienceMs;
    for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(2 * delayMs, LONGEST_DELAY_MS)) {
      this.#throwIfClosed();
      try {
        return await work();
      } catch (error) {
        this.#throwIfClosed();
        const isOver = systemClock.now() + delayMs > until;
        if (isOver || !this.#store.isPassing(error)) throw this.#store.toError(error);
      }
      // Half of it by chance, so that many processes do not come back at once.
      const jitteredMs = delayMs * (0.5 + 0.5 * systemClock.random());
      await systemClock.sleep(jitteredMs, this.#closing).catch(() => {});
    }
  }

  #throwIfClosed(): void {
    if (this.#closing.aborted) throw storeError(this.#store.name, CLOSED);
  }
}

async function openSqlite(location: string, { patienceMs = PATIENCE_MS }: ThreadsOptions): Promise<Store> {
  const path = pathOf(location);
  const { default: Sqlite } = await import("better-sqlite3");
  const { SqliteSaver } = await import("@langchain/langgraph-checkpoint-sqlite");
  const toError = (error: unknown): unknown =>
    isLocked(error) ? storeError(path, LOCKED, error, true) : toStoreError(error, path);
  try {
    if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true });
    const database = new Sqlite(path, { timeout: Math.min(patienceMs, BUSY_MS) });
    const saver = new SqliteSaver(database);
    const setUp = async (): Promise<void> => {
      database.pragma("journal_mode = WAL");
      // Of a step that is done there must be no doubt, also after a loss of power.
      database.pragma("synchronous = FULL");
      // Its first use makes the tables.
      await saver.getTuple({ configurable: { thread_id: "" } });
    };
    const close = async (): Promise<void> => void database.close();
    return { saver, setUp, name: path, isPassing: isLocked, toError, close };
  } catch (error) {
    throw toError(error);
  }
}

async function openPostgres(location: string, options: ThreadsOptions): Promise<Store> {
  const { patienceMs = PATIENCE_MS, connections = CONNECTIONS, schema = SCHEMA } = options;
  const longestMs = Math.max(patienceMs, LONGEST_DELAY_MS);
  const [{ default: postgres }, { PostgresSaver }] = await Promise.all([
    import("pg"),
    import("@langchain/langgraph-checkpoint-postgres"),
  ]).catch((error: unknown) => {
    const problem = `needs packages that cannot be loaded: npm install pg @langchain/langgraph-checkpoint-postgres (${reasonOf(error)})`;
    throw configInvalid("openThreads()", [{ path: "location", problem }]);
  });
  const pool = new postgres.Pool({
    connectionString: location,
    max: connections,
    connectionTimeoutMillis: longestMs,
    keepAlive: true,
    application_name: "langbaton",
  });
  // Without a listener a lost connection ends the process: of the pool while it is idle, of the client while it is used.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  // A connection without an answer is cut, so that who waits for it fails.
  const cancels = new WeakMap<PoolClient, () => void>();
  pool.on("acquire", (client) => {
    const cut = (): void => void (client as unknown as Client).end();
    cancels.set(client, systemClock.after(longestMs, cut));
  });
  pool.on("release", (_, client) => cancels.get(client)?.());
  const saver = new PostgresSaver(pool, undefined, { schema });
  const name = withoutSecrets(location);
  let isSetUp = false;
  return {
    saver,
    setUp: async () => {
      await saver.setup();
      isSetUp = true;
    },
    name,
    // Processes that make the tables at the same time get into each other's way.
    isPassing: (error) => isLost(error) || (!isSetUp && MADE_BY_ANOTHER.has(codeOf(error))),
    // The rest is what cannot be written as JSON.
    toError: (error) =>
      error instanceof TypeError ? error : storeError(name, adviceOn(error), error, isLost(error)),
    close: () => pool.end(),
  };
}

function isLocked(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error));
}

function isLost(error: unknown): boolean {
  return LOST_CODES.test(codeOf(error)) || LOST_TEXTS.test(reasonOf(error));
}

function adviceOn(error: unknown): string {
  // Node tells of a host with several addresses by a list without a text of its own.
  const [first = error] = error instanceof AggregateError ? error.errors : [];
  const advice = isLost(error)
    ? "the server cannot be reached or takes no more connections: see that it runs, or raise patienceMs"
    : "the server refused: check the location, and that this user may make tables there";
  return `${advice} (${reasonOf(first)})`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function storeError(name: string, advice: string, cause?: unknown, retryable = false): BatonError {
  return new BatonError("STORE", `threads in '${name}': ${advice}`, {
    cause,
    retryable,
    data: { store: isPostgres(name) ? "postgres" : "sqlite", location: name },
  });
}

const pathOf = (location: string): string => location.replace(/^sqlite:(\/\/)?/, "");
const isPostgres = (location: string): boolean => /^postgres(ql)?:/.test(location);

/** Parameters may hold a password, too. */
function withoutSecrets(location: string): string {
  const url = new URL(location);
  return `${url.protocol}//${url.username}${url.password ? ":***" : ""}${url.username ? "@" : ""}${url.host}${url.pathname}`;
}

function checkOptions(location: unknown, options: ThreadsOptions): void {
  const problem = locationProblem(location);
  const { patienceMs = PATIENCE_MS, connections = CONNECTIONS, schema = SCHEMA } = options;
  const faults: Fault[] = [...unknownKeys("", options, OPTIONS)];
  if (problem) faults.push({ path: "location", problem });
  if (!Number.isFinite(patienceMs) || patienceMs < 0)
    faults.push({ path: "patienceMs", problem: "must be a number of milliseconds from 0" });
  if (!Number.isInteger(connections) || connections < 1)
    faults.push({ path: "connections", problem: "must be a whole number from 1" });
  // It goes into statements as it is.
  if (typeof schema !== "string" || !/^[A-Za-z_]\w{0,62}$/.test(schema))
    faults.push({ path: "schema", problem: "must be a name of letters, digits and _, such as 'workflows'" });
  throwFaults("openThreads()", faults);
}

function locationProblem(location: unknown): string | undefined {
  const forms = "the path of a file, 'sqlite:FILE', ':memory:' or 'postgres://USER:PASSWORD@HOST/DATABASE'";
  if (typeof location !== "string") return `must be ${forms}`;
  if (isPostgres(location))
    return URL.canParse(location) ? undefined : "is no URL: write a password's special characters as %XX";
  const path = pathOf(location);
  if (path === "" || path.includes("\0")) return `must be ${forms}`;
  if (path.startsWith("~")) return "must have the home folder written out in place of ~";
  return /^(?!sqlite:)[a-z][\w+.-]+:/i.test(location) ? `must be ${forms}` : undefined;
}
