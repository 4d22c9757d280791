import { expect, test } from "vitest";
import { resultText } from "../../src/core/result.js";

test("resultText() joins all text, that of embedded resources too, and leaves the rest out", () => {
  const result = {
    content: [
      { type: "text", text: "one" },
      { type: "image", data: "AAAA", mimeType: "image/png" },
      { type: "resource", resource: { uri: "a://b", text: "two" } },
      { type: "resource", resource: { uri: "a://c", blob: "AAAA" } },
    ],
  } as const;
  expect(resultText(result)).toBe("one\ntwo");
});

test("resultText() shows structured content only where there is no text", () => {
  expect(resultText({ content: [], structuredContent: { n: 1 } })).toBe('{"n":1}');
  expect(resultText({ content: [{ type: "text", text: "n is 1" }], structuredContent: { n: 1 } })).toBe(
    "n is 1",
  );
  expect(resultText({ content: [] })).toBe("");
});
