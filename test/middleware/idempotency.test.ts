import { getEventListeners } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Call, createCall, type Handler } from "../../src/core/call.js";
import { BatonError } from "../../src/core/errors.js";
import { type Result, resultText } from "../../src/core/result.js";
import {
  type IdempotencyOptions,
  type IdempotencyRecord,
  type IdempotencyStore,
  idempotency,
} from "../../src/middleware/idempotency.js";
import { memoryIdempotency } from "../../src/middleware/stores/memory-idempotency.js";
import { failure } from "../support/calls.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { obeysLaws } from "./laws.js";

const DAY_MS = 24 * 3_600_000;

function setUp(options: IdempotencyOptions = {}, answer: (call: Call, run: number) => unknown = () => ({})) {
  const clock = new FakeClock();
  const runs: Call[] = [];
  const next: Handler = async (call) => {
    runs.push(call);
    const text = `run ${runs.length}`;
    return { content: [{ type: "text", text }], ...((await answer(call, runs.length)) as Partial<Result>) };
  };
  const middleware = idempotency({ clock, ...options });
  const use = (parts: Partial<Call> = {}) =>
    middleware(
      createCall({ server: "bank", tool: "pay", args: { eur: 1 }, idempotencyKey: "k", ...parts }),
      next,
    );
  return { clock, runs, use, middleware, next };
}

/** A call that runs until it is let go. */
function gate() {
  const waiting: { call: Call; open: () => void; fail: (error: unknown) => void }[] = [];
  const answer = (call: Call) =>
    new Promise((resolve, reject) => {
      waiting.push({ call, open: () => resolve({}), fail: reject });
      call.signal?.addEventListener("abort", () => reject(call.signal?.reason), { once: true });
    });
  return { waiting, answer };
}

const possible = () =>
  Promise.reject(new BatonError("UPSTREAM", "broke", { effect: "possible", retryable: true }));

describe("the laws", () => {
  obeysLaws("idempotency", (clock) => idempotency({ clock }));
  obeysLaws("idempotency with a key", (clock) => idempotency({ clock, key: () => "k" }));
  obeysLaws("idempotency with a store that answers later", (clock) =>
    idempotency({ clock, key: () => "k", store: later(memoryIdempotency()) }),
  );
});

describe("one key", () => {
  test("runs once, and later calls get the kept result and its age", async () => {
    const { clock, runs, use } = setUp();
    const first = await use();
    expect(first.obtained).toBeUndefined();
    await clock.advance(500);
    expect(await use()).toEqual({ ...first, obtained: { replayed: true, ageMs: 500 } });
    expect(runs).toHaveLength(1);
  });

  test("stays on the call that goes on: the tool knows it", async () => {
    const { runs, use } = setUp();
    await use();
    expect(runs[0]?.idempotencyKey).toBe("k");
  });

  test("keeps a failed tool's result too", async () => {
    const { runs, use } = setUp({}, () => ({ isError: true }));
    await use();
    expect(await use()).toMatchObject({ isError: true, obtained: { replayed: true } });
    expect(runs).toHaveLength(1);
  });

  test("gives each a copy, and says nothing of how the first was obtained", async () => {
    const { use } = setUp({}, () => ({ structuredContent: { list: [1] }, obtained: { attempts: 2 } }));
    const first = (await use()) as { structuredContent: { list: number[] } };
    first.structuredContent.list.push(2);
    const second = await use();
    expect(second.structuredContent).toEqual({ list: [1] });
    expect(second.obtained).toEqual({ replayed: true, ageMs: 0 });
  });

  test("runs anew when ttlMs has passed, and not before", async () => {
    const { clock, runs, use } = setUp({ ttlMs: 1000 });
    await use();
    await clock.advance(999);
    await use();
    expect(runs).toHaveLength(1);
    await clock.advance(1);
    expect(resultText(await use())).toBe("run 2");
  });

  test("with other arguments is a conflict, and nothing runs", async () => {
    const { runs, use } = setUp();
    await use();
    expect(await failure(use({ args: { eur: 2 } }))).toMatchObject({
      code: "IDEMPOTENCY_CONFLICT",
      effect: "none",
      retryable: false,
      data: { server: "bank", tool: "pay", key: "k" },
    });
    expect(runs).toHaveLength(1);
  });

  test("with other arguments is a conflict at once while the first runs", async () => {
    const { waiting, answer } = gate();
    const { use } = setUp({}, answer);
    const first = use();
    await settle();
    expect((await failure(use({ args: { eur: 2 } }))).code).toBe("IDEMPOTENCY_CONFLICT");
    waiting[0]?.open();
    await first;
  });

  test("is another one for each server, tool, tenant, and user without a tenant", async () => {
    const { runs, use } = setUp();
    const others: Partial<Call>[] = [
      {},
      { server: "bank2" },
      { tool: "refund" },
      { caller: { tenant: "a" } },
      { caller: { user: "a" } },
      { caller: { user: "b" } },
    ];
    for (const parts of others) await use(parts);
    expect(runs).toHaveLength(6);
    await use({ caller: { tenant: "a", user: "somebody else" } });
    expect(runs).toHaveLength(6);
  });

  test("comes from `key` where a call has none, and is then unknown to the tool", async () => {
    const { runs, use } = setUp({
      key: ({ args }) => (args.order === undefined ? undefined : `${args.order}`),
    });
    for (const order of [1, 1, undefined, undefined])
      await use({ idempotencyKey: undefined, args: { order } });
    expect(runs).toHaveLength(3);
    expect(runs[0]?.idempotencyKey).toBeUndefined();
    await use({ idempotencyKey: "own", args: { order: 1 } });
    expect(runs[3]?.idempotencyKey).toBe("own");
  });

  test("needs arguments that can be compared", async () => {
    const { runs, use } = setUp();
    expect(await failure(use({ args: { big: 1n } }))).toMatchObject({
      code: "INVALID_ARGUMENTS",
      effect: "none",
    });
    expect(runs).toHaveLength(0);
  });
});

describe("derive", () => {
  const at = { idempotencyKey: undefined, threadId: "t", toolCallId: "c" };

  test('"tool-call" runs a call of a model in a thread once, and gives the tool no key', async () => {
    const { runs, use } = setUp({ derive: "tool-call" });
    await use(at);
    expect((await use(at)).obtained?.replayed).toBe(true);
    expect(runs).toHaveLength(1);
    expect(runs[0]?.idempotencyKey).toBeUndefined();
    await use({ ...at, toolCallId: "d" });
    await use({ ...at, threadId: "u" });
    // The same text, put together otherwise.
    await use({ ...at, threadId: "t/c", toolCallId: "" });
    await use({ ...at, idempotencyKey: "t/c" });
    expect(runs).toHaveLength(5);
  });

  test("says in a conflict that ids of tool calls must be unique within a thread", async () => {
    const { runs, use } = setUp({ derive: "tool-call" });
    await use(at);
    const error = await failure(use({ ...at, args: { eur: 2 } }));
    expect(error).toMatchObject({ code: "IDEMPOTENCY_CONFLICT", data: { key: "t/c" } });
    expect(error.message).toContain("do not use `derive` with a model that numbers its calls anew each turn");
    expect(error.message).not.toContain("take a new key");
    expect(runs).toHaveLength(1);
  });

  test.each([
    ["without a thread", { threadId: undefined }],
    ["without a tool call", { toolCallId: undefined }],
    ["for a tool that only reads", { hints: { readOnly: true } }],
  ])("does nothing %s", async (_, parts) => {
    const { runs, use } = setUp({ derive: "tool-call" });
    await use({ ...at, ...parts });
    await use({ ...at, ...parts });
    expect(runs).toHaveLength(2);
  });

  test("is off unless asked for", async () => {
    const { runs, use } = setUp();
    await use(at);
    await use(at);
    expect(runs).toHaveLength(2);
  });
});

describe("at the same time", () => {
  test("1,000 keys of 16 callers each run 1,000 times", async () => {
    const counts = new Map<string | undefined, number>();
    const { use } = setUp({}, async (call) => {
      counts.set(call.idempotencyKey, (counts.get(call.idempotencyKey) ?? 0) + 1);
      await settle();
      return { content: [{ type: "text", text: call.idempotencyKey }] };
    });
    const uses = Array.from({ length: 16_000 }, (_, each) => `key ${each % 1000}`);
    const results = await Promise.all(uses.map((idempotencyKey) => use({ idempotencyKey })));
    expect(counts.size).toBe(1000);
    expect([...counts.values()].every((count) => count === 1)).toBe(true);
    expect(results.every((result, each) => resultText(result) === uses[each])).toBe(true);
    expect(results.filter(({ obtained }) => obtained?.replayed)).toHaveLength(15_000);
  });

  test("one that waits can leave", async () => {
    const { waiting, answer } = gate();
    const { clock, runs, use } = setUp({}, answer);
    const caller = new AbortController();
    const first = use();
    const second = failure(use({ signal: caller.signal }));
    const third = failure(use({ deadline: clock.now() + 100 }));
    await settle();
    caller.abort(new Error("enough"));
    // Somebody else's run of the same key may have its effect, so another way must not be taken.
    expect(await second).toMatchObject({ code: "CANCELLED", effect: "possible" });
    await clock.advance(100);
    expect(await third).toMatchObject({ code: "TIMEOUT", effect: "possible" });
    expect(getEventListeners(caller.signal, "abort")).toHaveLength(0);
    expect(clock.pending).toBe(0);
    waiting[0]?.open();
    expect(resultText(await first)).toBe("run 1");
    expect(runs).toHaveLength(1);
  });

  test("when the one that runs is stopped midway, nobody runs it again", async () => {
    const { answer } = gate();
    const { runs, use } = setUp({}, answer);
    const caller = new AbortController();
    const first = use({ signal: caller.signal });
    const second = failure(use());
    await settle();
    caller.abort(new Error("enough"));
    await expect(first).rejects.toThrow("enough");
    expect((await second).code).toBe("OUTCOME_UNKNOWN");
    expect(runs).toHaveLength(1);
  });

  test("when it was stopped before anything was sent, one of the others runs", async () => {
    const { waiting, answer } = gate();
    const { runs, use } = setUp({}, answer);
    const first = failure(use());
    const others = [use(), use()];
    await settle();
    waiting[0]?.fail(new BatonError("CANCELLED", "in the queue"));
    expect((await first).code).toBe("CANCELLED");
    await settle();
    waiting[1]?.open();
    expect((await Promise.all(others)).map(resultText)).toEqual(["run 2", "run 2"]);
    expect(runs).toHaveLength(2);
  });

  test("they share a failure", async () => {
    const { waiting, answer } = gate();
    const { runs, use } = setUp({}, answer);
    const all = [failure(use()), failure(use())];
    await settle();
    waiting[0]?.fail(new BatonError("NOT_CONNECTED", "down", { retryable: true }));
    expect((await Promise.all(all)).map(({ code }) => code)).toEqual(["NOT_CONNECTED", "NOT_CONNECTED"]);
    expect(runs).toHaveLength(1);
  });
});

describe("after a failure", () => {
  test.each([
    ["without an effect", new BatonError("CIRCUIT_OPEN", "open", { retryable: true })],
    ["by an interrupt", Object.assign(new Error("approve?"), { name: "GraphInterrupt", is_bubble_up: true })],
    ["by one of another name", Object.assign(new Error("ask?"), { name: "Asked", is_bubble_up: true })],
  ])("%s the key may run again", async (_, error) => {
    const { runs, use } = setUp({}, (_, run) => (run === 1 ? Promise.reject(error) : {}));
    await expect(use()).rejects.toBe(error);
    expect(resultText(await use())).toBe("run 2");
    expect(runs).toHaveLength(2);
  });

  test.each([
    ["with a possible effect", possible],
    ["in an unknown way", () => Promise.reject(new TypeError("odd"))],
  ])("%s it may not, until somebody has looked", async (_, fail) => {
    const store = memoryIdempotency();
    const { clock, runs, use } = setUp({ store }, (_, run) => (run === 1 ? fail() : {}));
    await expect(use()).rejects.toThrow(/broke|odd/);
    await clock.advance(29 * DAY_MS);
    const error = await failure(use());
    expect(error).toMatchObject({
      code: "OUTCOME_UNKNOWN",
      effect: "possible",
      retryable: false,
      data: { server: "bank", tool: "pay", key: "k" },
    });
    expect(error.message).toContain("forget(error.data.record)");
    expect(runs).toHaveLength(1);
    await store.forget(String(error.data.record));
    expect(resultText(await use())).toBe("run 2");
    expect((await use()).obtained?.replayed).toBe(true);
  });

  test.each([{ readOnly: true }, { idempotent: true }])(
    "a tool with %o runs again by itself",
    async (hints) => {
      const { runs, use } = setUp({}, (_, run) => (run === 1 ? possible() : {}));
      await failure(use({ hints }));
      expect(resultText(await use({ hints }))).toBe("run 2");
      expect(runs).toHaveLength(2);
    },
  );

  test("what is unknown is a conflict for other arguments all the same", async () => {
    const { use } = setUp({}, possible);
    await failure(use());
    expect((await failure(use({ args: {} }))).code).toBe("IDEMPOTENCY_CONFLICT");
  });
});

describe("a run of another process", () => {
  test("is waited for while its lease lives, and its result is taken", async () => {
    const store = memoryIdempotency();
    const { waiting, answer } = gate();
    const one = setUp({ store }, answer);
    const two = setUp({ store, clock: one.clock });
    const first = one.use();
    await settle();
    const second = two.use();
    await one.clock.advance(5000);
    waiting[0]?.open();
    await first;
    await one.clock.advance(1000);
    expect(await second).toMatchObject({ content: [{ text: "run 1" }], obtained: { replayed: true } });
    expect(two.runs).toHaveLength(0);
    expect(one.clock.pending).toBe(0);
  });

  test("that crashed is unknown when its lease has ended, not a moment earlier", async () => {
    const store = memoryIdempotency();
    const { answer } = gate();
    const one = setUp({ store, leaseMs: 60_000 }, answer);
    void one.use();
    await settle();
    const two = setUp({ store, clock: one.clock });
    let error: BatonError | undefined;
    void failure(two.use()).then((reason) => {
      error = reason;
    });
    await one.clock.advance(59_999);
    expect(error).toBeUndefined();
    await one.clock.advance(1);
    await settle();
    expect(error?.code).toBe("OUTCOME_UNKNOWN");
    expect(two.runs).toHaveLength(0);
    expect(one.clock.pending).toBe(0);
  });

  test("can be waited for within one's own signal and deadline", async () => {
    const store = memoryIdempotency();
    const { answer } = gate();
    const one = setUp({ store }, answer);
    void one.use();
    await settle();
    const { clock } = one;
    const two = setUp({ store, clock });
    const caller = new AbortController();
    const cancelled = failure(two.use({ signal: caller.signal }));
    await settle();
    caller.abort();
    expect(await cancelled).toMatchObject({ code: "CANCELLED", effect: "possible" });
    expect(clock.pending).toBe(0);
    const late = failure(two.use({ deadline: clock.now() + 70 }));
    await clock.advance(70);
    expect(await late).toMatchObject({ code: "TIMEOUT", effect: "possible", data: { timeoutMs: 70 } });
    expect(clock.pending).toBe(0);
  });
});

describe("a store", () => {
  const broken = (rest: Partial<IdempotencyStore>): IdempotencyStore => ({ ...memoryIdempotency(), ...rest });
  const down = () => Promise.reject(new Error("disk full"));

  test.each([
    ["rejects", down],
    [
      "throws",
      () => {
        throw new Error("disk full");
      },
    ],
  ])("that %s before the call keeps it from being sent", async (_, begin) => {
    const { runs, use } = setUp({ store: broken({ begin }) });
    const error = await failure(use());
    expect(error).toMatchObject({ code: "STORE", effect: "none", retryable: true });
    expect(error.data).toEqual({ server: "bank", tool: "pay", store: "memory" });
    expect(error.message).toContain("disk full");
    expect(runs).toHaveLength(0);
  });

  test("that began the key but said that it failed does not lose it", async () => {
    const memory = memoryIdempotency();
    let fails = true;
    const begin = async (key: string, record: IdempotencyRecord) => {
      const found = await memory.begin(key, record);
      if (fails) throw new Error("the answer was lost");
      return found;
    };
    const { use } = setUp({ store: { ...memory, begin } });
    expect((await failure(use())).code).toBe("STORE");
    fails = false;
    expect(resultText(await use())).toBe("run 1");
  });

  test.each([
    ["the same", { eur: 1 }],
    ["other", { eur: 2 }],
  ])(
    "that began the key too late and then could not forget it does not lose it, for %s arguments",
    async (_, args) => {
      const memory = memoryIdempotency();
      let isSlow = true;
      const store: IdempotencyStore = {
        ...memory,
        begin: async (key, record) => {
          const found = await memory.begin(key, record);
          if (isSlow) throw new Error("no answer in time");
          return found;
        },
        forget: async (key, owner) => {
          if (isSlow) throw new Error("there is no connection");
          await memory.forget(key, owner);
        },
      };
      const { clock, runs, use } = setUp({ store });
      expect((await failure(use())).code).toBe("STORE");
      await settle();
      isSlow = false;
      expect(resultText(await use({ args, deadline: clock.now() + 1000 }))).toBe("run 1");
      expect((await use({ args })).obtained?.replayed).toBe(true);
      expect(runs).toHaveLength(1);
    },
  );

  test("that does not answer is not waited for beyond the call's own signal, and the key is not lost", async () => {
    const memory = memoryIdempotency();
    let answer = (): void => {};
    const begin = (key: string, record: IdempotencyRecord) =>
      new Promise<IdempotencyRecord | undefined>((resolve) => {
        answer = () => resolve(memory.begin(key, record) as IdempotencyRecord | undefined);
      });
    const { runs, use } = setUp({ store: { ...memory, begin } });
    const caller = new AbortController();
    const first = failure(use({ signal: caller.signal }));
    await settle();
    caller.abort();
    expect(await first).toMatchObject({ code: "CANCELLED", effect: "none" });
    answer();
    await settle();
    const second = use();
    await settle();
    answer();
    expect(resultText(await second)).toBe("run 1");
    expect(runs).toHaveLength(1);
  });

  test("that fails after the call does not hide its result; the key ends as unknown", async () => {
    const warnings = listen();
    const store = broken({ finish: down });
    const { clock, runs, use } = setUp({ store, leaseMs: 1000 });
    const all = await Promise.all([use(), use()]);
    expect(all.map(resultText)).toEqual(["run 1", "run 1"]);
    const later = failure(use());
    await clock.advance(1000);
    expect((await later).code).toBe("OUTCOME_UNKNOWN");
    expect(runs).toHaveLength(1);
    await settle();
    expect(warnings).toEqual([expect.stringMatching(/'bank', tool 'pay'.*did not take in.*disk full/)]);
  });

  test("that fails after a failure does not hide it", async () => {
    const warnings = listen();
    const { use } = setUp({ store: broken({ finish: down, forget: down }) }, possible);
    expect((await failure(use())).message).toBe("broke");
    await settle();
    expect(warnings).toHaveLength(1);
  });

  test("with a broken result says so, and nothing runs", async () => {
    const memory = memoryIdempotency();
    const finish = (key: string, record: IdempotencyRecord) => memory.finish(key, { ...record, result: "{" });
    const { runs, use } = setUp({ store: { ...memory, finish } });
    await use();
    expect(await failure(use())).toMatchObject({ code: "STORE", effect: "possible", retryable: false });
    expect(runs).toHaveLength(1);
  });

  test("is told that a result which is no JSON cannot be had again", async () => {
    const { runs, use } = setUp({}, () => ({ structuredContent: 1n }));
    expect((await use()).structuredContent).toBe(1n);
    expect((await failure(use())).code).toBe("OUTCOME_UNKNOWN");
    expect(runs).toHaveLength(1);
  });
});

test("an option that cannot be used is refused", () => {
  for (const options of [{ ttlMs: 0 }, { leaseMs: -1 }, { derive: "always" as "never" }])
    expect(() => idempotency(options)).toThrow(/must be/);
});

/** The same store as one behind a network has it. */
function later(store: IdempotencyStore): IdempotencyStore {
  return {
    name: "later",
    begin: async (key, record) => store.begin(key, record),
    finish: async (key, record) => store.finish(key, record),
    forget: async (key, owner) => store.forget(key, owner),
  };
}

function listen(): string[] {
  const warnings: string[] = [];
  const hear = (warning: Error): void => {
    if (warning.name === "LangbatonWarning") warnings.push(warning.message);
  };
  process.on("warning", hear);
  onTestFinished(() => void process.off("warning", hear));
  return warnings;
}
