import { setMaxListeners } from "node:events";
import type { FetchLike, JSONRPCMessage } from "@modelcontextprotocol/client";
import type { Clock } from "../core/clock.js";
import { filterEvents } from "./event-stream.js";
import { type Inbound, isNotification } from "./inbound.js";
import { retryAfterMs } from "./retry-after.js";
import { malformed, oversize, wireError } from "./wire-codes.js";

/** How much is read of what nobody needs more of than a few words: the body of a refusal. */
const MOST_OF_A_REFUSAL = 64 * 1024;

export interface HttpAnswerOptions {
  readonly inbound: Inbound;
  readonly maxBytes: number;
  readonly clock: Clock;
  /** HTTP+SSE: one stream carries every answer, and the body of a refusal would be quoted by the SDK. */
  readonly isSse: boolean;
}

/**
 * `fetch` for one connection, whose answers are bounded and are MCP. Bytes are counted after decompression. The methods of
 * each response that the SDK reads are replaced, so that it never holds more than the limit.
 */
export function createHttpFetch(options: HttpAnswerOptions): FetchLike {
  return async function fetchWithinLimits(url, init) {
    // Every request of a transport listens to one signal: many at once are no leak, whatever Node's default says.
    if (init?.signal) setMaxListeners(0, init.signal);
    const response = await fetch(url, init);
    const id = requestId(init);
    if (!response.ok) return refused(response, init, options);
    if (id !== undefined && response.status === 202 && !options.isSse) {
      await drain(response);
      throw wireError(malformed("the request was accepted without an answer (HTTP 202)"));
    }
    const type = response.headers.get("content-type") ?? "";
    if (/^\s*text\/event-stream/i.test(type)) bindEvents(response, id, init, options);
    else bindJson(response, id, options);
    return response;
  };
}

/** The error of a request that was refused with a status of HTTP; nothing of its body is kept. */
class RefusedError extends Error {
  readonly data: { readonly status: number; readonly retryAfterMs?: number };

  constructor(
    readonly status: number,
    waitMs: number | undefined,
  ) {
    super(`HTTP ${status}`);
    this.data = { status, ...(waitMs !== undefined && { retryAfterMs: waitMs }) };
  }
}

async function refused(
  response: Response,
  init: RequestInit | undefined,
  { clock, isSse }: HttpAnswerOptions,
): Promise<Response> {
  const { status } = response;
  const isBusy = status === 429 || status === 503;
  const waitMs = isBusy ? retryAfterMs(response.headers.get("retry-after"), clock.now()) : undefined;
  if (init?.method === "POST" && (waitMs !== undefined || (isSse && status >= 400))) {
    await drain(response);
    throw new RefusedError(status, waitMs);
  }
  return Object.assign(response, { text: () => readText(response, MOST_OF_A_REFUSAL, "cut") });
}

function bindJson(
  response: Response,
  id: number | undefined,
  { inbound, maxBytes }: HttpAnswerOptions,
): void {
  const text = () => readText(response, MOST_OF_A_REFUSAL, "cut");
  const json = async (): Promise<unknown> => {
    const body = await readText(response, maxBytes, "refuse");
    // What is no answer of MCP is somebody else's to judge: an authorization server's, for example.
    if (id === undefined) return JSON.parse(body);
    const messages = parseAnswer(body).flatMap((value) => inbound.accept(value, body.length) ?? []);
    if (!messages.some((message) => "id" in message && message.id === id)) {
      throw wireError(malformed("the answer is not that of the request"));
    }
    return messages;
  };
  Object.assign(response, { text, json });
}

function parseAnswer(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [value];
  } catch {
    throw wireError(malformed("the answer is not valid JSON"));
  }
}

function bindEvents(
  response: Response,
  id: number | undefined,
  init: RequestInit | undefined,
  { inbound, maxBytes, isSse }: HttpAnswerOptions,
): void {
  const { body } = response;
  if (body === null) return;
  // Answers come over the stream of their request, over one that resumes it, or over the only one that there is.
  const carriesAnswers = isSse || id !== undefined || new Headers(init?.headers).has("last-event-id");
  const failure = (request: number, problem: string): string | undefined =>
    toText(inbound.failure(request, malformed(problem)));
  const events = filterEvents(body, maxBytes, {
    onData(data) {
      if (inbound.skips(data)) return undefined;
      let value: unknown;
      try {
        value = JSON.parse(data);
      } catch {
        if (id !== undefined)
          return isNotification(data) ? undefined : failure(id, "the answer is not valid JSON");
        if (carriesAnswers) inbound.garbled(data);
        return undefined;
      }
      const message = inbound.accept(value, data.length);
      return message === value ? data : toText(message);
    },
    onLimit: (head) =>
      id === undefined || isNotification(head) ? undefined : toText(inbound.failure(id, oversize(maxBytes))),
    onOversize: (head, tail) => {
      if (carriesAnswers) inbound.lost(head, tail, oversize(maxBytes));
    },
  });
  Object.defineProperty(response, "body", { value: events });
}

function toText(message: JSONRPCMessage | undefined): string | undefined {
  return message === undefined ? undefined : JSON.stringify(message);
}

/** The id of the request that is sent; undefined for a notification, and for what is no message of ours. */
function requestId(init: RequestInit | undefined): number | undefined {
  if (init?.method !== "POST" || typeof init.body !== "string" || !init.body.startsWith("{"))
    return undefined;
  // So the SDK writes a request: to parse it again would cost as much as to write it.
  const found = init.body.startsWith('{"method":') ? /"id":(\d+)\}$/.exec(init.body.slice(-32)) : null;
  if (found) return Number(found[1]);
  const { id, method } = JSON.parse(init.body) as { id?: unknown; method?: unknown };
  return typeof id === "number" && typeof method === "string" ? id : undefined;
}

/** Reads what is left, so that the connection can be used again; a long rest is not waited for. */
async function drain(response: Response): Promise<void> {
  await readText(response, MOST_OF_A_REFUSAL, "cut").catch(() => {});
}

/** The text of a body; one over the limit is refused, or cut. The rest is not read. */
async function readText(response: Response, maxBytes: number, over: "cut" | "refuse"): Promise<string> {
  const refuse = over === "refuse" && Number(response.headers.get("content-length")) > maxBytes;
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = refuse ? { done: true, value: undefined } : await reader.read();
    if (done) break;
    bytes += value.byteLength;
    if (bytes > maxBytes) break;
    chunks.push(value);
  }
  if (refuse || bytes > maxBytes) {
    reader.cancel().catch(() => {});
    if (over === "refuse") throw wireError(oversize(maxBytes));
  }
  const only = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
  return new TextDecoder().decode(only);
}
