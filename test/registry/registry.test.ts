import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import { expect, test } from "vitest";
import { createRegistry, type Registry, type SearchOptions } from "../../src/registry/registry.js";
import { warnings } from "../support/broken-store.js";
import { invent, officeTools } from "./tools.js";

const office = (): Registry => createRegistry(officeTools());

async function namesFor(registry: Registry, query: string, options?: SearchOptions): Promise<string[]> {
  return (await registry.search(query, options)).map(({ tool }) => tool.name);
}

test.each([
  ["the words of a name", "soil moisture", "readSoilMoisture"],
  ["the description", "how wet is the earth", "readSoilMoisture"],
  ["a parameter's description", "with a projector", "book_room"],
  ["a value that a parameter may have", "tomatoes", "readSoilMoisture"],
  ["another word of the same meaning", "plot these figures as a diagram", "bar_chart"],
  ["another form of a word", "fetching some pages", "fetch_page"],
  ["an address", "what does https://example.com/a/b say", "fetch_page"],
  ["its exact name", "find_plant", "find_plant"],
])("search() finds a tool by %s", async (_, query, name) => {
  expect((await namesFor(office(), query))[0]).toBe(name);
});

test("a task of several parts brings up the tool of each", async () => {
  const found = await namesFor(office(), "fetch the page, make a bar chart of it and save it as report.pdf", {
    limit: 4,
  });
  expect(found).toEqual(expect.arrayContaining(["fetch_page", "bar_chart", "to_pdf"]));
});

test("what removes comes behind when nobody asks to remove", async () => {
  const asked = async (query: string) => {
    const found = await office().search(query);
    return found.find(({ tool }) => tool.name === "delete_document")?.why.verb_danger ?? 0;
  };
  expect(await asked("convert the document")).toBeLessThan(0);
  expect(await asked("delete the document")).toBe(0);
});

test("why adds up to the score", async () => {
  for (const { score, why } of await office().search("draw a chart of the plants"))
    expect(Object.values(why).reduce((sum, value) => sum + value, 0)).toBeCloseTo(score, 9);
});

test("search() keeps to a category, a server and tags", async () => {
  const registry = createRegistry(officeTools(), {
    describe: {
      "office.*": { category: "paper" },
      "office.to_pdf": { tags: ["export"] },
      ring_bell: { category: "door", examples: ["somebody waits outside"] },
    },
  });
  expect(registry.categories).toEqual(["door", "drawing", "greenhouse", "paper", "web"]);
  const papers = ["book_room", "delete_document", "to_pdf"];
  expect((await namesFor(registry, "document page plant room", { category: "paper" })).sort()).toEqual(
    papers,
  );
  expect((await namesFor(registry, "document page plant room", { server: "office" })).sort()).toEqual(papers);
  expect(await namesFor(registry, "document", { tags: ["export"] })).toEqual(["to_pdf"]);
  expect((await namesFor(registry, "somebody waits outside"))[0]).toBe("ring_bell");
});

test("a category that there is none of is refused with those that there are", async () => {
  await expect(office().search("plants", { category: "garden" })).rejects.toMatchObject({
    code: "INVALID_ARGUMENTS",
    message: expect.stringContaining("drawing, greenhouse, local, office, web"),
  });
  await expect(office().search("plants", { limit: 0 })).rejects.toMatchObject({ code: "INVALID_ARGUMENTS" });
  await expect(office().search("plants", { most: 3 } as SearchOptions)).rejects.toMatchObject({
    code: "INVALID_ARGUMENTS",
  });
});

test("nothing is found where no word fits", async () => {
  expect(await office().search("xylophone zeppelin")).toEqual([]);
  expect(await office().search("")).toEqual([]);
});

test("what a server says of a tool is read, and what is no text is not", async () => {
  const registry = createRegistry([
    invent("a", "Does a thing.", {
      server: "one",
      metadata: { _meta: { category: "sorted", tags: ["x"], version: "2.1", examples: 7 } },
    }),
  ]);
  expect(registry.entry("one.a")).toMatchObject({
    category: "sorted",
    tags: ["x"],
    version: "2.1",
    examples: [],
  });
  expect(registry.get("a")).toBe(registry.tools[0]);
  expect(registry.get("b")).toBeUndefined();
});

test.each([
  ["two tools of one name", () => createRegistry([invent("a", "One."), invent("a", "Two.")]), "tools.a"],
  [
    "a description of no tool",
    () => createRegistry(officeTools(), { describe: { "garden.*": {} } }),
    "describe.garden.*",
  ],
  [
    "an unknown key of a description",
    () => createRegistry(officeTools(), { describe: { ring_bell: { tag: "x" } as never } }),
    "describe.ring_bell.tag",
  ],
  ["an unknown option", () => createRegistry(officeTools(), { describes: {} } as never), "describes"],
])("createRegistry() refuses %s", (_, make, path) => {
  expect(make).toThrow(
    expect.objectContaining({
      code: "CONFIG_INVALID",
      data: { faults: [expect.objectContaining({ path })] },
    }),
  );
});

test("replace() searches the new tools", async () => {
  const registry = createRegistry(officeTools(), { describe: { ring_bell: { category: "door" } } });
  await registry.search("plants");
  registry.replace([invent("fold_boat", "Folds a paper boat.", { server: "harbour" })]);
  expect(await namesFor(registry, "paper boat or plant")).toEqual(["fold_boat"]);
  expect(registry.categories).toEqual(["harbour"]);
});

test("of two servers' tools of one name that say the same, the second comes behind", async () => {
  const copy = (server: string) =>
    invent(`${server}__list_ships`, "Lists the ships in the port of a town.", {
      server,
      metadata: { server, tool: "list_ships" },
    });
  const registry = createRegistry([copy("north"), copy("south"), invent("paint_ship", "Paints one ship.")]);
  const found = await registry.search("ships in the port");
  expect(found.filter(({ why }) => why.repeats !== undefined).map(({ tool }) => tool.name)).toEqual([
    "south__list_ships",
  ]);
});

/** Knows two meanings: what has to do with doors, and all else. */
function doorEmbeddings(fails = false): EmbeddingsInterface {
  const embed = (text: string) => (/bell|visitor/.test(text) ? [1, 0] : [0, 1]);
  return {
    embedDocuments: async (texts) => {
      if (fails) throw new Error("no model");
      return texts.map(embed);
    },
    embedQuery: async (text) => embed(text),
  };
}

test("an embedding model finds what no word finds", async () => {
  const registry = createRegistry(officeTools(), { embeddings: doorEmbeddings() });
  expect((await namesFor(registry, "a visitor"))[0]).toBe("ring_bell");
});

test("an embedding model that fails costs a warning, not the search", async () => {
  const heard = warnings();
  const registry = createRegistry(officeTools(), { embeddings: doorEmbeddings(true) });
  expect((await namesFor(registry, "bar chart"))[0]).toBe("bar_chart");
  expect((await heard()).join()).toContain("no model");
});
