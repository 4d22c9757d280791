import { AIMessage, HumanMessage, RemoveMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";
import { InMemoryStore } from "@langchain/langgraph-checkpoint";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createMemory, type Memory, type MemoryOptions } from "../../src/memory/memory.js";
import { FakeClock } from "../support/fake-clock.js";
import { testStores } from "./test-stores.js";

const texts = (items: readonly { readonly text: string }[]) => items.map(({ text }) => text);

describe.each(testStores)("createMemory() over $name", ({ skipped, keepsAnyText, start }) => {
  let stores: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    if (!skipped) stores = await start();
  }, 60_000);
  afterAll(() => stores?.stop());

  async function create(options: Partial<MemoryOptions> = {}): Promise<Memory> {
    const store = options.store ?? (await stores.open());
    return createMemory({ namespace: ["users", "alice"], clock: new FakeClock(), ...options, store });
  }

  test.skipIf(skipped)(
    "remembers facts and messages, and finds them by their words, their stems and their speakers",
    async () => {
      const memory = await create();
      await memory.remember("Alice is allergic to peanuts");
      await memory.remember(
        [
          { text: "Which hotel did you book?", speaker: "Bob" },
          { text: "The Astoria, near the station.", speaker: "Alice" },
          { text: "It rained all week here.", speaker: "Bob" },
        ],
        { threadId: "holiday" },
      );
      const [allergy] = await memory.recall("Is she allergic to something?");
      expect(allergy).toMatchObject({ text: "Alice is allergic to peanuts", kind: "fact", threadId: "" });
      const [hotel] = await memory.recall("Which hotel has Alice booked?", {
        limit: 1,
        where: { speaker: "Alice" },
      });
      expect(hotel?.text).toBe("The Astoria, near the station.");
    },
  );

  test.skipIf(skipped)("says why each was found: the parts add up to the score", async () => {
    const memory = await create();
    await memory.remember([{ text: "The budget is 4,000 euros" }, { text: "The weather is fine" }]);
    const found = await memory.recall("What is the budget?");
    expect(found[0]?.text).toBe("The budget is 4,000 euros");
    for (const { why, score } of found) {
      expect(Object.values(why).reduce((sum, part) => sum + part, 0)).toBeCloseTo(score, 9);
    }
  });

  test.skipIf(skipped)(
    "keeps one item of the same thing written twice, by its message id, or as it stands in a batch",
    async () => {
      const memory = await create();
      const said = new HumanMessage({ id: "m1", content: "My dog is called Rex." });
      const [first] = await memory.remember([said], { threadId: "t" });
      const [again] = await memory.remember([said], { threadId: "t" });
      expect(again?.id).toBe(first?.id);
      const chat = [{ text: "Yes." }, { text: "Yes." }];
      const ids = (await memory.remember(chat, { threadId: "t" })).map(({ id }) => id);
      expect(new Set(ids).size).toBe(2);
      expect((await memory.remember(chat, { threadId: "t" })).map(({ id }) => id)).toEqual(ids);
      const [fact] = await memory.remember("Rex is 4 years old");
      expect((await memory.remember("  rex is 4 YEARS  old. "))[0]?.id).toBe(fact?.id);
      expect((await memory.stats()).longTerm.facts).toBe(1);
      expect(texts(await memory.recall("Rex")).filter((text) => /rex/i.test(text))).toHaveLength(2);
    },
  );

  test.skipIf(skipped)("keeps the same words of two people, threads and messages apart", async () => {
    const memory = await create();
    const items = [
      ...(await memory.remember([{ text: "I like tea", speaker: "Ann" }], { threadId: "a" })),
      ...(await memory.remember([{ text: "I like tea", speaker: "Ben" }], { threadId: "a" })),
      ...(await memory.remember([{ text: "I like tea", speaker: "Ann" }], { threadId: "b" })),
      ...(await memory.remember([{ text: "I like tea", speaker: "Ann", id: "7" }], { threadId: "a" })),
    ];
    expect(new Set(items.map(({ id }) => id)).size).toBe(4);
  });

  test.skipIf(skipped)(
    "a correction hides what it corrects and keeps it in the history, through several of them",
    async () => {
      const memory = await create();
      const [berlin] = await memory.remember("I live in Berlin");
      const [munich] = await memory.remember("I live in Munich", { supersedes: berlin?.id ?? "" });
      expect(texts(await memory.recall("Where do I live?"))).toEqual(["I live in Munich"]);
      // Who still has the first id corrects what holds now.
      const [rome] = await memory.remember("I live in Rome", { supersedes: berlin?.id ?? "" });
      expect(rome?.supersedes).toBe(munich?.id);
      expect(texts(await memory.recall("Where do I live?"))).toEqual(["I live in Rome"]);
      expect(texts(await memory.history(munich?.id ?? ""))).toEqual([
        "I live in Berlin",
        "I live in Munich",
        "I live in Rome",
      ]);
      expect((await memory.history(berlin?.id ?? ""))[0]?.supersededBy).toBe(munich?.id);
      expect(texts(await memory.recall("Where do I live?", { superseded: true }))).toHaveLength(3);
      expect((await memory.stats()).superseded).toBe(2);
    },
  );

  test.skipIf(skipped)("what was corrected and is said again holds again, as a new item", async () => {
    const memory = await create();
    const [berlin] = await memory.remember("I live in Berlin");
    const [munich] = await memory.remember("I live in Munich", { supersedes: berlin?.id ?? "" });
    const [back] = await memory.remember("I live in Berlin", { supersedes: munich?.id ?? "" });
    expect(back?.id).not.toBe(berlin?.id);
    expect(texts(await memory.recall("Where do I live?"))).toEqual(["I live in Berlin"]);
    const [same] = await memory.remember("I live in Berlin", { supersedes: munich?.id ?? "" });
    expect(same?.id).toBe(back?.id);
  });

  test.skipIf(skipped)("a correction of something unknown is refused and nothing is written", async () => {
    const memory = await create();
    await expect(memory.remember("I live in Rome", { supersedes: "nothing" })).rejects.toMatchObject({
      code: "INVALID_ARGUMENTS",
      message: expect.stringContaining('no item "nothing"'),
    });
    expect(await memory.recall("Rome")).toEqual([]);
  });

  test.skipIf(skipped)(
    "what has expired is hidden at once, removed by a later write, and may be said again",
    async () => {
      const clock = new FakeClock();
      const memory = await create({ clock });
      const [code] = await memory.remember("The door code is 4711", { ttlMs: 1000 });
      await memory.remember("The door is green");
      await clock.advance(999);
      expect(await memory.recall("door code")).toHaveLength(2);
      await clock.advance(1);
      expect(texts(await memory.recall("door code"))).toEqual(["The door is green"]);
      expect((await memory.stats()).expired).toBe(1);
      const [again] = await memory.remember("The door code is 4711", { ttlMs: 1000 });
      expect(again?.id).not.toBe(code?.id);
      expect((await memory.stats()).expired).toBe(0);
      expect(texts(await memory.recall("door code"))).toContain("The door code is 4711");
    },
  );

  test.skipIf(skipped)("an expired correction does not bring back what it corrected", async () => {
    const clock = new FakeClock();
    const memory = await create({ clock });
    const [old] = await memory.remember("The password hint is blue");
    await memory.remember("The password hint is red", { supersedes: old?.id ?? "", ttlMs: 1000 });
    await clock.advance(1000);
    expect(await memory.recall("password hint")).toEqual([]);
    await memory.remember("Something else");
    expect(await memory.recall("password hint")).toEqual([]);
  });

  test.skipIf(skipped)(
    "short-term memory is the newest turns of a thread, tool calls with their results, starting at a user",
    async () => {
      const memory = await create({ shortTerm: { maxMessages: 5 } });
      const call = (id: string) => ({ id, name: "search", args: { query: "remote policy" } });
      await memory.remember(
        [
          new SystemMessage("You are helpful."),
          new HumanMessage({ id: "1", content: "What is our remote policy?" }),
          new AIMessage({ id: "2", content: "", tool_calls: [call("c1"), call("c2")] }),
          new ToolMessage({ id: "3", content: "Three days a week.", tool_call_id: "c1" }),
          new ToolMessage({ id: "4", content: "VPN is required.", tool_call_id: "c2" }),
          new AIMessage({ id: "5", content: "Three days, with VPN." }),
          new HumanMessage({ id: "6", content: "Thanks" }),
          new AIMessage({ id: "7", content: "You are welcome" }),
        ],
        { threadId: "t" },
      );
      expect((await memory.recent("t")).map(({ id }) => id)).toEqual(["6", "7"]);
      expect(await memory.stats()).toMatchObject({
        shortTerm: { threads: 1, messages: 2 },
        longTerm: { messages: 5, facts: 0 },
      });
      const wide = await create({ shortTerm: { maxMessages: 7 } });
      await wide.remember(
        [
          new HumanMessage({ id: "1", content: "Hello" }),
          new AIMessage({ id: "2", content: "", tool_calls: [call("c1")] }),
        ],
        { threadId: "t" },
      );
      // The result comes later, as it does after an approval.
      await wide.remember([new ToolMessage({ id: "3", content: "Found.", tool_call_id: "c1" })], {
        threadId: "t",
      });
      const [, asked, answered] = await wide.recent("t");
      expect((asked as AIMessage).tool_calls).toMatchObject([call("c1")]);
      expect((answered as ToolMessage).tool_call_id).toBe("c1");
      const found = await wide.recall("search found", { where: { threadId: "t" } });
      const groups = found.filter(({ role }) => role !== "user").map(({ group }) => group);
      expect(groups).toHaveLength(2);
      expect(new Set(groups).size).toBe(1);
    },
  );

  test.skipIf(skipped)("filters by kind, role, speaker, thread, time and metadata", async () => {
    const memory = await create();
    await memory.remember(
      [
        {
          text: "The launch is in May",
          speaker: "Ann",
          time: "2024-03-01T10:00:00Z",
          metadata: { team: "red" },
        },
        {
          text: "The launch is in June",
          speaker: "Ben",
          time: "2024-04-01T10:00:00Z",
          metadata: { team: "blue" },
        },
        { role: "assistant", text: "The launch was moved", time: "2024-05-01T10:00:00Z" },
      ],
      { threadId: "plan" },
    );
    await memory.remember("The launch needs a permit", { time: "2024-06-01" });
    const found = async (where: NonNullable<Parameters<Memory["recall"]>[1]>["where"]) =>
      texts(await memory.recall("launch", { where: where ?? {} })).sort();
    expect(await found({ kind: "fact" })).toEqual(["The launch needs a permit"]);
    expect(await found({ role: "assistant" })).toEqual(["The launch was moved"]);
    expect(await found({ speaker: "Ben" })).toEqual(["The launch is in June"]);
    expect(await found({ threadId: "plan", before: "2024-04-01T10:00:00Z" })).toEqual([
      "The launch is in May",
    ]);
    expect(await found({ after: new Date("2024-05-01T10:00:00Z") })).toEqual([
      "The launch needs a permit",
      "The launch was moved",
    ]);
    expect(await found({ metadata: { team: "blue" } })).toEqual(["The launch is in June"]);
    expect(await found({ metadata: { team: "green" } })).toEqual([]);
  });

  test.skipIf(skipped)(
    "links an item to its neighbours in the thread, also when they were written out of order",
    async () => {
      const memory = await create();
      await memory.remember([{ text: "third thing", time: 3000 }], { threadId: "t" });
      await memory.remember(
        [
          { text: "first thing", time: 1000 },
          { text: "second thing", time: 2000 },
        ],
        { threadId: "t" },
      );
      const [second] = await memory.recall("second");
      const [first] = await memory.recall("first");
      const [third] = await memory.recall("third");
      expect([second?.previous, second?.next]).toEqual([first?.id, third?.id]);
      expect(first?.previous).toBeUndefined();
      expect(third?.next).toBeUndefined();
    },
  );

  test.skipIf(skipped)("collapses what says nearly the same, and names what it left out", async () => {
    const memory = await create();
    await memory.remember([{ text: "The meeting room is number 12 on floor 3", id: "1" }], { threadId: "a" });
    await memory.remember([{ text: "The meeting room is number 12, on floor 3!", id: "2" }], {
      threadId: "b",
    });
    const found = await memory.recall("Which meeting room?");
    expect(found).toHaveLength(1);
    expect(found[0]?.duplicates).toHaveLength(1);
  });

  test.skipIf(skipped)(
    "counts how often each was found, and writes the counts with the next write",
    async () => {
      const store = await stores.open();
      const memory = await create({ store });
      await memory.remember("The printer is on floor 2");
      await memory.recall("printer");
      await memory.recall("printer");
      expect((await memory.recall("printer"))[0]?.hits).toBe(2);
      await memory.remember("The scanner is on floor 1");
      expect((await memory.stats()).hits).toBe(3);
      const usage = await store.search(["users", "alice", "=usage"]);
      expect(usage.map(({ value }) => value.hits)).toEqual([3]);
    },
  );

  test.skipIf(skipped)(
    "forgets by id, by thread and altogether, and nothing when nothing is named",
    async () => {
      const memory = await create();
      const [fact] = await memory.remember("My number is 555-0100");
      await memory.remember([{ text: "Good morning" }, { text: "Good evening" }], { threadId: "t" });
      await memory.remember([{ text: "Good night" }], { threadId: "u" });
      for (const nothing of [{}, { id: 5 }, { all: false }, { ids: [undefined] }] as never[]) {
        await expect(memory.forget(nothing)).rejects.toMatchObject({ code: "INVALID_ARGUMENTS" });
      }
      expect(await memory.forget({ id: "unknown" })).toBe(0);
      expect(await memory.forget({ id: fact?.id ?? "" })).toBe(1);
      expect(await memory.recall("number")).toEqual([]);
      expect(await memory.forget({ threadId: "t" })).toBe(2);
      expect(texts(await memory.recall("good"))).toEqual(["Good night"]);
      expect(await memory.forget({ all: true })).toBe(1);
      expect(await memory.stats()).toMatchObject({ longTerm: { messages: 0, facts: 0 }, hits: 0 });
    },
  );

  test.skipIf(skipped)(
    "forgetting a correction forgets what it corrected, and half of a tool call the other half",
    async () => {
      const memory = await create();
      const [berlin] = await memory.remember("I live in Berlin");
      const [munich] = await memory.remember("I live in Munich", { supersedes: berlin?.id ?? "" });
      expect(await memory.forget({ id: munich?.id ?? "" })).toBe(2);
      expect(await memory.recall("Where do I live?")).toEqual([]);
      const [, , result] = await memory.remember([
        new HumanMessage({ id: "1", content: "Look it up" }),
        new AIMessage({ id: "2", content: "", tool_calls: [{ id: "c", name: "lookup", args: {} }] }),
        new ToolMessage({ id: "3", content: "42", tool_call_id: "c" }),
      ]);
      expect(await memory.forget({ id: result?.id ?? "" })).toBe(2);
      expect((await memory.recent()).map(({ id }) => id)).toEqual(["1"]);
    },
  );

  test.skipIf(skipped)("users never see each other, whatever their names look like", async () => {
    const store = await stores.open();
    const names = [
      "acme",
      "acme-corp",
      "acme.corp",
      "acme:corp",
      "acme%corp",
      "a*",
      "ACME",
      "é",
      "e\u0301",
      "\u0000",
      "threads",
      " ",
    ];
    const memories = await Promise.all(names.map((name) => create({ store, namespace: ["tenant", name] })));
    for (const [position, memory] of memories.entries())
      await memory.remember(`the secret is number ${position}`);
    for (const [position, memory] of memories.entries()) {
      expect(texts(await memory.recall("secret number"))).toEqual([`the secret is number ${position}`]);
    }
    expect(await memories[0]?.forget({ all: true })).toBe(1);
    expect(await memories[1]?.recall("secret")).toHaveLength(1);
  });

  test.skipIf(skipped)(
    "what was removed and is said again is new, and what corrected it before hides it no more",
    async () => {
      const memory = await create();
      const [paris] = await memory.remember("Alice lives in Paris");
      await memory.remember("Alice lives in Rome", { supersedes: paris?.id ?? "" });
      await memory.forget({ id: paris?.id ?? "" });
      const [again] = await memory.remember("Alice lives in Paris");
      expect(again?.id).not.toBe(paris?.id);
      expect(texts(await memory.recall("Where does Alice live?"))).toContain("Alice lives in Paris");
      expect(texts(await memory.history(again?.id ?? ""))).toEqual(["Alice lives in Paris"]);
    },
  );

  test.skipIf(skipped)("corrections never go round in a circle, whatever expires between them", async () => {
    const clock = new FakeClock();
    const memory = await create({ clock });
    const [paris] = await memory.remember("Alice lives in Paris", { ttlMs: 1000 });
    const [rome] = await memory.remember("Alice lives in Rome", { supersedes: paris?.id ?? "" });
    await clock.advance(1000);
    await memory.remember("Something else");
    const [back] = await memory.remember("Alice lives in Paris", { supersedes: rome?.id ?? "" });
    expect(texts(await memory.history(back?.id ?? ""))).toEqual([
      "Alice lives in Rome",
      "Alice lives in Paris",
    ]);
    expect((await memory.recall("Where does Alice live?"))[0]?.text).toBe("Alice lives in Paris");
  });

  test.skipIf(skipped)(
    "forgetting everything of a team leaves the memories of its members alone",
    async () => {
      const store = await stores.open();
      const team = await create({ store, namespace: ["acme"] });
      const member = await create({ store, namespace: ["acme", "threads"] });
      await member.remember("The member likes tea");
      await team.remember("The team meets on Monday");
      expect(texts(await team.recall("member tea team"))).toEqual(["The team meets on Monday"]);
      expect(await team.forget({ all: true })).toBe(1);
      expect(texts(await member.recall("tea"))).toEqual(["The member likes tea"]);
    },
  );

  test.skipIf(skipped)(
    "a record that is not memory's own, or damaged, is left out with a warning",
    async () => {
      const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
      const store = await stores.open();
      await store.put(["users", "alice", "=facts"], "x", { text: "hi" });
      const memory = await create({ store });
      await memory.remember("The sky is blue");
      expect(texts(await memory.recall("sky hi"))).toEqual(["The sky is blue"]);
      expect(warn).toHaveBeenCalledWith(
        expect.stringContaining("'x'"),
        expect.objectContaining({ code: "LEFT_OUT" }),
      );
      warn.mockRestore();
    },
  );

  test.skipIf(skipped)(
    "another memory of the same namespace in this process knows at once what one learnt",
    async () => {
      const store = await stores.open();
      const [one, two] = [await create({ store }), await create({ store })];
      expect(await two.recall("kettle")).toEqual([]);
      const [item] = await one.remember("The kettle is broken");
      expect(await two.recall("kettle")).toHaveLength(1);
      await two.forget({ id: item?.id ?? "" });
      expect(await one.recall("kettle")).toEqual([]);
    },
  );

  test.skipIf(skipped)("concurrent writes of one thread keep their order and lose nothing", async () => {
    const memory = await create();
    await Promise.all(
      Array.from({ length: 30 }, (_, position) =>
        memory.remember([{ text: `step number ${position}`, id: `${position}` }]),
      ),
    );
    expect(texts((await memory.recent()).map(({ text }) => ({ text })))).toEqual(
      Array.from({ length: 30 }, (_, position) => `step number ${position}`),
    );
  });

  test.skipIf(skipped)(
    "keeps any text and any label, and finds it again in another process' eyes",
    async () => {
      const store = await stores.open();
      let run = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(
            fc
              .string({ unit: "binary", minLength: 1, maxLength: 30 })
              .filter((text) => text.trim() !== "" && (keepsAnyText || !text.includes("\0"))),
            { minLength: 1, maxLength: 5 },
          ),
          fc
            .string({ unit: "binary", minLength: 1, maxLength: 10 })
            .filter((text) => keepsAnyText || !text.includes("\0")),
          async (said, label) => {
            const memory = await create({ store, namespace: [label, `${run++}`] });
            const items = await memory.remember(
              said.map((text, id) => ({ text, id: `${id}` })),
              { threadId: label },
            );
            expect(texts(items)).toEqual(said);
            expect((await memory.recent(label)).map(({ content }) => content)).toEqual(said);
          },
        ),
        { numRuns: 20 },
      );
    },
  );

  test.skipIf(skipped)("what says nothing is not kept", async () => {
    const memory = await create();
    expect(await memory.remember("   ")).toEqual([]);
    expect(await memory.remember([])).toEqual([]);
    expect(
      await memory.remember([new SystemMessage("rules"), new RemoveMessage({ id: "x" }), new AIMessage("")]),
    ).toEqual([]);
    expect(await memory.recall("")).toEqual([]);
    expect((await memory.context("")).text).toBe("");
  });
});

describe("createMemory()", () => {
  const store = new InMemoryStore();
  test.each([
    [{ store, namespace: [] }, "namespace"],
    [{ store, namespace: ["users", ""] }, "namespace[1]"],
    [{ store, namespace: ["users", undefined] }, "namespace[1]"],
    [{ store, namespace: "users" }, "namespace"],
    [{ store: {}, namespace: ["a"] }, "store"],
    [{ store, namespace: ["a"], shortTerm: { maxMessages: 0 } }, "shortTerm.maxMessages"],
    [{ store, namespace: ["a"], shortTerm: { maxTokens: Number.NaN } }, "shortTerm.maxTokens"],
    [{ store, namespace: ["a"], ttlMs: -1 }, "ttlMs"],
    [{ store, namespace: ["a"], ttlMs: 1e18 }, "ttlMs"],
    [{ store, namespace: ["a"], ttl: 5 }, "ttl"],
    [{ store, namespace: ["a"], embeddings: "openai:x" }, "embeddings"],
    [{ store, namespace: ["a"], countTokens: 5 }, "countTokens"],
    [undefined, "options"],
  ])("refuses what it cannot use: %o", (options, path) => {
    expect(() => createMemory(options as MemoryOptions)).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        message: expect.stringContaining(`createMemory(): ${path} is`),
      }),
    );
  });

  test.each([
    [(memory: Memory) => memory.remember([5] as never), "item 0"],
    [(memory: Memory) => memory.remember([{ text: "fine" }, { text: 7 }] as never), "item 1"],
    [(memory: Memory) => memory.remember([{ text: "fine", time: "some day" }]), "is no time"],
    [
      (memory: Memory) => memory.remember([{ text: "hey", speaker: 5 }] as never),
      "the speaker of item 0 is 5",
    ],
    [(memory: Memory) => memory.remember([{ text: "hey", sender: "me" }] as never), "'sender' in item 0"],
    [(memory: Memory) => memory.remember([{ text: "hey", role: "customer" }] as never), "the role of item 0"],
    [
      (memory: Memory) => memory.remember([{ text: "hey", metadata: { a: [] } }] as never),
      "metadata of item 0",
    ],
    [(memory: Memory) => memory.remember("hey", { ttlMs: Number.NaN }), "ttlMs is null"],
    [(memory: Memory) => memory.remember("hey", { ttlMs: -5 }), "ttlMs is -5"],
    [(memory: Memory) => memory.remember("hey", { ttlMs: 1e18 }), "ttlMs is 1000000000000000000"],
    [(memory: Memory) => memory.remember([{ text: "hey" }], { threadId: 5 } as never), "threadId is 5"],
    [
      (memory: Memory) => memory.remember("hey", { thread: "a" } as never),
      "'thread' in options is not known",
    ],
    [
      (memory: Memory) => memory.recall("x", { where: { thread: "a" } } as never),
      "'thread' in where is not known",
    ],
    [(memory: Memory) => memory.recall("x", { where: "holiday" } as never), 'where is "holiday"'],
    [(memory: Memory) => memory.recall("x", { threadId: "nope" } as never), "'threadId' in options"],
    [(memory: Memory) => memory.recall("x", { where: { kind: "facts" } } as never), 'where.kind is "facts"'],
    [(memory: Memory) => memory.recall("x", { limit: "1" } as never), 'limit is "1"'],
    [(memory: Memory) => memory.context("x", { task: "book" } as never), 'task is "book"'],
    [(memory: Memory) => memory.context(undefined as never), "context(): query is undefined"],
    [(memory: Memory) => memory.forget({ threadId: "a", all: true } as never), "what to forget is"],
    [(memory: Memory) => memory.forget(undefined as never), "what to forget is undefined"],
    [(memory: Memory) => memory.recall("x", { limit: 0 }), "limit is 0"],
    [(memory: Memory) => memory.recall("x", { where: { after: "then" } }), 'where.after is "then"'],
    [(memory: Memory) => memory.recall(undefined as never), "query is undefined"],
    [(memory: Memory) => memory.context("x", { maxTokens: 0 }), "maxTokens is 0"],
  ])("refuses what it cannot read: %s", async (use, said) => {
    const memory = createMemory({ store, namespace: ["bad", "input"] });
    await expect(use(memory)).rejects.toMatchObject({
      code: "INVALID_ARGUMENTS",
      message: expect.stringContaining(said),
    });
    expect(await memory.recent()).toEqual([]);
  });

  test("a store that fails is a STORE error that names it; nothing is thought to be known that was not written", async () => {
    class FailingStore extends InMemoryStore {
      broken = false;
      override async batch(...[operations]: Parameters<InMemoryStore["batch"]>): Promise<never> {
        if (this.broken) throw new Error("connection lost");
        return (await super.batch(operations)) as never;
      }
    }
    const failing = new FailingStore();
    const memory = createMemory({ store: failing, namespace: ["a"] });
    await memory.remember("The sky is blue");
    failing.broken = true;
    const failure = {
      code: "STORE",
      message: expect.stringContaining("FailingStore: connection lost"),
      retryable: true,
    };
    await expect(memory.remember("The sea is green")).rejects.toMatchObject(failure);
    await expect(memory.recall("sky")).rejects.toMatchObject(failure);
    failing.broken = false;
    expect(await memory.recall("sea green")).toEqual([]);
    await memory.remember("The sea is green");
    expect(await memory.recall("sea green")).toHaveLength(1);
  });

  test("a store that cannot be read at first is read when it can be", async () => {
    let broken = true;
    const store = new InMemoryStore();
    const search = store.search.bind(store);
    store.search = async (...given) => {
      if (broken) throw new Error("starting up");
      return await search(...given);
    };
    const memory = createMemory({ store, namespace: ["late"] });
    await expect(memory.recall("anything")).rejects.toMatchObject({ code: "STORE" });
    broken = false;
    expect(await memory.recall("anything")).toEqual([]);
  });

  test("over a store without a change feed, what others write is seen within five seconds, and what they remove at once", async () => {
    const clock = new FakeClock();
    const shared = new InMemoryStore();
    // Two objects over the same data are to this process what two processes are.
    const view = () => new Proxy(shared, {});
    const [here, there] = [view(), view()].map((store) => createMemory({ store, namespace: ["a"], clock }));
    expect(await here?.recall("lamp")).toEqual([]);
    const [item] = (await there?.remember("The lamp is new")) ?? [];
    await clock.advance(5000);
    expect(await here?.recall("lamp")).toHaveLength(1);
    await there?.forget({ id: item?.id ?? "" });
    expect(await here?.recall("lamp")).toEqual([]);
    // What this one still thinks to be there is gone, and is kept when it is said again.
    const [kettle] = (await here?.remember("The kettle is new")) ?? [];
    await clock.advance(5000);
    await there?.forget({ id: kettle?.id ?? "" });
    expect((await here?.remember("The kettle is new"))?.[0]?.text).toBe("The kettle is new");
    expect(await shared.search(["a"], { filter: { text: "The kettle is new" } })).toHaveLength(1);
  });

  test("time hardly depends on what a text is made of", async () => {
    const memory = createMemory({ store: new InMemoryStore(), namespace: ["long"] });
    const startedAt = process.cpuUsage();
    await memory.remember(`${".".repeat(200_000)}a`);
    await memory.remember([{ text: `lamp${" ".repeat(200_000)}a` }]);
    await memory.context("lamp", { maxTokens: 1_000_000 });
    // It took half a minute when a pattern looked for the end from each dot.
    expect(process.cpuUsage(startedAt).user).toBeLessThan(8_000_000);
  });
});
