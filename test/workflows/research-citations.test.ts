import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Cited, checkCitations } from "../../src/workflows/research/citations.js";
import { contradicts } from "../../src/workflows/research/conflicts.js";
import { planQueries } from "../../src/workflows/research/plan.js";
import { isQuotedFrom, sentencesOf } from "../../src/workflows/research/sentences.js";

const documents: readonly Cited[] = [
  {
    number: 1,
    title: "A",
    sources: ["a"],
    texts: ["Apples are kept\nin the **cold** cellar. Pears are not."],
  },
  { number: 2, title: "B", sources: ["b"], texts: ["Don't store apples beside pears, as they ripen."] },
  { number: 3, title: "C", sources: ["c"], texts: ["Nothing."] },
];
const check = (text: string) => checkCitations(text, documents);

describe("checkCitations()", () => {
  test("numbers what is cited in the order of the text, each document once", () => {
    const { text, cited } = check("Ripen [2]. Cold [1, 2]. Again [2][1].");
    expect(text).toBe("Ripen [1]. Cold [2][1]. Again [1][2].");
    expect(cited.map(({ number, title }) => `${number} ${title}`)).toEqual(["1 B", "2 A"]);
  });

  test.each([
    [
      "a quotation over a line's end and without its marks",
      '"Apples are kept in the cold cellar" [1].',
      '"Apples are kept in the cold cellar" [1].',
    ],
    ["typographic marks", "“Don’t store apples beside pears” [2].", "“Don’t store apples beside pears” [1]."],
    [
      "a quotation that leaves something out",
      '"Apples are kept … cold cellar" [1].',
      '"Apples are kept … cold cellar" [1].',
    ],
    [
      "a wrong number beside a right quotation",
      '"apples beside pears, as they ripen" [3]',
      '"apples beside pears, as they ripen" [1] [2]',
    ],
    ["a name in quotation marks", 'The "cold store" is open [1].', 'The "cold store" is open [1].'],
    ["a link", "See [1](https://a.example) [1].", "See [1](https://a.example) [1]."],
    ["an invented number", "It is so [7], and so [4;1].", "It is so, and so [1]."],
    ["an own list of sources", "Cold [1].\n\n**Sources:**\n[1] Invented", "Cold [1]."],
  ])("%s", (_, given, expected) => {
    expect(check(given).text).toBe(expected);
  });

  test("removes a sentence, and a line, that quotes what stands nowhere", () => {
    const { text, removed } = check(
      '- Cold [1]. He said "apples belong in the sun" [2].\n- "pears are very good friends" [1]\n- Ripen [2].',
    );
    expect(text).toBe("- Cold [1].\n- Ripen [2].");
    expect(removed).toHaveLength(2);
  });

  test.each([
    ["a word cut", 'It says "apples are kept in the cold cell" [1].'],
    ["dots alone", 'It says "... … ... …" [1].'],
    ["two lines", 'It says "apples are kept\nin the warm attic" [1].'],
    ["two sentences", 'It says "Apples are kept warm. They are sold in May." [1]'],
    ["angled marks", "It says «apples are kept in the attic» [1]."],
    ["single marks", "It says 'apples aren't kept in cellars' [1]."],
    ["typographic single marks", "It says ‘apples aren’t kept in cellars’ [1]."],
    ["a block quotation", "> Apples are kept in the attic. [1]"],
  ])("an invented quotation is removed: %s", (_, given) => {
    expect(check(given).text).toBe("");
  });

  test.each([
    "> Apples are kept in the cold cellar. [1]\n> — the rules of the house, 2026",
    "The apples' owner and the pears' owner don't agree on what is kept where [1].",
    'A 5" pipe, and "apples are kept in the cold cellar" [1].',
    "It says «Don’t store apples beside pears» [2].",
    "Sources\n\nThe sources are of May [1].",
  ])("what is no invention stays: %s", (given) => {
    expect(check(given).text.replace(/\[\d\]/g, "")).toBe(given.replace(/\[\d\]/g, ""));
  });

  test("whatever is written, every number that is left has a document, and every number is used", () => {
    const piece = fc.oneof(
      fc.constantFrom("[1]", "[2, 9]", "[10]", '"apples are kept"', "Sun.", "\n- ", "[0]"),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const { text, cited } = check(pieces.join(" "));
        const numbers = [...text.matchAll(/\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\](?!\()/g)].flatMap(
          ([, list = ""]) => list.split(/[,;]/).map(Number),
        );
        expect([...new Set(numbers)].sort()).toEqual(cited.map(({ number }) => number));
      }),
    );
  });
});

test.each([
  ["up to 20 days a year with approval", "Working abroad: up to 30 days a year with approval", true],
  ["The limit rose from 20 to 30 days a year.", "The limit is 30 days a year.", false],
  ["Hotels cost up to 160 EUR a night.", "Gifts cost up to 50 EUR each.", false],
  ["Employees in Germany get 30 days of leave.", "Employees in France get 25 days of leave.", false],
  ["Employees get 30 days of leave in Germany.", "Employees get 25 days of leave in France.", false],
  ["Part-time staff get 15 days leave", "Full-time staff get 30 days leave", false],
  ["Meals cost up to 20 EUR a day.", "Hotels cost up to 200 EUR a day.", false],
  ["The travel budget is 1,500 EUR a year.", "The travel budget is 1.500 EUR a year.", false],
  ["The travel budget is 1,500 EUR a year.", "The travel budget is 1.600 EUR a year.", true],
  ["The fee is 2.5 percent of the price.", "The fee is 3.5 percent of the price.", true],
  ["Rules of 2025 on the limit of days", "Rules of 2026 on the limit of days", false],
])("whether %j and %j contradict each other: %s %s", (one, other, expected) => {
  expect(contradicts(one, other)).toBe(expected);
});

test("isQuotedFrom() cuts neither words nor numbers", () => {
  const text = "Leave is 125 days long, at 1,500 EUR. 休暇は20日です。";
  const quoted = ["25 days long", "500 EUR", "125 day", "125 days", "1,500 EUR.", "20日です"];
  expect(quoted.filter((quote) => isQuotedFrom(quote, text))).toEqual(["125 days", "1,500 EUR.", "20日です"]);
});

test("sentencesOf() joins the lines of a paragraph and leaves headings and code", () => {
  const text =
    "# Title\nOne\nline. Two e.g. here.\n- item one\n  goes on\n- item two\n```\ncode. More.\n```\n| a | b |\n|---|---|\n| 1 | x |";
  expect(sentencesOf(text)).toEqual([
    "One line.",
    "Two e.g. here.",
    "item one goes on",
    "item two",
    "| a | b |",
    "| 1 | x |",
  ]);
  expect(sentencesOf(text).every((sentence) => isQuotedFrom(sentence, text))).toBe(true);
});

const now = Date.UTC(2026, 10, 21);
test.each([
  ["What changed in our travel policy this month?", [["travel", true, "2026-11-01", "2026-12-01"]]],
  ["What is our change management policy?", [["change management", false]]],
  ["What is new?", [["", true]]],
  [
    "How long does probation last, and who decides?",
    [
      ["probation last", false],
      ["decides", false],
    ],
  ],
  [
    "Who owns Apollo, and when was it updated?",
    [
      ["owns Apollo", false],
      ["owns Apollo", true],
    ],
  ],
  ["Hm?", [["Hm", false]]],
])("planQueries() takes %j apart", (question, expected) => {
  const queries = planQueries(question, now);
  expect(
    queries.map(({ search, changes, from, to }) => [
      search,
      changes,
      ...(from === undefined ? [] : [from, to]),
    ]),
  ).toEqual(expected);
});
