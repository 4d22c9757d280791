import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, hashJson } from "../../src/core/canonical.js";
import { isBatonError } from "../../src/core/errors.js";

test("canonicalJson() gives the form of RFC 8785, for any JSON value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(canonicalJson(value)).toBe(canonicalize(value));
    }),
    { numRuns: 2000 },
  );
});

test("canonicalJson() treats what JSON does not have as JSON.stringify() does", () => {
  const value = { b: undefined, c: [undefined, () => 1], d: new Date(0), "": "\ud800", e: () => 1 };
  expect(canonicalJson(value)).toBe('{"":"\\ud800","c":[null,null],"d":"1970-01-01T00:00:00.000Z"}');
  expect(canonicalJson(undefined)).toBe("null");
  expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"a":2}}'))).toBe('{"__proto__":{"a":2},"b":1}');
});

test("hashJson() is the SHA-256 of that form", () => {
  const expected = createHash("sha256").update('{"a":"ü","b":[1]}').digest("hex");
  expect(hashJson({ b: [1], a: "ü" })).toBe(expected);
});

test("canonicalJson() takes 500 levels, and refuses more with a BatonError", () => {
  const nested = (levels: number): unknown => JSON.parse("[".repeat(levels) + "]".repeat(levels));
  expect(canonicalJson(nested(500))).toHaveLength(1000);
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  for (const value of [nested(501), nested(20_000), cycle]) {
    expect(() => hashJson(value)).toThrow("nested deeper than 500 levels");
    expect(() => hashJson(value)).toThrow(
      expect.toSatisfy((error: unknown) => isBatonError(error, "INVALID_ARGUMENTS")),
    );
  }
});
