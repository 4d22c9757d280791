import type { ChromaClient } from "chromadb";
import type { Clock } from "../../../core/clock.js";
import { BatonError } from "../../../core/errors.js";
import type { ChromaAddress, ChromaConnection } from "./connection.js";
import { isDisconnected, type RequestKind, Silence, toStoreError } from "./error.js";

/** What is used of a client, with the types of the package `chromadb`. */
export type ChromaRequests = Pick<
  ChromaClient,
  "collection" | "getCollection" | "getMaxBatchSize" | "getOrCreateCollection" | "listCollections"
>;

/**
 * Runs one request within the time limit.
 *
 * @param what ends the sentence "the server could not"
 * @throws BatonError `STORE`
 */
export type Send = <T>(
  what: string,
  kind: RequestKind,
  use: (connection: ChromaRequests) => Promise<T>,
) => Promise<T>;

/** The client takes an abort signal only when it is made, so each request under way has one of its own. */
interface Lane {
  readonly connection: ChromaRequests;
  readonly abort: () => void;
  uses: number;
}

/** A signal keeps a listener of each request until these are collected; Node warns at 1,500. */
const MAX_USES = 100;
const LATE = 1.25;

/**
 * How the server is talked to. A request that is given up is also taken off the wire, unless the client is the
 * caller's own. All of them can be repeated, and are once when the connection fails: one that was kept open since the
 * last request fails like this after a restart of the server.
 */
export function createSend(
  server: ChromaAddress | { readonly client: ChromaConnection },
  timeoutMs: number,
  clock: Clock,
): Send {
  const idle: Lane[] = [];

  return async function send(what, kind, use) {
    const lane = idle.pop() ?? (await openLane(server));
    let isOver = false;
    try {
      const answer = await within(clock, timeoutMs, async () => {
        try {
          return await use(lane.connection);
        } catch (error) {
          // One that was given up is not sent again behind the caller's back, over what was written since.
          if (isOver || !isDisconnected(error)) throw error;
          return await use(lane.connection);
        }
      });
      if (++lane.uses < MAX_USES) idle.push(lane);
      return answer;
    } catch (error) {
      isOver = true;
      // Whatever may still be on its way.
      lane.abort();
      throw toStoreError(error, what, kind);
    }
  };
}

async function openLane(server: ChromaAddress | { readonly client: ChromaConnection }): Promise<Lane> {
  if ("client" in server) return { connection: server.client as ChromaRequests, abort: () => {}, uses: 0 };
  const { ChromaClient } = await loadPackage();
  const { protocol, hostname, port } = new URL(server.url);
  const ssl = protocol === "https:";
  const abort = new AbortController();
  const connection = new ChromaClient({
    ssl,
    host: hostname,
    port: port === "" ? (ssl ? 443 : 80) : Number(port),
    tenant: server.tenant ?? "default_tenant",
    database: server.database ?? "default_database",
    fetchOptions: { signal: abort.signal },
    ...(server.headers && { headers: { ...server.headers } }),
  });
  return { connection, abort: () => abort.abort(), uses: 0 };
}

/** An optional package, and loaded here, so that who never uses the store needs none. */
async function loadPackage(): Promise<typeof import("chromadb")> {
  try {
    return await import("chromadb");
  } catch (cause) {
    const fault = "the package 'chromadb' cannot be loaded: npm install chromadb";
    throw new BatonError("CONFIG_INVALID", `chromaStore(): ${fault}`, { cause, data: { faults: [fault] } });
  }
}

function within<T>(clock: Clock, timeoutMs: number, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let cancel = (): void => {};
    const wait = (canExtend: boolean): void => {
      const startedAt = clock.now();
      cancel = clock.after(timeoutMs, () => {
        // A timer that is late itself says that this process was busy: the answer may lie there unread.
        if (canExtend && clock.now() - startedAt > LATE * timeoutMs) wait(false);
        else reject(new Silence(timeoutMs));
      });
    };
    wait(true);
    work()
      .then(resolve, reject)
      .finally(() => cancel());
  });
}
