import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tool } from "@langchain/core/tools";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { loadTools } from "../../src/adapters/tools.js";
import { connect } from "../../src/mcp/connect.js";
import { readResult } from "../../src/workflows/research/read-result.js";
import { sectionsOf } from "../../src/workflows/research/sections.js";
import { shared } from "../../src/workflows/research/shared.js";
import { folderSource, researchSources, toolSource } from "../../src/workflows/research.js";
import { settle } from "../support/fake-clock.js";
import { tool as definition, scripted, text } from "../support/scripted.js";
import { connectExample } from "./research-parts.js";

const signal = new AbortController().signal;

describe("toolSource()", () => {
  test("calls the tool with its own names of query and limit, within its maximum, and reads its records", async () => {
    const asked: unknown[] = [];
    const properties = { q: { type: "string" }, top_k: { type: "integer", maximum: 5 } };
    const hits = [
      { name: "A", snippet: "first", url: "https://a.example", published: "2026-02-03T10:00:00Z" },
    ];
    const server = scripted("wiki", {
      tools: [definition("search", { properties, required: ["q"] })],
      call: (_, args) => {
        asked.push(args);
        return { ...text("one hit"), structuredContent: { total: 1, hits } };
      },
    });
    await using servers = await connect([server]);
    const [search] = await loadTools(servers);
    const source = toolSource(search as never);
    expect(source.name).toBe("wiki");
    expect(await source.search("apples", { limit: 10, signal })).toEqual([
      { text: "first", title: "A", uri: "https://a.example", updated: "2026-02-03" },
    ]);
    expect(asked).toEqual([{ q: "apples", top_k: 5 }]);
  });

  test("a tool that says it failed is a source that failed", async () => {
    const server = scripted("wiki", {
      tools: [definition("search", { properties: { query: { type: "string" } } })],
      call: () => ({ ...text("index is being built"), isError: true }),
    });
    await using servers = await connect([server]);
    const [search] = await loadTools(servers);
    await expect(toolSource(search as never).search("x", { limit: 1, signal })).rejects.toMatchObject({
      code: "UPSTREAM",
      message: "tool 'search' failed: index is being built",
    });
  });

  test("takes any LangChain tool, with arguments and reading of one's own", async () => {
    const rows = tool(async ({ table, like }) => `${table}|${like}`, {
      name: "rows",
      description: "Rows.",
      schema: z.object({ table: z.string(), like: z.string() }),
    });
    expect(() => toolSource(rows)).toThrowError(/args cannot be told for tool 'rows'/);
    const source = toolSource(rows, {
      args: (like) => ({ table: "t", like }),
      read: ({ text: said }) => said.split("|").map((part) => ({ text: part })),
    });
    expect(await source.search("x", { limit: 1, signal })).toEqual([{ text: "t" }]);
  });
});

describe("readResult()", () => {
  test.each([
    [
      "JSON in text",
      JSON.stringify({ data: { results: [{ title: "T", content: "one" }] } }),
      [{ title: "T", text: "one" }],
    ],
    ["an empty list", '{"hits":[],"total":0}', []],
    ["a text that found nothing", "No results found for apples.", []],
    [
      "numbered titles",
      "1. First (updated 2026-01-02)\nIt says one. It says two.\n\n2. Second\nIt says three.",
      [
        { title: "First", updated: "2026-01-02", text: "It says one. It says two." },
        { title: "Second", text: "It says three." },
      ],
    ],
    ["plain prose", "Apples are red.", [{ text: "Apples are red." }]],
    ["JSON without texts", "[1, 2]", expect.any(Array)],
  ])("reads %s", (_, said, expected) => {
    expect(readResult({ text: said })).toEqual(expected);
  });
});

describe("sectionsOf()", () => {
  test("each part of a log is of its own day; the rest is of the document's", () => {
    const log =
      "---\ntitle: Log\nupdated: 2026-03-01\n---\nAbout this.\n\n## 5 January 2026\n\nOne.\n\n## Other\n\nTwo.";
    expect(sectionsOf(log, { uri: "log.md" })).toEqual([
      { text: "About this.", title: "Log", uri: "log.md", updated: "2026-03-01" },
      { text: "One.", title: "Log", heading: "5 January 2026", uri: "log.md", updated: "2026-01-05" },
      { text: "Two.", title: "Log", heading: "Other", uri: "log.md", updated: "2026-03-01" },
    ]);
  });

  test.each([
    ["# Title\n\nLast updated: 4 May 2026\n\nText.", "a.md", "2026-05-04"],
    ["# Minutes of 4 May 2026\n\nText.", "a.md", "2026-05-04"],
    ["Text.", "minutes/2026-05-04.md", "2026-05-04"],
    ["Text of 30 days a year.", "a.md", undefined],
  ])("reads the date of %j", (content, uri, expected) => {
    const [first] = sectionsOf(content, { uri });
    expect(first?.updated).toBe(expected);
    expect(first?.text).toMatch(/^Text/);
  });

  test("a heading in code is none, and a text without an end is cut at words", () => {
    expect(sectionsOf("```\n# not a heading\n```")).toHaveLength(1);
    const pieces = sectionsOf("word ".repeat(2000)).map(({ text: piece }) => piece);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(2000);
    expect(pieces.join(" ")).toBe("word ".repeat(2000).trim());
  });
});

describe("folderSource() over the filesystem server", () => {
  let folder: string;
  let example: Awaited<ReturnType<typeof connectExample>>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "research-"));
    await mkdir(join(folder, "deep/er"), { recursive: true });
    await mkdir(join(folder, "node_modules"));
    await writeFile(
      join(folder, "deep/er/fruit.md"),
      "# Fruit\n\n## Storing\n\nApples are kept in the cellar.",
    );
    await writeFile(join(folder, "other.txt"), "Carrots grow in sand.");
    await writeFile(join(folder, "picture.png"), "apples apples");
    await writeFile(join(folder, "node_modules/apples.md"), "apples apples");
    example = await connectExample(folder);
  }, 30_000);
  afterAll(async () => {
    await example.close();
    await rm(folder, { recursive: true });
  });
  const files = () => example.tools.filter(({ metadata }) => metadata.server === "notes");

  test("reads the texts of all folders inside and ranks their sections", async () => {
    const found = await folderSource(files()).search("apples cellar", { limit: 5, signal });
    expect(found[0]).toEqual({
      text: "Apples are kept in the cellar.",
      title: "Fruit",
      heading: "Storing",
      uri: "deep/er/fruit.md",
    });
    expect(found.map(({ uri }) => uri)).not.toContain("node_modules/apples.md");
    expect(found.map(({ uri }) => uri)).not.toContain("picture.png");
  });

  test("reads a folder inside, and other endings", async () => {
    const source = folderSource(files(), { root: join(folder, "deep"), endings: [".md", ".png"] });
    const found = await source.search("apples", { limit: 5, signal });
    expect(found.map(({ uri }) => uri)).toEqual(["er/fruit.md"]);
  });

  test("a folder of too many files is an error that says what to do", async () => {
    await expect(
      folderSource(files(), { maxFiles: 1 }).search("x", { limit: 1, signal }),
    ).rejects.toMatchObject({
      code: "OVERLOADED",
      message:
        "source 'notes' has 2 files, and reads at most 1: search a folder inside of it, or raise maxFiles",
    });
  });

  test("a folder that is not there is an error", async () => {
    const search = folderSource(files(), { root: "/nowhere" }).search("x", { limit: 1, signal });
    await expect(search).rejects.toMatchObject({ code: "UPSTREAM" });
  });

  test("tools that cannot read a folder are refused", () => {
    expect(() => folderSource([])).toThrowError(/tools must have directory_tree and read_text_file/);
  });
});

test("researchSources() takes search tools and folders, and neither what writes nor what needs more than a query", async () => {
  const example = await connectExample();
  try {
    expect(researchSources(example.tools).map(({ name }) => name)).toEqual(["enterprise", "notes"]);
  } finally {
    await example.close();
  }
  const schema = z.object({ query: z.string() });
  const make = (name: string, shape: z.ZodObject = schema) =>
    tool(async () => "", { name, description: name, schema: shape });
  const tools = [
    make("brave_web_search"),
    make("searchIssues"),
    make("research_notes"),
    make("find_file", z.object({ query: z.string(), path: z.string() })),
    make("echo"),
  ];
  expect(researchSources(tools).map(({ name }) => name)).toEqual(["brave_web_search", "searchIssues"]);
});

describe("shared()", () => {
  test("does work once for all who wait, and anew for who comes later", async () => {
    let runs = 0;
    const work = shared(async () => ++runs);
    expect(await Promise.all([work(signal), work(signal)])).toEqual([1, 1]);
    expect(await work(signal)).toBe(2);
  });

  test("is ended by the last who gives up, not by the first", async () => {
    let inner: AbortSignal | undefined;
    const work = shared((given) => {
      inner = given;
      return new Promise<never>(() => {});
    });
    const [one, other] = [new AbortController(), new AbortController()];
    const waiting = [work(one.signal), work(other.signal)].map((each) =>
      each.catch((error: unknown) => error),
    );
    one.abort("first");
    expect(await waiting[0]).toBe("first");
    expect(inner?.aborted).toBe(false);
    other.abort("second");
    expect(await waiting[1]).toBe("second");
    await settle();
    expect(inner?.aborted).toBe(true);
  });
});
