import { setImmediate as nextTurn } from "node:timers/promises";
import type {
  JSONRPCMessage,
  JSONRPCNotification,
  JSONRPCRequest,
  RequestId,
  Transport,
} from "@modelcontextprotocol/client";
import { readRecording } from "./recording.js";
import type { CustomConfig } from "./server-config.js";
import {
  createTape,
  type Exchange,
  isRequest,
  progressTokenOf,
  SUBSCRIPTION_ID,
  subscriptionOf,
  type Tape,
} from "./tape.js";

/** "Method not found": nothing ran, and nothing else will answer it. */
const UNKNOWN_CODE = -32601;

/**
 * The servers of a recording, which answer from it: no process, no network, no waiting. A request gets what was
 * recorded for the same method and parameters, the n-th equal one the n-th answer, and the last answer from then on.
 * One that was not recorded fails with `PROTOCOL` and says what is missing.
 *
 * @throws {BatonError} `CONFIG_INVALID` for a file that is no recording, with the number of the line
 * @example
 * ```ts
 * await using servers = await connect(replay("fixtures/run.jsonl"));
 * ```
 */
export function replay(file: string): readonly CustomConfig[] {
  const { servers, messages } = readRecording(file);
  return servers.map((name) => {
    const tape = createTape(messages.filter(({ server }) => server === name));
    const missing = (what: string): string =>
      `server '${name}': the recording '${file}' ${what}; record it anew with record()`;
    return {
      type: "custom",
      name,
      autoApprove: [],
      secrets: [],
      extension: {},
      open: () => new ReplayTransport(tape, missing),
    };
  });
}

class ReplayTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: NonNullable<Transport["onmessage"]>;

  readonly #tape: Tape;
  readonly #missing: (what: string) => string;
  /** Ids of open subscriptions by their recorded ones. */
  readonly #subscriptions = new Map<unknown, RequestId>();
  #closed = false;

  constructor(tape: Tape, missing: (what: string) => string) {
    this.#tape = tape;
    this.#missing = missing;
  }

  async start(): Promise<void> {}

  async send(message: JSONRPCMessage): Promise<void> {
    if (this.#closed) throw new Error("Not connected");
    if (isRequest(message)) void this.#answer(message);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.onclose?.();
  }

  async #answer(request: JSONRPCRequest): Promise<void> {
    await nextTurn();
    const { id, method } = request;
    const exchange = this.#tape.next(request);
    if (exchange === undefined) {
      if (method === "ping") return this.#deliver({ jsonrpc: "2.0", id, result: {} });
      return this.#fail(id, `holds no answer to ${describe(request)}`);
    }
    if (exchange.acknowledged) {
      this.#subscriptions.set(exchange.request.id, id);
      return this.#notify(exchange.acknowledged, request);
    }
    if (exchange.answer === undefined)
      return this.#fail(id, `ends before the answer to ${describe(request)}`);
    const isFirst = !exchange.played;
    exchange.played = true;
    for (const notification of exchange.before) {
      // Lists changed once; progress belongs to each request.
      if (!isFirst && !isProgressOf(notification, exchange)) continue;
      this.#notify(notification, request);
      // The SDK handles a notification one turn later than an answer.
      await nextTurn();
    }
    this.#deliver({ ...exchange.answer, id } as JSONRPCMessage);
    if (isFirst) for (const notification of exchange.after) this.#notify(notification, request);
  }

  /** Sends a notification under the ids of now. */
  #notify(notification: JSONRPCNotification, request: JSONRPCRequest): void {
    const params: Record<string, unknown> = { ...notification.params };
    if (params.progressToken !== undefined) {
      params.progressToken = request.params?._meta?.progressToken;
      // Nobody asked for it this time.
      if (params.progressToken === undefined) return;
    }
    const subscription = subscriptionOf(notification);
    if (subscription !== undefined) {
      const live = this.#subscriptions.get(subscription);
      if (live === undefined) return;
      params._meta = { ...notification.params?._meta, [SUBSCRIPTION_ID]: live };
    }
    this.#deliver({ ...notification, ...(notification.params && { params }) });
  }

  #fail(id: RequestId, what: string): void {
    this.#deliver({ jsonrpc: "2.0", id, error: { code: UNKNOWN_CODE, message: this.#missing(what) } });
  }

  #deliver(message: JSONRPCMessage): void {
    if (!this.#closed) this.onmessage?.(message);
  }
}

function isProgressOf({ params }: JSONRPCNotification, { request }: Exchange): boolean {
  const token = progressTokenOf(params);
  return token !== undefined && token === request.params?._meta?.progressToken;
}

function describe({ method, params = {} }: JSONRPCRequest): string {
  if (method === "tools/call") return `a call of the tool '${params.name}' with these arguments`;
  if (method === "prompts/get") return `the prompt '${params.name}' with these arguments`;
  if (method === "resources/read") return `the resource '${params.uri}'`;
  return `'${method}' with these parameters`;
}
