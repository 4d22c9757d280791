import { isJSONRPCResultResponse, type JSONRPCMessage } from "@modelcontextprotocol/client";
import type { Clock } from "../core/clock.js";
import { createFloodGate, type FloodGate } from "./flood.js";
import { findImplausible } from "./plausible.js";
import { foreignCode, invalid, malformed, oversize, type WireFault } from "./wire-codes.js";

/** How long requests may still be answered after something that may have been the answer to one of them. */
const SUSPECT_MS = 1000;
/** Requests that are remembered; more at once on one connection are no case to be kept apart. */
const MOST_WAITING = 100_000;
/** How much of either end of a text is looked at. */
const LOOKED_AT = 1024;

type Id = string | number;

export interface InboundOptions {
  readonly clock: Clock;
  /** Of all pages of a list together; of one answer it is the transport's to see to. */
  readonly maxBytes: number;
  /** Hands a message to the SDK. */
  readonly deliver: (message: JSONRPCMessage) => void;
  /** The server sends more notifications than are read; called once. Must not throw. */
  readonly onFlood: () => void;
}

/**
 * Looks at everything that arrives over one connection before the SDK does. The SDK drops an answer that is not quite
 * JSON-RPC, and its request then waits for its timeout: here it fails at once. A flood of notifications is cut off.
 */
export class Inbound {
  readonly #options: InboundOptions;
  readonly #flood: FloodGate;
  /** Requests without an answer, and of which list it is a further page. */
  readonly #waiting = new Map<Id, string | undefined>();
  /** Sizes of the lists that are being read. */
  readonly #listed = new Map<string, number>();
  readonly #suspected = new Set<Id>();
  readonly #timers = new Set<() => void>();

  constructor(options: InboundOptions) {
    this.#options = options;
    this.#flood = createFloodGate(options);
  }

  /** Every message that is sent goes by here, so that its answer is known when it comes. */
  sent(message: JSONRPCMessage): void {
    if (!("method" in message)) return;
    if (!("id" in message)) {
      // Given up: its answer, should it come, is nobody's.
      if (message.method === "notifications/cancelled") this.withdraw(message.params?.requestId as Id);
      return;
    }
    // A subscription is answered when it ends, so it is not waiting for anything.
    if (message.method === "subscriptions/listen") return;
    const list = message.method.endsWith("/list") ? message.method : undefined;
    if (list !== undefined && message.params?.cursor === undefined) this.#listed.set(list, 0);
    this.#waiting.set(message.id, list);
    if (this.#waiting.size > MOST_WAITING) this.withdraw(this.#waiting.keys().next().value as Id);
  }

  /** A request that was not sent after all, or that failed in another way. False when it was answered before. */
  withdraw(id: Id): boolean {
    this.#suspected.delete(id);
    return this.#waiting.delete(id);
  }

  /** True for the text of a notification that is one too many: it is not worth parsing. */
  skips(text: string): boolean {
    return this.#flood.isOpen ? false : this.#flood.refusesText(text);
  }

  /**
   * What the SDK is to have of a parsed message: the message, an error in place of a broken answer, or nothing.
   *
   * @param size length of its text
   */
  accept(value: unknown, size = 0): JSONRPCMessage | undefined {
    if (!isRecord(value)) return undefined;
    const isAnswer = "result" in value || "error" in value;
    if (typeof value.method === "string" && !isAnswer) {
      return this.#flood.refuses(value.method) ? undefined : (value as unknown as JSONRPCMessage);
    }
    if (!isAnswer && !("jsonrpc" in value)) return undefined;
    const id = idOf(value.id);
    if (id === undefined) {
      this.#suspect();
      return undefined;
    }
    // Too late, twice, or never asked for; text is how the SDK numbers what it keeps to itself.
    const list = this.#waiting.get(id);
    if (!this.withdraw(id)) return typeof id === "string" ? (value as unknown as JSONRPCMessage) : undefined;
    if (list !== undefined && this.#isTooLong(list, size))
      return errorResponse(id, oversize(this.#options.maxBytes));
    const response = toResponse(id, value);
    if (response === undefined) return errorResponse(id, malformed("the answer is not valid JSON-RPC"));
    const problem = isRecord(value.result) ? findImplausible(value.result) : undefined;
    return problem === undefined
      ? response
      : errorResponse(id, invalid(`the answer is not a valid MCP result: ${problem}`));
  }

  /** Text that is no JSON. What looks like a message may have been an answer; anything else is none of ours. */
  garbled(text: string): void {
    const head = text.slice(0, LOOKED_AT);
    const tail = text.slice(-LOOKED_AT);
    if (!looksLikeMessage(head) && !tail.includes('"jsonrpc"')) return;
    this.lost(head, tail, malformed("the answer is not valid JSON"));
  }

  /** An answer that was dropped, by what was seen of its two ends. */
  lost(head: string, tail: string, fault: WireFault): void {
    const id = findId(head, tail);
    if (id !== undefined && this.#waiting.has(id)) this.fail(id, fault);
    else if (!isNotification(head)) this.#suspect();
  }

  /** Fails a request that still waits. */
  fail(id: Id, fault: WireFault): void {
    const response = this.failure(id, fault);
    if (response) this.#options.deliver(response);
  }

  /** The answer that fails a request; undefined when it does not wait any more. */
  failure(id: Id, fault: WireFault): JSONRPCMessage | undefined {
    return this.withdraw(id) ? errorResponse(id, fault) : undefined;
  }

  close(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#waiting.clear();
    this.#flood.close();
  }

  #isTooLong(list: string, size: number): boolean {
    const total = (this.#listed.get(list) ?? 0) + size;
    this.#listed.set(list, total);
    return total > this.#options.maxBytes;
  }

  /** One of those that wait has lost its answer, and nobody knows which: those that it was not are answered soon. */
  #suspect(): void {
    const ids = [...this.#waiting.keys()].filter((id) => !this.#suspected.has(id));
    if (ids.length === 0) return;
    for (const id of ids) this.#suspected.add(id);
    const cancel = this.#options.clock.after(SUSPECT_MS, () => {
      this.#timers.delete(cancel);
      const fault = malformed("something came that may have been the answer and could not be read");
      for (const id of ids) if (this.#suspected.has(id)) this.fail(id, fault);
    });
    this.#timers.add(cancel);
  }
}

/** True for the start of a text that was meant as a notification. */
export function isNotification(head: string): boolean {
  return /^[^{]{0,16}\{[^{]{0,200}"method"\s*:\s*"notifications\//.test(head);
}

/** Objects that programs print for people have no quotes around their first key. */
function looksLikeMessage(head: string): boolean {
  return /^\s*\{\s*"/.test(head) || head.includes('"jsonrpc"');
}

/** The id of a message that cannot be parsed stands near one end of it, at its top level. */
function findId(head: string, tail: string): Id | undefined {
  const found =
    /^[^{]{0,16}\{[^{]{0,60}?"id"\s*:\s*(\d{1,15})(?=\s*[,}])/.exec(head) ??
    /"id"\s*:\s*(\d{1,15})\s*\}\s*$/.exec(tail);
  return found?.[1] === undefined ? undefined : Number(found[1]);
}

/** Our own ids are numbers; several servers send them back as text. */
function idOf(id: unknown): Id | undefined {
  if (typeof id === "number") return Number.isSafeInteger(id) ? id : undefined;
  if (typeof id !== "string") return undefined;
  return /^\d{1,15}$/.test(id) ? Number(id) : id;
}

/** The answer as the SDK takes it, without what it would refuse to see; undefined when it is no answer. */
function toResponse(id: Id, value: Readonly<Record<string, unknown>>): JSONRPCMessage | undefined {
  const { jsonrpc, result, error } = value;
  // Servers of several languages write null for what they have not.
  if (jsonrpc !== "2.0" || (result == null) === (error == null)) return undefined;
  if (isRecord(result)) {
    const isPlain = value.id === id && Object.keys(value).length === 3;
    const message = (isPlain ? value : { jsonrpc, id, result }) as JSONRPCMessage;
    return result._meta === undefined || isJSONRPCResultResponse(message) ? message : undefined;
  }
  if (!isRecord(error) || !Number.isSafeInteger(error.code) || typeof error.message !== "string")
    return undefined;
  const { code, message, data } = error as { code: number; message: string; data?: unknown };
  return { jsonrpc, id, error: { code: foreignCode(code), message, ...(data != null && { data }) } };
}

function errorResponse(id: Id, { code, message, data }: WireFault): JSONRPCMessage {
  return { jsonrpc: "2.0", id, error: { code, message, ...(data && { data }) } };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
