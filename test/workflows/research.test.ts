import { MemorySaver } from "@langchain/langgraph";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { plain } from "../../src/workflows/research/sentences.js";
import {
  createResearch,
  type Finding,
  type ResearchOptions,
  type ResearchSource,
  researchSources,
} from "../../src/workflows/research.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { connectExample, november2026 } from "./research-parts.js";

const QUESTION = "What do our policies say about working abroad, and what changed this year?";
let example: Awaited<ReturnType<typeof connectExample>>;
let sources: readonly ResearchSource[];

beforeAll(async () => {
  example = await connectExample();
  sources = researchSources(example.tools);
});
afterAll(() => example.close());

async function ask(question: string, rest: Partial<ResearchOptions> = {}) {
  const graph = createResearch({ sources, clock: november2026(), ...rest });
  const state = await graph.invoke({ messages: question });
  return { ...state, answer: state.messages.at(-1)?.text ?? "" };
}

/** Each line that cites, with its numbers, and the titles that the list gives them. */
function citationsOf(answer: string) {
  const [body = "", list = ""] = answer.split("\n\nSources:\n");
  const titles = new Map(
    [...list.matchAll(/^\[(\d+)\] (.*)$/gm)].map(([, n, title]) => [Number(n), title ?? ""]),
  );
  const cited = [...body.matchAll(/\[(\d+)\]/g)].map(([, n]) => Number(n));
  return { body, titles, cited };
}

describe("createResearch() without a model, over real servers", () => {
  test("answers each part of a question from several sources, with citations that exist", async () => {
    const { answer, findings, failures, queries } = await ask(QUESTION);
    const { body, titles, cited } = citationsOf(answer);
    const [says = "", changed = ""] = body.split("**What changed this year**");
    expect(says).toMatch(/up to 30 days a year with approval from Human Resources[^\n]*\[1\]/);
    expect(says).toMatch(/Out of date: "[^"]*up to 20 days a year with approval from your manager\." \[\d\]/);
    expect(changed).toMatch(/15 September 2026, working abroad is limited to 30 days a year instead of 20/);
    expect(changed).toContain("The limit for working abroad rose from 20 to 30 days");
    expect(changed).not.toContain("New starter handbook");
    expect([...new Set(cited)].sort()).toEqual([...titles.keys()]);
    expect([...titles.values()].join("\n")).toContain("Remote Work Policy (enterprise, updated 2026-09-15)");
    expect([...titles.values()].join("\n")).toContain("notes, travel-faq.md, updated 2026-10-12");
    expect(queries.map(({ from, to }) => [from, to])).toEqual([
      [undefined, undefined],
      ["2026-01-01", "2027-01-01"],
    ]);
    expect(failures).toEqual([]);
    expect(findings.length).toBeLessThanOrEqual(10);
  });

  test("everything that it says stands in a passage that it found", async () => {
    const { findings } = await ask(QUESTION);
    const points = findings.flatMap(({ text, points }) => points.map(({ quote }) => ({ text, quote })));
    expect(points.length).toBeGreaterThan(5);
    expect(points.filter(({ text, quote }) => !plain(text).includes(plain(quote)))).toEqual([]);
  });

  test.each([
    ["How many vacation days do I get?", /27 vacation days[^\n]*\[1\]/],
    ["What changed in the travel policy this year?", /hotel limit was raised from 145 to 160 EUR[^\n]*\[1\]/],
    ["Is an A1 certificate needed?", /Human Resources applies for an A1 certificate[^\n]*\[1\]/],
    ["What was decided in the HR meeting in October?", /23 requests, 21 approved[^\n]*\[1\]/],
    ["Who approves overtime?", /Overtime needs approval from your manager[^\n]*\[1\]/],
    ["What changed since September?", /2026-10-05: Free consumer accounts[\s\S]*2026-09-15: The limit/],
    ["Has the expense policy been updated in 2026?", /Expense Policy \(2026-07-13\) \[1\]/],
    [
      "Can unused vacation days be carried over?",
      /can now be carried over until the end of March[^\n]*\[1\]/,
    ],
    ["Do I need the VPN?", /VPN is required for all remote access[^\n]*\[1\]/],
    ["What is the hotel limit in Singapore?", /200 to 220 EUR in Singapore[^\n]*\[1\]/],
  ])("%s", async (question, expected) => {
    expect((await ask(question)).answer).toMatch(expected);
  });

  test.each(["Can I bring my dog to the office?", "What is the weather in Lisbon?"])(
    "says plainly that it found nothing: %s",
    async (question) => {
      expect((await ask(question)).answer).toBe(`Not found: on "${question}", nothing was found.`);
    },
  );

  test("a year in which nothing changed is said, with when the document was changed", async () => {
    const { answer } = await ask("What changed in the vacation policy this year?", {
      clock: new FakeClock(Date.UTC(2027, 2, 1)),
    });
    expect(answer).toContain("no change was found from 2027-01-01 to before 2028-01-01");
    expect(answer).toContain("Vacation and PTO Policy was last updated 2026-08-03.");
  });

  test("on a thread, a question without a subject has that of the question before it", async () => {
    const graph = createResearch({
      sources,
      clock: november2026(),
      graph: { checkpointer: new MemorySaver() },
    });
    const config = { configurable: { thread_id: "1" } };
    await graph.invoke({ messages: "What is the rule on working abroad?" }, config);
    const { messages, queries } = await graph.invoke({ messages: "And what changed this year?" }, config);
    expect(queries.map(({ search }) => search)).toEqual(["working abroad"]);
    expect(messages).toHaveLength(4);
    expect(messages.at(-1)?.text).toContain("instead of 20");
  });
});

const passage = { text: "Apples are kept in the cellar.", title: "Fruit", updated: "2026-01-05" };
const source = (name: string, search: ResearchSource["search"]): ResearchSource => ({
  name,
  description: name,
  search,
});
const cellar = source("cellar", async () => [passage]);
const broken = source("broken", async () => {
  throw new Error("no paper left");
});

describe("createResearch() with sources that fail", () => {
  test("names one that fails below the answer", async () => {
    const { answer, failures } = await ask("Where are apples kept?", { sources: [broken, cellar] });
    expect(answer).toBe(
      [
        "- Apples are kept in the cellar. [1]",
        "Not searched: broken failed: no paper left",
        "Sources:\n[1] Fruit (cellar, updated 2026-01-05)",
      ].join("\n\n"),
    );
    expect(failures).toEqual([
      { source: "broken", code: "UPSTREAM", message: "broken failed: no paper left", failed: 1, searches: 1 },
    ]);
  });

  test("does not wait for one that is late, and ends its search", async () => {
    const clock = november2026();
    let signal: AbortSignal | undefined;
    const late = source("late", (_, options) => {
      signal = options.signal;
      return new Promise(() => {});
    });
    const asked = ask("Where are apples kept?", {
      sources: [late, cellar],
      clock,
      limits: { timeoutMs: 5000 },
    });
    while (signal === undefined) await settle();
    await clock.advance(5000);
    const { answer, failures } = await asked;
    expect(answer).toContain("cellar. [1]");
    expect(answer).toContain("Not searched: late: not over within 5000 ms");
    expect(failures.map(({ code }) => code)).toEqual(["TIMEOUT"]);
    expect(signal.aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test("when none answers, the run fails and says why each did", async () => {
    const other = source("other", () => Promise.reject(new Error("closed")));
    await expect(ask("Where are apples?", { sources: [broken, other] })).rejects.toMatchObject({
      code: "QUORUM_NOT_REACHED",
      message: expect.stringMatching(
        /none of the sources answered \(broken failed: no paper left; other failed: closed\)/,
      ),
    });
  });

  test("a run that is cancelled ends at once", async () => {
    const abort = new AbortController();
    const never = source("never", () => {
      abort.abort(new Error("enough"));
      return new Promise(() => {});
    });
    const graph = createResearch({ sources: [never] });
    await expect(graph.invoke({ messages: "Apples?" }, { signal: abort.signal })).rejects.toThrow();
  });

  test("without a question it says so", async () => {
    const graph = createResearch({ sources: [cellar] });
    await expect(graph.invoke({ messages: [] })).rejects.toMatchObject({ code: "INVALID_ARGUMENTS" });
  });
});

describe("createResearch() merges what it finds", () => {
  const ids = (findings: readonly Finding[]) => findings.map(({ title, sources }) => `${title}: ${sources}`);

  test("the same text of two sources is one finding of both, and so is nearly the same", async () => {
    const copy = source("copy", async () => [
      { ...passage, title: "Copy", text: "Apples are **kept** in the cellar." },
    ]);
    const near = source("near", async () => [
      { ...passage, title: "Near", text: "Kept in the cellar: apples." },
    ]);
    const { findings, answer } = await ask("Where are apples kept?", { sources: [cellar, copy, near] });
    expect(ids(findings)).toEqual(["Fruit: cellar,copy,near"]);
    expect(answer).toContain("[1] Fruit (cellar and copy and near, updated 2026-01-05)");
  });

  test("another figure is another finding; the older is out of date", async () => {
    const rule = (days: number, updated: string) => ({
      title: `Rules of ${updated}`,
      text: `Apples may be stored for ${days} days in the cellar.`,
      updated,
    });
    const both = source("both", async () => [rule(20, "2024-05-01"), rule(30, "2026-05-01")]);
    const { answer } = await ask("How long may apples be stored?", { sources: [both] });
    expect(answer).toContain("- Apples may be stored for 30 days in the cellar. [1]");
    expect(answer).toContain('- Out of date: "Apples may be stored for 20 days in the cellar." [2]');
  });

  test("what is of a day to come replaces nothing yet", async () => {
    const rule = (days: number, updated: string) => ({
      title: `Rules of ${updated}`,
      text: `Apples may be stored for ${days} days in the cellar.`,
      updated,
    });
    const both = source("both", async () => [rule(20, "2026-05-01"), rule(90, "2031-05-01")]);
    const { answer } = await ask("How long may apples be stored?", { sources: [both] });
    expect(answer).not.toContain("Out of date");
  });

  test("keeps to its limits", async () => {
    const many = source("many", async () =>
      Array.from({ length: 40 }, (_, at) => ({
        title: `Tree ${at}`,
        text: `Apple tree number ${at} bears apples.`,
      })),
    );
    const { findings } = await ask("Which apples are there?", {
      sources: [many],
      limits: { top: 4, perSource: 6 },
    });
    expect(findings).toHaveLength(4);
    const all = await ask("Which apples are there?", { sources: [many], limits: { top: 100, perSource: 6 } });
    expect(all.findings).toHaveLength(6);
  });

  test("reports each step and each source while it runs", async () => {
    const graph = createResearch({ sources: [cellar, broken] });
    const events: unknown[] = [];
    for await (const event of await graph.stream(
      { messages: "Where are apples kept?" },
      { streamMode: "custom" },
    ))
      events.push(event);
    expect(events).toContainEqual({
      type: "source",
      source: "cellar",
      query: "apples kept",
      status: "done",
      passages: 1,
    });
    expect(events).toContainEqual(
      expect.objectContaining({ source: "broken", status: "failed", error: "no paper left" }),
    );
    expect(events.filter((event) => (event as { type: string }).type === "step")).toEqual([
      { type: "step", step: "plan", count: 1, detail: "1 query" },
      { type: "step", step: "search", count: 1, detail: "1 passage" },
      { type: "step", step: "dedupe", count: 1, detail: "1 passage kept" },
      { type: "step", step: "analyse", count: 1, detail: "1 passage with an answer" },
      { type: "step", step: "synthesise", count: 1, detail: "1 document cited" },
    ]);
  });
});

test("createResearch() tells all faults of its options at once", () => {
  const wrong = { sources: [cellar, cellar, { name: "x" }], model: 5, limits: { top: 0 }, clok: 1 };
  expect(() => createResearch(wrong as never)).toThrowError(
    expect.objectContaining({
      code: "CONFIG_INVALID",
      message: expect.stringMatching(
        /clok is not known.*sources\[1\]\.name is 'cellar' like another's.*sources\[2\] must be an object.*model must be.*limits\.top must be/,
      ),
    }),
  );
  expect(() => createResearch({ sources: [] })).toThrowError(/at least one source/);
});
