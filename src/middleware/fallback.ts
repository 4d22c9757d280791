import type { Call, Middleware } from "../core/call.js";
import { BatonError, isBatonError } from "../core/errors.js";
import { type Result, withObtained } from "../core/result.js";
import { checkOptions } from "../core/settings.js";
import { redirected } from "./shared/redirected.js";

export interface FallbackOptions {
  /** Another tool with the same arguments: `server.tool`, or `server.*` for the tool of the same name there. */
  readonly to?: string;
  /** A given answer, as text. */
  readonly result?: string;
  /** Decides for itself; undefined lets the error pass. Wins over the others. */
  readonly choose?: (call: Call, error: BatonError) => Call | Result | undefined;
}

/** What the caller did wrong, what a person or a rule decided, and what must not be hidden never falls back. */
const FALLS_BACK: ReadonlySet<string> = new Set([
  "NOT_CONNECTED",
  "CONNECT_FAILED",
  "PROTOCOL",
  "TIMEOUT",
  "RATE_LIMITED",
  "CIRCUIT_OPEN",
  "OVERLOADED",
  "INVALID_RESULT",
  "RESULT_TOO_LARGE",
  "UPSTREAM",
]);

/**
 * Another tool, another server or a given answer when a call has failed. Place it outside of `permit`, so that the
 * other tool is allowed for itself. Does nothing after a possible effect that must not happen twice: there the error
 * is the truth. The result says `obtained.server` and `obtained.tool` of another that answered, `obtained.fallback` for a
 * given answer.
 *
 * @throws {BatonError} the call's own error when there is no other way; what the other way failed with, caused by it;
 *   `CONFIG_INVALID` when `to` is not of the form `server.tool`
 * @example
 * ```ts
 * const tools = await loadTools(servers, { use: [fallback({ to: "mirror.*" }), retry()] });
 * ```
 */
export function fallback(options: FallbackOptions): Middleware {
  checkOptions("fallback", options);
  const choose = options.choose ?? chooser(options);
  return async function fallingBack(call, next) {
    try {
      return await next(call);
    } catch (error) {
      if (!isBatonError(error) || !FALLS_BACK.has(error.code)) throw error;
      // No key or hint makes it safe to do on another server what may have been done on this one.
      if (error.effect !== "none" && call.hints.readOnly !== true) throw error;
      const other = choose(call, error);
      if (other === undefined) throw error;
      if ("content" in other) return withObtained(other, { fallback: true });
      const { server, tool } = other;
      try {
        // Whoever chose: the list of what the agent may use goes along.
        return withObtained(await next({ ...other, allowlist: call.allowlist }), {
          ...(server !== call.server && { server }),
          ...(tool !== call.tool && { tool }),
        });
      } catch (second) {
        throw isBatonError(second) ? both(error, second) : second;
      }
    }
  };
}

function chooser({ to, result }: FallbackOptions): (call: Call) => Call | Result | undefined {
  if (to === undefined) {
    const given: Result | undefined =
      result === undefined ? undefined : { content: [{ type: "text", text: result }] };
    return () => given;
  }
  const dot = to.indexOf(".");
  const [server, tool] = [to.slice(0, dot), to.slice(dot + 1)];
  if (dot < 1 || tool === "") {
    const problem = `fallback(): ${JSON.stringify(to)} is not of the form server.tool: write 'mirror.search' or 'mirror.*'`;
    throw new BatonError("CONFIG_INVALID", problem, { data: { part: "fallback", to } });
  }
  return (call) => redirected(call, server, tool === "*" ? call.tool : tool);
}

/** The second failure, with the first as its cause: both are needed to see what happened. */
function both(first: BatonError, second: BatonError): BatonError {
  const message = `${second.message} (after: ${first.message})`;
  const { code, retryable, data } = second;
  const effect = first.effect === "possible" ? "possible" : second.effect;
  return new BatonError(code, message, { cause: first, retryable, effect, data });
}
