import { describe, expect, test } from "vitest";
import type { Middleware } from "../../src/core/call.js";
import type { Clock } from "../../src/core/clock.js";
import { compose } from "../../src/core/compose.js";
import { isBatonError } from "../../src/core/errors.js";
import { laws, obeysLaws } from "./laws.js";

describe("the laws hold", () => {
  const pass: Middleware = (call, next) => next(call);
  obeysLaws("the empty middleware", () => pass);
  obeysLaws("a composition", () => (call, next) => compose([pass, pass], next)(call));
  obeysLaws("a middleware that waits and tries again", (clock) => async (call, next) => {
    try {
      return await next(call);
    } catch (error) {
      if (!isBatonError(error) || !error.retryable) throw error;
      await clock.sleep(1000, call.signal);
      return next(call);
    }
  });
  obeysLaws("a middleware with a timer", (clock) => async (call, next) => {
    const cancel = clock.after(1000, () => {});
    try {
      return await next(call);
    } finally {
      cancel();
    }
  });
});

describe("each law catches who breaks it", () => {
  const breakers: Record<string, (clock: Clock) => Middleware> = {
    "a healthy result comes back unchanged": () => async (call, next) => ({
      ...(await next(call)),
      content: [],
    }),
    "an interrupt passes by identity": () => async (call, next) => {
      try {
        return await next(call);
      } catch (error) {
        throw new Error("wrapped", { cause: error });
      }
    },
    "the caller's abort is passed on and settles the call at once": () => (call, next) => {
      const { signal: _, ...rest } = call;
      return next(rest);
    },
    "an abort while the middleware waits settles the call at once and leaves nothing behind":
      (clock) => async (call, next) => {
        try {
          return await next(call);
        } catch {
          // Deaf to the signal.
          await clock.sleep(1000);
          return next(call);
        }
      },
    "a frozen call is never mutated": () => (call, next) => {
      (call.args as Record<string, unknown>).query = "changed";
      return next(call);
    },
    "a handler that throws at once is a failure like any other": (clock) => (call, next) => {
      const cancel = clock.after(1000, () => {});
      return next(call).finally(cancel);
    },
    "whatever bubbles up to LangGraph passes by identity": () => async (call, next) => {
      try {
        return await next(call);
      } catch (error) {
        if ((error as Error).name === "GraphInterrupt") throw error;
        throw new Error("wrapped", { cause: error });
      }
    },
    "no timer and no listener is left behind": (clock) => (call, next) => {
      clock.after(1000, () => {});
      return next(call);
    },
  };
  test.each(Object.keys(laws))("%s", async (law) => {
    const breaker = breakers[law];
    expect(breaker, "a law without a breaker").toBeDefined();
    if (breaker) await expect(laws[law]?.(breaker)).rejects.toThrow();
  });
});
