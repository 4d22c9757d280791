import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import { expect, test } from "vitest";
import { toEntries } from "../../src/registry/entry.js";
import { createMeanings } from "../../src/registry/meanings.js";
import { createRegistry, type Registry } from "../../src/registry/registry.js";
import { warnings } from "../support/broken-store.js";
import { FakeClock } from "../support/fake-clock.js";
import { officeTools } from "./tools.js";

const firstFor = async (registry: Registry, query: string): Promise<string | undefined> =>
  (await registry.search(query))[0]?.tool.name;

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
  expect(await firstFor(registry, "a visitor")).toBe("ring_bell");
});

test("an embedding model that fails costs a warning, not the search", async () => {
  const heard = warnings();
  const registry = createRegistry(officeTools(), { embeddings: doorEmbeddings(true) });
  expect(await firstFor(registry, "bar chart")).toBe("bar_chart");
  expect((await heard()).join()).toContain("no model");
});

test("a model that fails is left alone for a minute, and then embeds the tools", async () => {
  const clock = new FakeClock();
  let [asked, fails] = [0, true];
  const embeddings: EmbeddingsInterface = {
    ...doorEmbeddings(),
    async embedDocuments(texts) {
      asked++;
      if (fails) throw new Error("no model");
      return await doorEmbeddings().embedDocuments(texts);
    },
  };
  const meanings = createMeanings(embeddings, toEntries(officeTools(), {}, "strict"), clock);
  const search = () => meanings.nearest("a visitor", 1, () => true);
  for (let round = 0; round < 3; round++) expect(await search()).toEqual([]);
  expect(asked).toBe(1);
  fails = false;
  await clock.advance(60_000);
  for (let round = 0; round < 2; round++) expect(await search()).toEqual([officeTools().length - 1]);
  expect(asked).toBe(2);
});

test("a search waits five seconds for a slow model; what comes late serves later searches", async () => {
  const clock = new FakeClock();
  let [asked, answer] = [0, (): void => {}];
  const embeddings: EmbeddingsInterface = {
    ...doorEmbeddings(),
    async embedDocuments(texts) {
      asked++;
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return await doorEmbeddings().embedDocuments(texts);
    },
  };
  const meanings = createMeanings(embeddings, toEntries(officeTools(), {}, "strict"), clock);
  const search = () => meanings.nearest("a visitor", 1, () => true);
  const late = search();
  await clock.advance(5000);
  expect(await late).toEqual([]);
  answer();
  await clock.advance(60_000);
  expect(await search()).toEqual([officeTools().length - 1]);
  expect(asked).toBe(1);
  expect(clock.pending).toBe(0);
});
