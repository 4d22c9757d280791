import { describe, expect, test } from "vitest";
import { type Call, createCall, type Handler } from "../../src/core/call.js";
import { BatonError, type BatonErrorOptions, type ErrorCode } from "../../src/core/errors.js";
import type { Result } from "../../src/core/result.js";
import { fallback } from "../../src/middleware/fallback.js";
import { failure } from "../support/calls.js";
import { obeysLaws } from "./laws.js";

const ok: Result = { content: [{ type: "text", text: "ok" }] };
const someCall = (rest: object = {}) =>
  createCall({ server: "s", tool: "t", args: { a: 1 }, hints: { readOnly: true }, ...rest });
const broke = (code: ErrorCode = "UPSTREAM", options: BatonErrorOptions = {}) =>
  new BatonError(code, `${code} happened`, options);

/** Fails on server `s` with this, answers elsewhere; keeps the calls. */
function failingOn(error: unknown) {
  const calls: Call[] = [];
  const handler: Handler = async (call) => {
    calls.push(call);
    if (call.server === "s" && call.tool === "t") throw error;
    return ok;
  };
  return { calls, handler };
}

obeysLaws("fallback", () => fallback({ result: "nothing today" }));
obeysLaws("fallback to another", () => fallback({ to: "mirror.*" }));

describe("fallback()", () => {
  test("asks the tool of the same name on another server, and says so", async () => {
    const { calls, handler } = failingOn(broke());
    const result = await fallback({ to: "mirror.*" })(someCall(), handler);
    expect(result).toEqual({ ...ok, obtained: { server: "mirror" } });
    expect(calls[1]).toMatchObject({
      server: "mirror",
      tool: "t",
      args: { a: 1 },
      hints: { readOnly: true },
    });
  });

  test("asks another tool, of which nothing is known from the first", async () => {
    const { calls, handler } = failingOn(broke());
    const result = await fallback({ to: "s.other" })(someCall({ settings: { retry: false } }), handler);
    expect(result.obtained).toEqual({ tool: "other" });
    expect(calls[1]).toMatchObject({ server: "s", tool: "other", hints: {}, settings: undefined });
  });

  test("gives an answer of its own", async () => {
    const result = await fallback({ result: "nothing today" })(someCall(), failingOn(broke()).handler);
    expect(result).toEqual({
      content: [{ type: "text", text: "nothing today" }],
      obtained: { fallback: true },
    });
  });

  test("lets a function choose, or decline", async () => {
    const error = broke("TIMEOUT");
    const choose = (call: Call, { code }: BatonError) =>
      code === "TIMEOUT" ? { ...call, server: "patient" } : undefined;
    expect((await fallback({ choose })(someCall(), failingOn(error).handler)).obtained?.server).toBe(
      "patient",
    );
    const other = broke("UPSTREAM");
    expect(await failure(fallback({ choose })(someCall(), failingOn(other).handler))).toBe(other);
  });

  test.each<ErrorCode>([
    "DENIED",
    "REJECTED",
    "CANCELLED",
    "INVALID_ARGUMENTS",
    "OUTCOME_UNKNOWN",
    "IDEMPOTENCY_CONFLICT",
    "UNAUTHORIZED",
    "BUDGET_EXCEEDED",
  ])("%s is an answer, not a failure", async (code) => {
    const error = broke(code);
    const { calls, handler } = failingOn(error);
    expect(await failure(fallback({ result: "x" })(someCall(), handler))).toBe(error);
    expect(calls).toHaveLength(1);
  });

  test.each([
    ["a plain write", {}],
    ["an idempotent one: another server knows nothing of the first", { idempotent: true }],
  ])("after a possible effect, nothing else is tried for %s", async (_, hints) => {
    for (const idempotencyKey of [undefined, "k"]) {
      const error = broke("UPSTREAM", { effect: "possible" });
      const { calls, handler } = failingOn(error);
      const run = fallback({ to: "mirror.*" })(someCall({ hints, idempotencyKey }), handler);
      expect(await failure(run)).toBe(error);
      expect(calls).toHaveLength(1);
    }
  });

  test("a second failure tells of both", async () => {
    const first = broke("TIMEOUT", { effect: "possible" });
    const handler: Handler = async (call) => {
      throw call.server === "s" ? first : broke("NOT_CONNECTED");
    };
    const error = await failure(fallback({ to: "mirror.*" })(someCall(), handler));
    expect(error).toMatchObject({ code: "NOT_CONNECTED", effect: "possible", cause: first });
    expect(error.message).toBe("NOT_CONNECTED happened (after: TIMEOUT happened)");
  });

  test.each(["mirror", ".t", "mirror.", ""])("refuses %j as the other tool", (to) => {
    expect(() => fallback({ to })).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});
