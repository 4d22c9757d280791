import { expect, test } from "vitest";
import { createCall } from "../../../src/core/call.js";
import { BatonError } from "../../../src/core/errors.js";
import { type MinimiseRule, minimise } from "../../../src/middleware/minimise.js";

async function thrown(error: unknown, rule: Partial<MinimiseRule> = { mask: ["email", "secret", "card"] }) {
  const call = createCall({ server: "crm", tool: "find", args: {} });
  const next = () => Promise.reject(error);
  return minimise({ rules: [{ tools: "crm.*", ...rule }] })(call, next).catch((caught: unknown) => caught);
}

const cause = new Error("bob@example.com");
const quoting = new BatonError("UPSTREAM", "tool 'find': bob@example.com, password=hunter2", {
  cause,
  retryable: true,
  effect: "possible",
  data: {
    server: "bob@example.com",
    tool: "find",
    retryAfterMs: 4111111111111111,
    issues: [{ path: "/to", reason: "no such person: bob@example.com" }, "fine"],
    errors: [new BatonError("TIMEOUT", "bob@example.com is slow"), cause],
  },
});

test("minimise() masks the message and the data of a BatonError, and keeps what programs act on", async () => {
  const error = (await thrown(quoting)) as BatonError;
  expect(error).toBeInstanceOf(BatonError);
  expect(error.message).toBe("tool 'find': [email], password=[secret]");
  expect(error).toMatchObject({ code: "UPSTREAM", retryable: true, effect: "possible" });
  expect(error.cause).toBe(cause);
  expect(error.data).toEqual({
    server: "bob@example.com",
    tool: "find",
    retryAfterMs: 4111111111111111,
    issues: [{ path: "/to", reason: "no such person: [email]" }, "fine"],
    errors: [expect.objectContaining({ code: "TIMEOUT", message: "[email] is slow" }), cause],
  });
  expect(error.stack).toContain("clean-error.test.ts");
  expect(error.stack).not.toMatch(/bob@|hunter2/);
  expect(quoting.message).toContain("bob@");
});

test("minimise() lets all other errors pass by identity", async () => {
  const clean = new BatonError("UPSTREAM", "tool 'find' failed", {
    data: { status: 500, list: [{ a: "x" }] },
  });
  for (const error of [clean, cause, "bob@example.com", undefined, { message: "bob@example.com" }])
    expect(await thrown(error)).toBe(error);
  expect(await thrown(quoting, { removeResults: ["a"] })).toBe(quoting);
  expect(await thrown(quoting, { mask: ["email"], in: "arguments" })).toBe(quoting);
});
