import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { startOfWindow, type WindowedMessage } from "../../src/memory/short-term.js";

/** `u`ser, `a`ssistant, or a digit: a message of the tool call with that number. Each of ten tokens. */
const messages = (letters: string): WindowedMessage[] =>
  [...letters].map((letter) =>
    letter === "u" || letter === "a"
      ? { role: letter === "u" ? "user" : "assistant", tokens: 10 }
      : { role: "tool", tokens: 10, group: letter },
  );
const window = (letters: string, maxMessages: number, maxTokens = 1000) =>
  letters.slice(startOfWindow(messages(letters), { maxMessages, maxTokens }));

describe("startOfWindow()", () => {
  test.each([
    ["", 4, ""],
    ["ua", 4, "ua"],
    ["uauaua", 4, "uaua"],
    ["uauaua", 5, "uaua"],
    ["uau11aua", 4, "ua"],
    ["uau11aua", 6, "u11aua"],
    ["uau11aua", 5, "ua"],
    // The newest turn stays whole at any size, and so does a group in which nobody speaks.
    ["uaua11223344a", 3, "ua11223344a"],
    ["112233", 3, "33"],
    ["111111", 3, "111111"],
    ["aaaa", 2, "aa"],
    ["aau", 1, "u"],
    ["uaaa", 2, "uaaa"],
  ])("of %s with at most %i messages is %s", (letters, most, expected) => {
    expect(window(letters, most)).toBe(expected);
  });

  test("counts tokens as well as messages", () => {
    expect(window("uauaua", 40, 45)).toBe("uaua");
    expect(window("uauaua", 40, 20)).toBe("ua");
    expect(window("uauaua", 40, 1)).toBe("ua");
  });

  test("never parts a group, and leaves the limits only for the newest turn", () => {
    const chat = fc.array(fc.constantFrom("u", "ua", "u1a", "u11", "u2222a", "a", "33"), { maxLength: 12 });
    fc.assert(
      fc.property(chat, fc.integer({ min: 1, max: 12 }), (parts, most) => {
        // Each group has a name of its own.
        const all = parts.flatMap((part, number) =>
          messages(part).map((message) => ({
            ...message,
            group: message.group && `${number}${message.group}`,
          })),
        );
        const start = startOfWindow(all, { maxMessages: most, maxTokens: 1000 });
        const inside = new Set(all.slice(start).flatMap(({ group }) => group ?? []));
        expect(all.slice(0, start).filter(({ group }) => group !== undefined && inside.has(group))).toEqual(
          [],
        );
        if (all.length > 0) expect(start).toBeLessThan(all.length);
        if (all.some(({ role }) => role === "user")) expect(all[start]?.role).toBe("user");
        const users = all.slice(start).filter(({ role }) => role === "user").length;
        if (all.length - start > most) expect(users).toBeLessThanOrEqual(1);
      }),
    );
  });
});
