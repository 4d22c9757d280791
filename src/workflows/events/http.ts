import { type Context, Hono } from "hono";
import type { Clock } from "../../core/clock.js";
import { isBatonError, reasonOf } from "../../core/errors.js";
import { readBody } from "./body.js";
import { isLoopback } from "./loopback.js";
import { type Refusal, refusalOf, refused, statusOf } from "./refusal.js";
import { readSignature, type Verify } from "./signature.js";
import type { Accepted, EventInput, EventLimits, EventNews } from "./types.js";

export interface EventsAppOptions {
  readonly take: (event: EventInput) => Promise<Accepted>;
  /** Undefined: unsigned, and for this machine alone. */
  readonly verify: Verify | undefined;
  readonly limits: Required<EventLimits>;
  readonly clock: Clock;
  readonly tell: (news: EventNews) => void;
  readonly isClosing: () => boolean;
}

/** What node's server adds to a request. */
interface Bindings {
  readonly incoming?: { readonly socket?: { readonly localAddress?: string } };
}

/** Most bodies that are read at a time, so that they cannot fill the memory. */
const MOST_READING = 64;

/** `POST /events` takes an event, `GET /health` says whether this process does. */
export function createEventsApp(options: EventsAppOptions): Hono {
  const { take, verify, limits, clock, tell, isClosing } = options;
  let reading = 0;

  async function receive({ req, env }: Context): Promise<Accepted> {
    if (isClosing()) throw closing();
    if (!/^application\/json\s*(;|$)/i.test(req.header("content-type") ?? ""))
      throw refused("wrong_content_type", "the body must be JSON: send it as content-type application/json");
    if (verify === undefined) checkLocal(req.raw, env as Bindings | undefined);
    // Before it takes a place: strangers must not shut out those who sign.
    else readSignature(req.raw.headers);
    if (reading >= MOST_READING)
      throw refused("overloaded", `${MOST_READING} requests are being read: send it again later`);
    reading++;
    let body: Buffer;
    try {
      body = await readBody(req.raw, { ...limits, clock });
    } finally {
      reading--;
    }
    verify?.(req.raw.headers, body);
    if (isClosing()) throw closing();
    return take({ ...parse(body), id: req.header("webhook-id") ?? "" });
  }

  return new Hono()
    .post("/events", async (context) => {
      const accepted = await receive(context);
      return context.json(accepted, accepted.status === "accepted" ? 202 : 200);
    })
    .all("/events", () => {
      throw refused("wrong_method", "events are sent with POST");
    })
    .get("/health", (context) =>
      isClosing() ? context.json({ status: "closing" }, 503) : context.json({ status: "ok" }),
    )
    .notFound((context) =>
      answer(context, refused("not_found", "there is nothing here: send events to /events"), "not_found"),
    )
    .onError((error, context) => {
      const refusal = isBatonError(error) ? refusalOf(error) : undefined;
      const id = context.req.header("webhook-id")?.slice(0, 256);
      tell({
        what: refusal === undefined ? "warning" : "refused",
        ...(id && { id }),
        detail: reasonOf(error),
      });
      if (refusal !== undefined) return answer(context, error, refusal);
      if (isBatonError(error, "STORE")) {
        // What the disk says is for the log, not for strangers.
        const said = refused("journal_unavailable", "the event could not be kept: send it again later");
        return answer(context, said, "journal_unavailable");
      }
      return context.json(
        { error: { code: "fault", message: "this is a fault of the endpoint: see its log" } },
        500,
      );
    });
}

function answer(context: Context, error: Error, refusal: Refusal): Response {
  const status = statusOf(refusal);
  const { retryAfterMs = 5000 } = isBatonError(error) ? (error.data as { retryAfterMs?: number }) : {};
  if (status === 429 || status === 503) context.header("retry-after", `${Math.ceil(retryAfterMs / 1000)}`);
  if (status === 405) context.header("allow", "POST");
  // What is left of the body is not read.
  if (status === 408 || status === 413) context.header("connection", "close");
  return context.json({ error: { code: refusal, message: error.message } }, status);
}

/** Without signatures the request itself must be from here: no other machine, and no page in a browser that pretends. */
function checkLocal(request: Request, env: Bindings | undefined): void {
  const address = env?.incoming?.socket?.localAddress;
  if (address !== undefined && isLoopback(address) && isLoopback(new URL(request.url).hostname)) return;
  const cure = "give this endpoint secrets, or send from this machine to 127.0.0.1";
  throw refused("bad_signature", `unsigned events are taken on a loopback address only: ${cure}`);
}

function parse(body: Buffer): Omit<EventInput, "id"> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw refused("malformed", "the body is not valid JSON in UTF-8: correct the sender");
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const { type, timestamp, data } = value as Readonly<Record<string, unknown>>;
    // Of the right types or refused by who takes it.
    return { type, ...(timestamp !== undefined && { timestamp }), data } as Omit<EventInput, "id">;
  }
  throw refused(
    "malformed",
    'the body is no object: send { "type": "...", "timestamp": "...", "data": { } }',
  );
}

function closing(): Error {
  return refused("closing", "this endpoint is being closed: send it again later");
}
