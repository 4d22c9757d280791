import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isBatonError } from "../../src/core/errors.js";
import { toolMatcher } from "../../src/core/pattern.js";

describe("toolMatcher()", () => {
  test.each([
    ["files.read_file", "files", "read_file", true],
    ["files.read_file", "files", "read_file2", false],
    ["files.*", "files", "anything", true],
    ["files.*", "files2", "anything", false],
    ["*.read_*", "any", "read_", true],
    ["*.read_*", "any", "unread_x", false],
    ["*.*", "a", "b", true],
    ["f*s.*_f*e", "files", "read_file", true],
    ["f*s.*_f*e", "files", "read_filed", false],
    ["s.a.b", "s", "a.b", true],
    ["s.*", "s", "a.b", true],
    ["Files.*", "files", "x", false],
    ["s.a+b", "s", "aab", false],
    ["s.a+b", "s", "a+b", true],
  ])("%s against %s.%s is %4$s", (pattern, server, tool, expected) => {
    expect(toolMatcher([pattern])(server, tool)).toBe(expected);
  });

  test("is true when one of several patterns fits, and false for none", () => {
    const match = toolMatcher(["a.*", "b.c"]);
    expect([match("a", "x"), match("b", "c"), match("b", "d")]).toEqual([true, true, false]);
    expect(toolMatcher([])("a", "b")).toBe(false);
  });

  test.each(["", "files", ".tool", "files.", " files.*", "files.* ", "."])(
    "refuses %j, which is not server.tool",
    (pattern) => {
      try {
        toolMatcher(["ok.*", pattern]);
        expect.unreachable();
      } catch (error) {
        if (!isBatonError(error, "CONFIG_INVALID")) throw error;
        expect(error.message).toContain(JSON.stringify(pattern));
        expect(error.data).toEqual({ pattern });
      }
    },
  );

  test("agrees with the same pattern as a regular expression", () => {
    const piece = fc.string({ unit: fc.constantFrom("a", "b", "*", "_"), minLength: 1, maxLength: 8 });
    const name = fc.string({ unit: fc.constantFrom("a", "b", "_"), maxLength: 8 });
    fc.assert(
      fc.property(piece, name, (pattern, tool) => {
        const oracle = new RegExp(`^${pattern.replaceAll("*", ".*")}$`);
        expect(toolMatcher([`s.${pattern}`])("s", tool)).toBe(oracle.test(tool));
      }),
    );
  });

  test("takes no exponential time for many stars", () => {
    const match = toolMatcher([`s.${"*a".repeat(30)}b`]);
    expect(match("s", "a".repeat(10_000))).toBe(false);
  });
});
