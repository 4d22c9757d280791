import type { JSONRPCMessage, JSONRPCNotification, JSONRPCRequest } from "@modelcontextprotocol/client";
import { canonicalJson } from "../core/canonical.js";
import type { RecordedMessage } from "./recording.js";

/** The key under which the protocol says to which subscription a notification belongs. */
export const SUBSCRIPTION_ID = "io.modelcontextprotocol/subscriptionId";

/** One recorded request and all that came for it. */
export interface Exchange {
  readonly request: JSONRPCRequest;
  /** Progress of this request, and what else came before its answer, in order. */
  before: readonly JSONRPCNotification[];
  answer?: JSONRPCMessage;
  /** What came after the last answer of all. */
  after: readonly JSONRPCNotification[];
  /** What opened a subscription, which is not answered until it ends. */
  acknowledged?: JSONRPCNotification;
  played: boolean;
}

/** One server's side of a recording. */
export interface Tape {
  /** The n-th of the equal requests gets the n-th exchange, and the last one from then on. */
  next(request: JSONRPCRequest): Exchange | undefined;
}

interface Heard {
  readonly at: number;
  readonly notification: JSONRPCNotification;
}

/** Requests of which there is one kind: what they carry tells of this package's version. */
const MATCHED_BY_METHOD = ["initialize", "server/discover"];

export function createTape(recorded: readonly RecordedMessage[]): Tape {
  const exchanges = collect(recorded);
  const byKey = new Map<string, Exchange[]>();
  for (const exchange of exchanges) {
    const key = keyOf(exchange.request);
    byKey.set(key, [...(byKey.get(key) ?? []), exchange]);
  }
  const used = new Map<string, number>();
  return {
    next(request) {
      const key = keyOf(request);
      const equal = byKey.get(key) ?? [];
      const index = used.get(key) ?? 0;
      used.set(key, index + 1);
      return equal[Math.min(index, equal.length - 1)];
    },
  };
}

function collect(recorded: readonly RecordedMessage[]): Exchange[] {
  const exchanges: Exchange[] = [];
  const waiting = new Map<unknown, Exchange>();
  const progress = new Map<Exchange, Heard[]>();
  let pending: Heard[] = [];
  let last: Exchange | undefined;
  for (const [at, { direction, message }] of recorded.entries()) {
    if (direction === "sent") {
      if (!isRequest(message)) continue;
      const exchange: Exchange = { request: message, before: [], after: [], played: false };
      exchanges.push(exchange);
      waiting.set(message.id, exchange);
    } else if ("method" in message) {
      // A server's own requests are not played: there is nobody to take the answer.
      if (isRequest(message) || message.method === "notifications/cancelled") continue;
      const opened = waiting.get(subscriptionOf(message));
      const owner = ownerOf(message, waiting);
      if (message.method === "notifications/subscriptions/acknowledged") {
        if (opened) opened.acknowledged = message;
      } else if (owner) {
        progress.set(owner, [...(progress.get(owner) ?? []), { at, notification: message }]);
      } else {
        pending.push({ at, notification: message });
      }
    } else {
      const exchange = waiting.get(message.id);
      if (exchange === undefined) continue;
      waiting.delete(message.id);
      exchange.answer = message;
      const heard = [...(progress.get(exchange) ?? []), ...pending].sort((a, b) => a.at - b.at);
      exchange.before = heard.map(({ notification }) => notification);
      pending = [];
      last = exchange;
    }
  }
  if (last) last.after = pending.map(({ notification }) => notification);
  return exchanges;
}

function keyOf({ method, params }: JSONRPCRequest): string {
  if (MATCHED_BY_METHOD.includes(method)) return method;
  const { _meta, ...rest } = params ?? {};
  return `${method} ${canonicalJson(rest)}`;
}

export function isRequest(message: JSONRPCMessage): message is JSONRPCRequest {
  return "method" in message && "id" in message;
}

/** The request whose progress this is. */
function ownerOf(
  { params }: JSONRPCNotification,
  waiting: ReadonlyMap<unknown, Exchange>,
): Exchange | undefined {
  const token = progressTokenOf(params);
  if (token === undefined) return undefined;
  return [...waiting.values()].find(({ request }) => request.params?._meta?.progressToken === token);
}

export function progressTokenOf(params: object | undefined): unknown {
  return (params as { progressToken?: unknown } | undefined)?.progressToken;
}

export function subscriptionOf({ params }: JSONRPCNotification): unknown {
  return params?._meta?.[SUBSCRIPTION_ID];
}
