import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cleanText } from "../../../src/middleware/minimise/clean-text.js";
import { createMask } from "../../../src/middleware/minimise/mask.js";
import { parsePaths } from "../../../src/middleware/minimise/paths.js";
import { growthOf } from "../../support/growth.js";

const masks = ["email", "secret"];
const masking = { places: parsePaths([]), mask: createMask(masks), allNumbers: false };
const removing = { places: parsePaths(["salary", "*.salary"]), mask: undefined, allNumbers: false };
const both = { ...removing, mask: masking.mask };
const REMOVED = "[removed: not valid JSON]";

describe("cleanText()", () => {
  test.each([
    ["JSON after a byte order mark", '\uFEFF{"a":1,"salary":2}', '\uFEFF{"a":1}'],
    ["NDJSON", '{"a":1,"salary":2}\r\n\n[{"salary":3}]\n', '{"a":1}\r\n\n[{}]\n'],
    ["NDJSON after a byte order mark", '\uFEFF{"salary":2}\n{"b":1}', '\uFEFF{}\n{"b":1}'],
    ["a fenced block", '```json\n{\n "a": 1, "salary": 2\n}\n```\n', '```json\n{\n "a": 1\n}\n```\n'],
    ["one without a language", '```\n{"salary": 2}\n```', "```\n{}\n```"],
    ["one with NDJSON", '```jsonl\n{"salary":2}\n{"salary":3}\n```', "```jsonl\n{}\n{}\n```"],
    ["one on a line", 'So: ```json {"salary":2}```\nThat is it.', "So: ```json {}```\nThat is it."],
    ["one that is cut off", '```json\n{"a": 1, "salary": 2}', '```json\n{"a": 1}'],
    ["one with a fence in it", '```json\n{"a":"```","salary":2}\n```', '```json\n{"a":"```"}\n```'],
    [
      "two of them in prose",
      'A:\n```json\n{"salary":2}\n```\nB:\n```js\nf()\n```\n```json\n[{"salary":3}]\n```\nend',
      "A:\n```json\n{}\n```\nB:\n```js\nf()\n```\n```json\n[{}]\n```\nend",
    ],
  ])("removes from %s", (_, before, after) => {
    expect(cleanText(before, removing)).toBe(after);
    expect(cleanText(after, removing)).toBe(after);
  });

  test.each([
    ["JSON that is cut off", '{"a": 1, "salary": 2', REMOVED],
    ["JSON with a comment", ' [{"salary": 2} // bob\n]\n', ` ${REMOVED}\n`],
    ["a value of Python", "{'salary': 2}", REMOVED],
    ["JSON and more", '{"salary":2}{"salary":3}', REMOVED],
    ["NDJSON whose last line is cut off", '{"a":1}\n{"salary"', REMOVED],
    ["a list of one and more", '[1]\n{"salary"', REMOVED],
    ["two byte order marks", '\uFEFF\uFEFF{"salary":2}', `\uFEFF\uFEFF${REMOVED}`],
    ["a fenced block of it", 'x\n```json\n{"salary": 2,}\n```\ny', `x\n\`\`\`json\n${REMOVED}\n\`\`\`\ny`],
  ])("gives a mark for %s", (_, before, after) => {
    expect(cleanText(before, removing)).toBe(after);
    expect(cleanText(after, removing)).toBe(after);
    // Where no path holds there is nothing to lose.
    expect(cleanText(before, masking)).toBe(before);
  });

  test.each([
    "[INFO] started",
    "[a link](https://x.test) {b}",
    "[12:30] done",
    "[1] A note",
    "f(x) { }",
    "```\n[note] x\n```",
  ])("takes %j for prose", (text) => {
    expect(cleanText(text, removing)).toBe(text);
  });

  test("masks each line of NDJSON, and prose around fenced blocks", () => {
    expect(cleanText('{"password":"correct \\" horse"}\n{"a":"bob@example.com"}', masking)).toBe(
      '{"password":"[secret]"}\n{"a":"[email]"}',
    );
    expect(
      cleanText('bob@example.com\n```json\n{"salary":1,"a":"eve@example.com"}\n```\nbob@x.com', both),
    ).toBe('[email]\n```json\n{"a":"[email]"}\n```\n[email]');
  });

  test("never gives what stands at a path, however the text begins and ends", () => {
    const piece = fc.constantFrom(
      "\uFEFF",
      " ",
      "\n",
      '{"salary":"S3"}',
      '[{"a":"}","salary":"S3"}]',
      '{"a":1,\n"salary":"S3"',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const text = pieces.join("");
        expect(cleanText(text, removing)).not.toContain("S3");
        expect(cleanText(`Here:\n\`\`\`json\n${text}\n\`\`\`\n`, removing)).not.toContain("S3");
      }),
      { seed: 20260124, numRuns: 500 },
    );
  });

  test("takes time that grows with the length of a text alone", () => {
    const units = [
      "```",
      "```{",
      "```\n",
      "```\n[a] ",
      "```\n[1]\n",
      "```json\n{}\n```\n",
      "[",
      "{}\n",
      "[a]",
      " ",
    ];
    const rows = units.map((unit) => ({ unit, ...growthOf(unit, (text) => void cleanText(text, removing)) }));
    expect(rows.filter(({ isLinear }) => !isLinear)).toEqual([]);
  }, 30_000);

  test.each(["\\n", "\\\\", '\\"'])("reads a string with millions of %s", (unit) => {
    const long = unit.repeat(4_000_000);
    expect(cleanText(`{"t":"${long}","salary":["${long}"]}`, removing) === `{"t":"${long}"}`).toBe(true);
  });

  test("masks as a whole what is too long for a detector", () => {
    const text = JSON.stringify({ t: "1 ".repeat(4_000_000), a: "bob@example.com, fine" });
    const all = { ...masking, mask: createMask(["card", "phone", "email"]) };
    expect(cleanText(text, all).slice(0, 100)).toBe('{"t":"[masked]","a":"[email], fine"}');
  });
});
