import { Embeddings } from "@langchain/core/embeddings";
import { InMemoryStore } from "@langchain/langgraph-checkpoint";
import { describe, expect, test, vi } from "vitest";
import { createMemory } from "../../src/memory/memory.js";
import { createVectors } from "../../src/memory/vectors.js";
import { FakeClock } from "../support/fake-clock.js";

/** A model that knows which words mean the same: one dimension for each meaning. */
class Meanings extends Embeddings {
  broken = false;
  calls = 0;
  constructor(
    readonly model: string,
    readonly meanings: readonly RegExp[],
  ) {
    super({});
  }
  async embedDocuments(texts: string[]): Promise<number[][]> {
    if (this.broken) throw new Error("model is away");
    this.calls++;
    return texts.map((text) => this.meanings.map((meaning) => (meaning.test(text) ? 1 : 0.01)));
  }
  async embedQuery(text: string): Promise<number[]> {
    return (await this.embedDocuments([text]))[0] as number[];
  }
}

const meanings = [/dog|puppy|animal/, /car|vehicle/, /food|lunch/];

describe("createMemory() with embeddings", () => {
  test("finds what shares no word with the question, and says that the meaning did it", async () => {
    const memory = createMemory({
      store: new InMemoryStore(),
      namespace: ["a"],
      embeddings: new Meanings("m", meanings),
      clock: new FakeClock(),
    });
    await memory.remember([{ text: "We bought a new car" }], { threadId: "1" });
    await memory.remember([{ text: "Our puppy sleeps all day" }], { threadId: "2" });
    await memory.remember([{ text: "Lunch was great" }], { threadId: "3" });
    const [found] = await memory.recall("Which animal do they have?");
    expect(found?.text).toBe("Our puppy sleeps all day");
    expect(found?.why.semantic).toBeGreaterThan(0);
    expect((await memory.stats()).vectors).toBe(3);
  });

  test("keeps what it is told while the model is away, recalls by words, and catches up later", async () => {
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    const embeddings = new Meanings("m", meanings);
    const memory = createMemory({ store: new InMemoryStore(), namespace: ["a"], embeddings });
    embeddings.broken = true;
    await memory.remember("Our puppy sleeps all day");
    expect(await memory.recall("puppy")).toHaveLength(1);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining("kept without vectors"), expect.anything());
    expect((await memory.stats()).vectors).toBe(0);
    embeddings.broken = false;
    await memory.remember("Our car is red");
    expect((await memory.stats()).vectors).toBe(2);
    embeddings.broken = true;
    expect((await memory.recall("puppy"))[0]?.text).toContain("puppy");
    expect(warn).toHaveBeenLastCalledWith(
      expect.stringContaining("recalled by words alone"),
      expect.anything(),
    );
    warn.mockRestore();
  });

  test("vectors survive in the store, and those of another model are made anew", async () => {
    const store = new InMemoryStore();
    const first = new Meanings("first", meanings);
    await createMemory({ store, namespace: ["a"], embeddings: first }).remember("Our puppy sleeps");
    const again = new Meanings("first", meanings);
    // Another object over the same data is to this process what a new process is.
    const reopened = createMemory({ store: new Proxy(store, {}), namespace: ["a"], embeddings: again });
    expect((await reopened.stats()).vectors).toBe(1);
    expect(again.calls).toBe(0);
    const other = new Meanings("other", [...meanings, /house/]);
    const moved = createMemory({ store, namespace: ["a"], embeddings: other });
    expect((await moved.stats()).vectors).toBe(0);
    await moved.remember("Our house is old");
    expect((await moved.stats()).vectors).toBe(2);
    expect((await moved.recall("animal"))[0]?.text).toBe("Our puppy sleeps");
  });
});

describe("createVectors()", () => {
  test("finds the nearest that are accepted, as a look at all of them does", () => {
    const vectors = createVectors();
    const random = new FakeClock();
    const rows = Array.from({ length: 200 }, () => Array.from({ length: 8 }, () => random.random() - 0.5));
    for (const [row, vector] of rows.entries()) vectors.add(`${row}`, vector);
    for (const row of [0, 5, 199]) vectors.remove(`${row}`);
    vectors.remove("unknown");
    const query = rows[7] as number[];
    const cosine = (a: number[], b: number[]) =>
      a.reduce((sum, value, i) => sum + value * (b[i] as number), 0) / Math.hypot(...a) / Math.hypot(...b);
    const expected = rows
      .map((vector, row) => ({ id: `${row}`, score: cosine(query, vector) }))
      .filter(({ id }) => !["0", "5", "199"].includes(id) && Number(id) % 2 === 1)
      .sort((a, b) => b.score - a.score)
      .slice(0, 10);
    const { nearest, similarity } = vectors.search(query, 10, (id) => Number(id) % 2 === 1);
    expect(nearest).toEqual(expected.map(({ id }) => id));
    for (const { id, score } of expected) expect(similarity(id)).toBeCloseTo(score, 5);
    expect(similarity("5")).toBeUndefined();
    expect(vectors.size).toBe(197);
  });

  test("refuses vectors of another length", () => {
    const vectors = createVectors();
    expect(vectors.add("a", [1, 2])).toBe(true);
    expect(vectors.add("b", [1, 2, 3])).toBe(false);
    expect(vectors.add("c", [])).toBe(false);
    expect(vectors.search([1, 2, 3], 5, () => true).nearest).toEqual([]);
  });
});
