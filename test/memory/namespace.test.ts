import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { below, encodeLabel, encodeNamespace } from "../../src/memory/namespace.js";

describe("encodeNamespace()", () => {
  test("leaves plain labels as they are and escapes what stores stumble over", () => {
    expect(encodeNamespace(["users", "alice"])).toEqual(["users", "alice"]);
    expect(encodeNamespace(["users", "alice@example.com"])).toEqual(["users", "alice@example=002ecom"]);
    expect(encodeNamespace(["langgraph"])).toEqual(["=006canggraph"]);
  });

  test("keeps every two labels apart, and none holds what a store refuses", () => {
    const nasty = fc.string({
      unit: fc.constantFrom(
        "%",
        "=",
        "_",
        "\\",
        "0",
        "2",
        "e",
        ".",
        ":",
        "*",
        "\ud800",
        "\udc00",
        "\n",
        "a",
        "é",
      ),
      minLength: 1,
    });
    const label = fc.oneof(nasty, fc.string({ unit: "binary", minLength: 1 }));
    fc.assert(
      fc.property(label, label, fc.boolean(), (text, other, isRoot) => {
        const encoded = encodeLabel(text, isRoot);
        expect(encoded).not.toMatch(/[.:*%_\\\p{Cc}\p{Cs}]/u);
        expect(encoded).not.toBe("");
        expect(encodeLabel(other, isRoot) === encoded).toBe(other === text);
      }),
    );
  });
});

describe("below()", () => {
  test("tells neighbours from children", () => {
    expect(below(["a", "b"], ["a", "b", "c"])).toEqual(["c"]);
    expect(below(["a", "b"], ["a", "b"])).toEqual([]);
    expect(below(["a", "b"], ["a", "bc", "d"])).toBeUndefined();
    expect(below(["a", "b"], ["a"])).toBeUndefined();
  });
});
