import { expect, test } from "vitest";
import { BatonError, isBatonError } from "../../src/core/errors.js";

test("BatonError counts as not retryable, without an effect and without data unless it says more", () => {
  const error = new BatonError("DENIED", "no");
  expect(error).toBeInstanceOf(Error);
  expect({ ...error.toJSON(), name: error.name }).toEqual({
    name: "BatonError",
    code: "DENIED",
    message: "no",
    retryable: false,
    effect: "none",
    data: {},
  });
  expect("cause" in error).toBe(false);
});

test("BatonError.toJSON() leaves out the cause and the stack, which may hold secrets", () => {
  const error = new BatonError("UPSTREAM", "broken", {
    cause: new Error("password=hunter2"),
    retryable: true,
    effect: "possible",
    data: { status: 500 },
  });
  const json = JSON.stringify(error);
  expect(json).not.toContain("hunter2");
  expect(JSON.parse(json)).toEqual({
    code: "UPSTREAM",
    message: "broken",
    retryable: true,
    effect: "possible",
    data: { status: 500 },
  });
  expect((error.cause as Error).message).toContain("hunter2");
});

test("isBatonError() asks for the code when one is given, and knows another copy's errors", () => {
  const error = new BatonError("TIMEOUT", "late");
  expect(isBatonError(error)).toBe(true);
  expect(isBatonError(error, "TIMEOUT")).toBe(true);
  expect(isBatonError(error, "CANCELLED")).toBe(false);
  const foreign = Object.assign(new Error("late"), { name: "BatonError", code: "TIMEOUT" });
  expect(isBatonError(foreign, "TIMEOUT")).toBe(true);
  for (const other of [new Error("x"), { name: "BatonError", code: "TIMEOUT" }, undefined, null, "TIMEOUT"]) {
    expect(isBatonError(other)).toBe(false);
  }
});
