import { describe, expect, test } from "vitest";
import { likeness, stem, termsOf, wordsOf } from "../../../src/models/offline/words.js";

describe("stem()", () => {
  test.each([
    ["engineers", "Engineering"],
    ["policies", "policy"],
    ["managers", "management"],
    ["hired", "hire"],
    ["planned", "planning"],
    ["taxis", "taxi"],
    ["boxes", "box"],
  ])("sees that %s and %s are relatives", (one, other) => {
    expect(stem(one.toLowerCase())).toBe(stem(other.toLowerCase()));
  });
  test.each([
    ["string", "strange"],
    ["project", "product"],
    ["status", "state"],
  ])("keeps %s and %s apart", (one, other) => {
    expect(stem(one)).not.toBe(stem(other));
  });
});

describe("wordsOf()", () => {
  test("takes names of programs apart and keeps figures whole", () => {
    expect(wordsOf("getUserName read_text_file on-call 1,000 EUR")).toEqual([
      "get",
      "user",
      "name",
      "read",
      "text",
      "file",
      "on",
      "call",
      "1000",
      "eur",
    ]);
  });
});

describe("termsOf()", () => {
  test("drops what says nothing on the subject", () => {
    expect(termsOf("What does our policy say about the VPN?")).toEqual(["policy", "vpn"]);
  });
});

describe("likeness()", () => {
  test("ranks the word itself above its synonym", () => {
    expect(likeness(stem("folder"), stem("folder"))).toBe(1);
    expect(likeness(stem("folder"), stem("directory"))).toBeLessThan(1);
    expect(likeness(stem("folder"), stem("weather"))).toBe(0);
  });
});
