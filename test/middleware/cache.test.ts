import { randomUUID } from "node:crypto";
import { getEventListeners } from "node:events";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Call, createCall, type Handler } from "../../src/core/call.js";
import { BatonError } from "../../src/core/errors.js";
import type { Result } from "../../src/core/result.js";
import { type CacheEntry, type CacheOptions, type CacheStore, cache } from "../../src/middleware/cache.js";
import { failure } from "../support/calls.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { obeysLaws } from "./laws.js";

const READ = { readOnly: true };

/** A cache over a server of its own, as writes are known to the whole process. */
function setUp(options: CacheOptions = {}, answer: (call: Call, run: number) => unknown = () => ({})) {
  const clock = new FakeClock();
  const server = randomUUID();
  const runs: Call[] = [];
  const next: Handler = async (call) => {
    runs.push(call);
    const text = `run ${runs.length}`;
    return { content: [{ type: "text", text }], ...((await answer(call, runs.length)) as Partial<Result>) };
  };
  const middleware = cache({ clock, ...options });
  const use = (parts: Partial<Call> = {}) =>
    middleware(createCall({ server, tool: "read", args: { id: 1 }, hints: READ, ...parts }), next);
  const write = (parts: Partial<Call> = {}) => use({ tool: "write", hints: {}, ...parts });
  return { clock, runs, use, write, middleware, server, next };
}

const textOf = (result: Result) => (result.content[0] as { text: string }).text;

/** Hangs until it is let go, or until its call is aborted. */
function gate() {
  const waiting: { call: Call; open: (value?: Partial<Result>) => void; fail: (error: unknown) => void }[] =
    [];
  const answer = (call: Call) =>
    new Promise<Partial<Result>>((resolve, reject) => {
      waiting.push({ call, open: (value = {}) => resolve(value), fail: reject });
      call.signal?.addEventListener("abort", () => reject(call.signal?.reason), { once: true });
    });
  return { waiting, answer };
}

describe("the laws", () => {
  obeysLaws("cache", (clock) => cache({ clock }));
  obeysLaws("cache with ttlMs", (clock) => cache({ ttlMs: 1000, clock }));
});

describe("cache() keeps", () => {
  test("a result for ttlMs, and says how old it is", async () => {
    const { clock, runs, use } = setUp({ ttlMs: 1000 });
    expect((await use()).obtained).toEqual({ cache: "miss" });
    await clock.advance(999);
    expect(await use()).toMatchObject({
      content: [{ text: "run 1" }],
      obtained: { cache: "hit", ageMs: 999 },
    });
    await clock.advance(1);
    expect(await use()).toMatchObject({ content: [{ text: "run 2" }], obtained: { cache: "miss" } });
    expect(runs).toHaveLength(2);
  });

  test("nothing of how a result was obtained", async () => {
    const { use } = setUp({ ttlMs: 1000 }, () => ({ obtained: { attempts: 3, hedged: true } }));
    expect((await use()).obtained).toEqual({ attempts: 3, hedged: true, cache: "miss" });
    expect((await use()).obtained).toEqual({ cache: "hit", ageMs: 0 });
  });

  test("equal arguments whatever the order of their keys", async () => {
    const { runs, use } = setUp({ ttlMs: 1000 });
    await use({ args: { a: 1, b: { c: [1], d: null } } });
    await use({ args: { b: { d: null, c: [1] }, a: 1 } });
    expect(runs).toHaveLength(1);
  });

  test("results apart for every server, tool, argument, tenant and user", async () => {
    const text = fc.constantFrom("", "a", "b", "a.b", "[]", "null");
    const maybe = fc.option(text, { nil: undefined });
    const parts = fc.record({
      server: text,
      tool: text,
      args: fc.dictionary(text, text),
      tenant: maybe,
      user: maybe,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(parts, { maxLength: 20 }), async (list) => {
        const run = randomUUID();
        const { use } = setUp({ ttlMs: 1000 }, (call) => ({
          structuredContent: JSON.stringify([call.server, call.tool, call.args, call.caller]),
        }));
        for (const { server, tool, args, ...who } of [...list, ...list]) {
          const caller = JSON.parse(JSON.stringify(who)) as NonNullable<Call["caller"]>;
          const result = await use({ server: `${run}${server}`, tool, args, caller });
          const sorted = JSON.parse(result.structuredContent as string) as [string, string, object, object];
          expect(sorted).toEqual([`${run}${server}`, tool, args, caller]);
        }
      }),
    );
  });

  test("a copy: no consumer can change what another gets", async () => {
    const shared = { list: [1, 2, 3] };
    const { use } = setUp({ ttlMs: 1000 }, () => ({ structuredContent: shared }));
    const first = (await use()) as { structuredContent: typeof shared };
    first.structuredContent.list.push(4);
    const second = (await use()) as { structuredContent: typeof shared };
    expect(second.structuredContent.list).toEqual([1, 2, 3]);
    second.structuredContent.list.length = 0;
    expect((await use()).structuredContent).toEqual({ list: [1, 2, 3] });
  });

  test("at most maxEntries, the least used going first", async () => {
    const { runs, use } = setUp({ ttlMs: 1000, maxEntries: 2 });
    for (const id of [1, 2, 1, 3, 1, 2]) await use({ args: { id } });
    expect(runs.map(({ args }) => args.id)).toEqual([1, 2, 3, 2]);
  });

  test("tools without a hint only when `tools` lists them", async () => {
    const { runs, use, server } = setUp({ ttlMs: 1000, tools: ["*.list_*"] });
    for (const tool of ["list_all", "list_all", "drop", "drop"]) await use({ tool, hints: {} });
    expect(runs.map(({ tool }) => tool)).toEqual(["list_all", "drop", "drop"]);
    expect(server).not.toBe("");
  });

  test("what `key` says is equal, still for one caller alone, and nothing that it has no key for", async () => {
    const key = ({ args }: Call) => (args.fresh ? undefined : String(args.id));
    const { runs, use } = setUp({ ttlMs: 1000, key });
    await use({ args: { id: 1, reason: "a" } });
    await use({ args: { id: 1, reason: "b" } });
    expect(runs).toHaveLength(1);
    await use({ args: { id: 1 }, caller: { user: "ann" } });
    await use({ args: { id: 1 }, caller: { tenant: "ann" } });
    expect(runs).toHaveLength(3);
    await use({ args: { id: 1, fresh: true } });
    expect(runs).toHaveLength(4);
  });

  test.each<[string, Partial<Result>]>([
    ["a failed tool", { isError: true }],
    ["another server's answer", { obtained: { server: "mirror" } }],
    ["another tool's answer", { obtained: { tool: "other" } }],
    ["a replayed result", { obtained: { replayed: true } }],
    ["a result above 1 MiB", { content: [{ type: "text", text: "x".repeat(1024 * 1024 + 1) }] }],
    ["a large structured result", { structuredContent: "x".repeat(1024 * 1024 + 1) }],
    ["what is no JSON", { structuredContent: 1n }],
    ["what its server forbids", { ttlMs: 0 } as Partial<Result>],
  ])("never %s", async (_, result) => {
    const { runs, use } = setUp({ ttlMs: 1000 }, () => result);
    await use();
    expect((await use()).obtained?.cache).toBe("miss");
    expect(runs).toHaveLength(2);
  });

  test("no error", async () => {
    const { runs, use } = setUp({ ttlMs: 1000 }, () => Promise.reject(new BatonError("UPSTREAM", "down")));
    for (let each = 0; each < 2; each++) await failure(use());
    expect(runs).toHaveLength(2);
  });

  test("no call whose arguments are no JSON: it goes by", async () => {
    const { runs, use } = setUp({ ttlMs: 1000 });
    for (let each = 0; each < 2; each++) expect((await use({ args: { big: 1n } })).obtained).toBeUndefined();
    expect(runs).toHaveLength(2);
  });
});

describe("a server's hint", () => {
  test.each([
    ["beside the content", { ttlMs: 500, cacheScope: "public" }],
    ["in _meta", { _meta: { ttlMs: 500, cacheScope: "public" } }],
    ["without a scope", { ttlMs: 500 }],
  ])("%s is a lifetime where no ttlMs is set", async (_, hint) => {
    const { clock, runs, use } = setUp({}, () => hint);
    await use();
    expect((await use()).obtained).toEqual({ cache: "hit", ageMs: 0 });
    await clock.advance(500);
    await use();
    expect(runs).toHaveLength(2);
  });

  test("can only shorten ttlMs", async () => {
    const { clock, runs, use } = setUp({ ttlMs: 1000 }, ({ tool }) => ({
      ttlMs: tool === "short" ? 10 : 1e9,
    }));
    await use({ tool: "short" });
    await use({ tool: "long" });
    await clock.advance(10);
    await use({ tool: "short" });
    await use({ tool: "long" });
    expect(runs.map(({ tool }) => tool)).toEqual(["short", "long", "short"]);
    await clock.advance(990);
    await use({ tool: "long" });
    expect(runs).toHaveLength(4);
  });

  test.each([-1, Number.NaN, "60", null, {}])("that makes no sense keeps nothing: %s", async (ttlMs) => {
    const { runs, use } = setUp({ ttlMs: 1000 }, () => ({ ttlMs }));
    await use();
    await use();
    expect(runs).toHaveLength(2);
  });

  test("never lasts longer than a day", async () => {
    const { clock, runs, use } = setUp({}, () => ({ ttlMs: Number.MAX_SAFE_INTEGER }));
    await use();
    await clock.advance(24 * 3_600_000);
    await use();
    expect(runs).toHaveLength(2);
  });

  test("without one and without ttlMs the result passes by identity", async () => {
    const result: Result = { content: [] };
    const call = createCall({ server: "plain", tool: "read", args: {}, hints: READ });
    expect(await cache()(call, async () => result)).toBe(result);
  });

  test("private results never go to a shared store, public and unmarked ones do", async () => {
    const { store, kept } = memoryStore();
    const { use } = setUp({ ttlMs: 1000, store }, ({ tool }) =>
      tool === "unmarked" ? {} : { ttlMs: 500, ...(tool !== "no scope" && { cacheScope: tool }) },
    );
    for (const tool of ["private", "public", "unmarked", "no scope"]) {
      await use({ tool });
      expect((await use({ tool })).obtained?.cache).toBe("hit");
    }
    expect(kept.size).toBe(2);
  });
});

describe("a write", () => {
  test("makes what was read before it be read again, as an agent does", async () => {
    const { runs, use, write } = setUp({ ttlMs: 1000 });
    await use();
    await write();
    expect(textOf(await use())).toBe("run 3");
    expect((await use()).obtained?.cache).toBe("hit");
    expect(runs).toHaveLength(3);
  });

  test.each<[string, unknown, boolean]>([
    ["failed with a possible effect", new BatonError("TIMEOUT", "late", { effect: "possible" }), true],
    ["failed in an unknown way", new Error("odd"), true],
    ["was never sent", new BatonError("CIRCUIT_OPEN", "open"), false],
  ])("that %s", async (_, error, forgets) => {
    const { use, write } = setUp({ ttlMs: 1000 }, ({ tool }) =>
      tool === "write" ? Promise.reject(error) : {},
    );
    await use();
    await expect(write()).rejects.toBe(error);
    expect((await use()).obtained?.cache).toBe(forgets ? "miss" : "hit");
  });

  test("counts for its server and tenant alone", async () => {
    const { use, write } = setUp({ ttlMs: 1000 });
    const others = [{ server: randomUUID() }, { caller: { tenant: "b" } }, { caller: {} }];
    const mine = [{ caller: { tenant: "a" } }, { caller: { tenant: "a", user: "ann" } }];
    for (const parts of [...others, ...mine]) await use(parts);
    await write({ caller: { tenant: "a", user: "bob" } });
    for (const parts of others) expect((await use(parts)).obtained?.cache).toBe("hit");
    for (const parts of mine) expect((await use(parts)).obtained?.cache).toBe("miss");
  });

  test("of one user without a tenant counts for all of them: they may share what is behind the server", async () => {
    const { use, write } = setUp({ ttlMs: 1000 });
    await use({ caller: { user: "ann" } });
    await write({ caller: { user: "bob" } });
    expect((await use({ caller: { user: "ann" } })).obtained?.cache).toBe("miss");
  });

  test("that goes through another cache counts too, as tools have options of their own", async () => {
    const { use, server, next } = setUp({ ttlMs: 1000 });
    await use();
    await cache()(createCall({ server, tool: "write", args: {} }), next);
    expect((await use()).obtained?.cache).toBe("miss");
  });

  test("that ends while a read is under way keeps its result from being served, and nobody joins it", async () => {
    const { waiting, answer } = gate();
    const { use, write } = setUp({ ttlMs: 1000 }, (call) => (call.tool === "read" ? answer(call) : {}));
    const before = use();
    await settle();
    await write();
    const after = use();
    await settle();
    expect(waiting).toHaveLength(2);
    waiting[0]?.open({ content: [{ type: "text", text: "old" }] });
    waiting[1]?.open({ content: [{ type: "text", text: "new" }] });
    expect(textOf(await before)).toBe("old");
    expect(textOf(await after)).toBe("new");
    expect(textOf(await use())).toBe("new");
  });

  test.each([
    ["with ttlMs", { ttlMs: 1000 }, {}],
    ["with the server's hint alone", {}, { ttlMs: 1000 }],
  ])(
    "that runs when its server is read for the first time makes it be read again, %s",
    async (_, options, hint) => {
      const { waiting, answer } = gate();
      const { use, write } = setUp(options, (call) => (call.tool === "write" ? answer(call) : hint));
      const writing = write();
      await settle();
      await use();
      waiting[0]?.open();
      await writing;
      expect((await use()).obtained?.cache).toBe("miss");
      expect((await use()).obtained?.cache).toBe("hit");
    },
  );

  test("that ends while its server is read for the first time keeps that result from being served", async () => {
    const { waiting, answer } = gate();
    const { use, write } = setUp({}, (call) => (call.tool === "read" ? answer(call) : {}));
    const before = use();
    await settle();
    await write();
    waiting[0]?.open({ ttlMs: 1000 } as Partial<Result>);
    await before;
    const after = use();
    await settle();
    expect(waiting).toHaveLength(2);
    waiting[1]?.open({ ttlMs: 1000 } as Partial<Result>);
    expect(textOf(await after)).toBe("run 3");
    expect(textOf(await use())).toBe("run 3");
  });

  test("to more scopes than are remembered forgets too much rather than too little", async () => {
    const { use, write } = setUp({ ttlMs: 1e6 });
    await use({ caller: { tenant: "first" } });
    await write({ caller: { tenant: "first" } });
    await use({ caller: { tenant: "first" } });
    await use({ caller: { tenant: "quiet" } });
    for (let each = 0; each < 10_001; each++) await write({ caller: { tenant: `tenant ${each}` } });
    expect((await use({ caller: { tenant: "first" } })).obtained?.cache).toBe("miss");
    expect((await use({ caller: { tenant: "quiet" } })).obtained?.cache).toBe("miss");
  });
});

describe("equal reads at the same time", () => {
  test("run once, each with a copy of its own", async () => {
    const { waiting, answer } = gate();
    const { runs, use } = setUp({ ttlMs: 1000 }, answer);
    const all = Array.from({ length: 16 }, () => use());
    await settle();
    waiting[0]?.open({ structuredContent: { list: [1] } });
    const results = await Promise.all(all);
    expect(runs).toHaveLength(1);
    expect(results.filter(({ obtained }) => obtained?.cache === "hit")).toHaveLength(15);
    expect(new Set(results.map(({ structuredContent }) => structuredContent)).size).toBe(16);
  });

  test("leave no timer and no listener behind", async () => {
    const { waiting, answer } = gate();
    const { clock, use } = setUp({ ttlMs: 1000 }, answer);
    const { signal } = new AbortController();
    const all = [use(), use({ signal, deadline: clock.now() + 100 })];
    await settle();
    expect([clock.pending, getEventListeners(signal, "abort").length]).toEqual([1, 1]);
    waiting[0]?.open();
    await Promise.all(all);
    expect([clock.pending, getEventListeners(signal, "abort").length]).toEqual([0, 0]);
  });

  test("share what is not kept too", async () => {
    const { waiting, answer } = gate();
    const { runs, use } = setUp({ ttlMs: 1000 }, answer);
    const all = [use(), use()];
    await settle();
    waiting[0]?.open({ isError: true, obtained: { attempts: 2 } });
    const [first, second] = await Promise.all(all);
    expect(first?.obtained).toEqual({ attempts: 2, cache: "miss" });
    expect(second).toMatchObject({ isError: true, obtained: { cache: "hit", ageMs: 0 } });
    expect(second?.obtained).toEqual({ cache: "hit", ageMs: 0 });
    expect(runs).toHaveLength(1);
  });

  test("share a failure of the server", async () => {
    const { waiting, answer } = gate();
    const { runs, use } = setUp({ ttlMs: 1000 }, answer);
    const all = [use(), use(), use()].map((each) => failure(each));
    await settle();
    waiting[0]?.fail(new BatonError("UPSTREAM", "down", { retryable: true }));
    expect((await Promise.all(all)).map(({ code }) => code)).toEqual(["UPSTREAM", "UPSTREAM", "UPSTREAM"]);
    expect(runs).toHaveLength(1);
  });

  test("one that waits can leave: the run goes on for the others", async () => {
    const { waiting, answer } = gate();
    const { clock, runs, use } = setUp({ ttlMs: 1000 }, answer);
    const caller = new AbortController();
    const first = use();
    const second = failure(use({ signal: caller.signal }));
    const third = failure(use({ deadline: clock.now() + 100 }));
    await settle();
    caller.abort(new Error("enough"));
    expect(await second).toMatchObject({ code: "CANCELLED", effect: "none" });
    await clock.advance(100);
    expect(await third).toMatchObject({ code: "TIMEOUT", effect: "none", data: { timeoutMs: 100 } });
    expect(getEventListeners(caller.signal, "abort")).toHaveLength(0);
    expect(clock.pending).toBe(0);
    waiting[0]?.open();
    expect(textOf(await first)).toBe("run 1");
    expect(runs).toHaveLength(1);
  });

  test("the one that runs can leave: the first that waited runs anew, for all the others", async () => {
    const { waiting, answer } = gate();
    const { runs, use } = setUp({ ttlMs: 1000 }, answer);
    const caller = new AbortController();
    const first = use({ signal: caller.signal });
    const others = [use(), use(), use()];
    await settle();
    caller.abort(new Error("enough"));
    await expect(first).rejects.toThrow("enough");
    await settle();
    waiting[1]?.open();
    expect((await Promise.all(others)).map(textOf)).toEqual(["run 2", "run 2", "run 2"]);
    expect(runs).toHaveLength(2);
  });

  test("a shorter limit of the one that runs is not theirs, an equal one is", async () => {
    const { waiting, answer } = gate();
    const { clock, runs, use } = setUp({ ttlMs: 1000 }, answer);
    const deadline = clock.now() + 100;
    const first = failure(use({ deadline }));
    const equal = failure(use({ deadline }));
    const longer = use({ deadline: deadline + 1 });
    const open = use();
    await settle();
    waiting[0]?.fail(new BatonError("TIMEOUT", "late", { effect: "possible" }));
    expect((await first).code).toBe("TIMEOUT");
    expect((await equal).code).toBe("TIMEOUT");
    await settle();
    waiting[1]?.open();
    expect((await Promise.all([longer, open])).map(textOf)).toEqual(["run 2", "run 2"]);
    expect(runs).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });

  test("an interrupt stays with the call that it came from", async () => {
    const interrupt = Object.assign(new Error("approve?"), { name: "GraphInterrupt" });
    const { waiting, answer } = gate();
    const { use } = setUp({ ttlMs: 1000 }, answer);
    const first = use();
    const second = use();
    await settle();
    waiting[0]?.fail(interrupt);
    await expect(first).rejects.toBe(interrupt);
    await settle();
    waiting[1]?.open();
    expect(textOf(await second)).toBe("run 2");
  });
});

describe("a store", () => {
  test("is asked on a miss in memory, and what it has is held to our own ttlMs", async () => {
    const { store } = memoryStore();
    const one = setUp({ ttlMs: 10_000, store });
    await one.use();
    await one.clock.advance(600);
    const runs: Call[] = [];
    const two = cache({ ttlMs: 1000, store, clock: one.clock });
    const read = () =>
      two(createCall({ server: one.server, tool: "read", args: { id: 1 }, hints: READ }), async (call) => {
        runs.push(call);
        return { content: [] };
      });
    expect((await read()).obtained).toEqual({ cache: "hit", ageMs: 600 });
    await one.clock.advance(400);
    expect((await read()).obtained).toEqual({ cache: "miss" });
    expect(runs).toHaveLength(1);
  });

  test("hears of a write by a process that never reads", async () => {
    const { store } = memoryStore();
    const forgotten: string[] = [];
    const { write, server } = setUp({
      ttlMs: 1000,
      store: { ...store, forget: (scope) => forgotten.push(scope) },
    });
    await write();
    expect(forgotten).toEqual([server]);
  });

  test("that cannot tell is left alone", async () => {
    const { store, kept } = memoryStore();
    const { use } = setUp({ ttlMs: 1000, store: { ...store, get: async () => undefined } });
    expect((await use()).obtained).toEqual({ cache: "miss" });
    expect(kept.size).toBe(0);
  });
});

test("an option that cannot be used is refused", () => {
  for (const options of [{ ttlMs: 0 }, { ttlMs: 1.5 }, { maxEntries: 0 }, { tools: ["no dot"] }])
    expect(() => cache(options)).toThrow(/must be|not of the form/);
});

function memoryStore() {
  const kept = new Map<string, { entry: CacheEntry; generation: string }>();
  const generations = new Map<string, string>();
  const store: CacheStore = {
    async get(scope, key) {
      const generation = generations.get(scope) ?? "";
      const found = kept.get(key);
      return found?.generation === generation ? { entry: found.entry, generation } : { generation };
    },
    set: (key, entry, generation) => void kept.set(key, { entry, generation }),
    forget: (scope) => void generations.set(scope, randomUUID()),
  };
  return { store, kept };
}
