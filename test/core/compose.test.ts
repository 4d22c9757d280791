import { expect, test } from "vitest";
import { type Call, createCall, type Handler, type Middleware } from "../../src/core/call.js";
import { compose } from "../../src/core/compose.js";
import type { Result } from "../../src/core/result.js";

const call = createCall({ server: "s", tool: "t", args: {} });
const fine: Result = { content: [] };

function tracer(name: string, trace: string[]): Middleware {
  return async function wrap(call, next) {
    trace.push(`${name} in`);
    const result = await next(call);
    trace.push(`${name} out`);
    return result;
  };
}

test("compose() makes the first middleware the outermost", async () => {
  const trace: string[] = [];
  const handler = compose([tracer("a", trace), tracer("b", trace)], async () => {
    trace.push("handler");
    return fine;
  });
  expect(await handler(call)).toBe(fine);
  expect(trace).toEqual(["a in", "b in", "handler", "b out", "a out"]);
});

test("compose() of nothing is the handler itself", () => {
  const handler: Handler = async () => fine;
  expect(compose([], handler)).toBe(handler);
});

test("compose() lets a middleware answer without a call, call often, or change the call", async () => {
  const seen: Call[] = [];
  const handler: Handler = async (each) => {
    seen.push(each);
    return fine;
  };
  await compose([async () => fine], handler)(call);
  expect(seen).toHaveLength(0);
  await compose(
    [
      async (each, next) => {
        await next(each);
        return next({ ...each, args: { changed: true } });
      },
    ],
    handler,
  )(call);
  expect(seen).toEqual([call, { ...call, args: { changed: true } }]);
});

test("compose() keeps the names of middleware in a stack trace", async () => {
  const retryOnce: Middleware = async function retryOnce(each, next) {
    return await next(each);
  };
  const handler = compose([retryOnce], async () => {
    await Promise.resolve();
    throw new Error("broken");
  });
  const error = await handler(call).catch((error: unknown) => error as Error);
  expect((error as Error).stack).toContain("retryOnce");
});

test("compose() can be used for many calls at once", async () => {
  const handler = compose([(each, next) => next(each)], async ({ args }) => ({
    content: [],
    structuredContent: args.n,
  }));
  const results = await Promise.all(Array.from({ length: 50 }, (_, n) => handler({ ...call, args: { n } })));
  expect(results.map((result) => result.structuredContent)).toEqual(Array.from({ length: 50 }, (_, n) => n));
});
