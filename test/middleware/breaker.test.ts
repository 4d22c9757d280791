import { describe, expect, test } from "vitest";
import { createCall, type Handler } from "../../src/core/call.js";
import { BatonError, type ErrorCode } from "../../src/core/errors.js";
import type { Result } from "../../src/core/result.js";
import { type BreakerChange, type BreakerOptions, breaker } from "../../src/middleware/breaker.js";
import { failure } from "../support/calls.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { obeysLaws } from "./laws.js";

const fine: Result = { content: [{ type: "text", text: "fine" }] };
const works: Handler = async () => fine;
const throws =
  (error: unknown): Handler =>
  () =>
    Promise.reject(error);
const failing = (code: ErrorCode) =>
  throws(new BatonError(code, "secret-token", { retryable: true, effect: "possible" }));
const down = failing("UPSTREAM");

function setUp(options: BreakerOptions = {}) {
  const clock = new FakeClock();
  const changes: BreakerChange[] = [];
  const guard = breaker({ clock, openMs: 10_000, onChange: (change) => changes.push(change), ...options });
  const run = (handler: Handler, tool = "t", server = "s"): Promise<Result> =>
    guard(createCall({ server, tool, args: {} }), handler);
  const fail = async (times: number, handler = down, tool = "t"): Promise<void> => {
    for (let time = 0; time < times; time++) await run(handler, tool).catch(() => {});
  };
  const states = () => changes.map(({ to }) => to);
  return { clock, changes, states, run, fail };
}

/** A handler whose calls end when the test says so. */
function held() {
  const calls: { succeed: () => void; reject: (error: unknown) => void }[] = [];
  const handler: Handler = () =>
    new Promise((resolve, reject) => calls.push({ succeed: () => resolve(fine), reject }));
  const end = (index: number) => {
    const call = calls[index];
    if (!call) throw new Error(`no call ${index}`);
    return call;
  };
  return { handler, end, sent: () => calls.length };
}

obeysLaws("breaker", (clock) => breaker({ clock }));

describe("breaker() opens", () => {
  test("after so many failures in a row, and not before", async () => {
    const { run, fail, states } = setUp();
    await fail(4);
    await run(works);
    await fail(4);
    expect(states()).toEqual([]);
    await fail(1);
    expect(states()).toEqual(["open"]);
    const error = await failure(run(works));
    expect(error).toMatchObject({ code: "CIRCUIT_OPEN", retryable: true, effect: "none" });
    expect(error.data).toEqual({ server: "s", tool: "t", retryAfterMs: 10_000 });
    expect(error.message).toBe(
      "server 's', tool 't': not sent, as the server is held back: 5 calls in a row failed, the last with UPSTREAM; it is tried again in 10000 ms",
    );
  });

  test("when the share of failures is reached, of the last calls alone", async () => {
    const { run, fail, states } = setUp({ window: 10, minCalls: 4, failureRate: 0.5 });
    for (let i = 0; i < 10; i++) await run(works);
    for (let i = 0; i < 4; i++) {
      await fail(1);
      await run(works);
    }
    await fail(1);
    expect(states()).toEqual(["open"]);
    const error = await failure(run(works));
    expect(error.message).toContain("5 of the last 10 calls failed, the last with UPSTREAM");
  });

  test("not on a share before enough calls were seen, nor on a success", async () => {
    const { run, fail, states } = setUp({ minCalls: 4, consecutive: 100 });
    await fail(3);
    await run(works);
    expect(states()).toEqual([]);
    await fail(1);
    expect(states()).toEqual(["open"]);
  });

  test("on a share even when the window is smaller than the calls that must be seen", async () => {
    const { fail, states } = setUp({ window: 3, minCalls: 10, consecutive: 100 });
    await fail(3);
    expect(states()).toEqual(["open"]);
  });

  test.each<ErrorCode>(["UPSTREAM", "TIMEOUT", "NOT_CONNECTED", "CONNECT_FAILED", "PROTOCOL"])(
    "on %s",
    async (code) => {
      const { fail, states } = setUp();
      await fail(5, failing(code));
      expect(states()).toEqual(["open"]);
    },
  );

  test.each<ErrorCode>([
    "CANCELLED",
    "RATE_LIMITED",
    "CIRCUIT_OPEN",
    "OVERLOADED",
    "INVALID_ARGUMENTS",
    "DENIED",
    "UNAUTHORIZED",
  ])("never on %s, which counts for nothing", async (code) => {
    const { fail, states } = setUp({ consecutive: 2 });
    for (let i = 0; i < 30; i++) await fail(1, failing(code));
    await fail(1);
    // Neither a failure nor a success: the next one is the second in a row.
    await fail(1, failing(code));
    expect(states()).toEqual([]);
    await fail(1);
    expect(states()).toEqual(["open"]);
  });

  test("never on what a tool reports itself, which shows that the server answers", async () => {
    const { run, fail, states } = setUp({ consecutive: 2, failureRate: 1 });
    const report: Result = { content: [], isError: true };
    for (let i = 0; i < 10; i++) {
      expect(await run(async () => report)).toBe(report);
      await fail(1);
    }
    expect(states()).toEqual([]);
  });
});

describe("breaker() that is open", () => {
  test("sends nothing until its time has passed, and says how long that is", async () => {
    const { clock, run, fail } = setUp();
    const { handler, sent } = held();
    await fail(5);
    await clock.advance(9_999);
    expect((await failure(run(handler))).data.retryAfterMs).toBe(1);
    expect(sent()).toBe(0);
    await clock.advance(1);
    void run(handler);
    expect(sent()).toBe(1);
  });

  test("keeps the words of the server out of its message", async () => {
    const { run, fail } = setUp();
    await fail(5);
    expect((await failure(run(works))).message).not.toContain("secret");
  });

  test("closes after a success, and counts anew", async () => {
    const { clock, run, fail, changes } = setUp();
    await fail(5);
    await clock.advance(10_000);
    expect(await run(works)).toBe(fine);
    await fail(4);
    await run(works);
    expect(changes.map(({ from, to }) => `${from} > ${to}`)).toEqual([
      "closed > open",
      "open > half-open",
      "half-open > closed",
    ]);
    expect(changes[0]).toEqual({
      server: "s",
      from: "closed",
      to: "open",
      reason: "5 calls in a row failed, the last with UPSTREAM",
    });
  });

  test("opens anew for half as long again after each failed try, up to 64 times, and closed forgets it", async () => {
    const { clock, run, fail, states } = setUp();
    const waits: unknown[] = [];
    await fail(5);
    for (let tried = 0; tried < 13; tried++) {
      const { message, data } = await failure(run(works));
      waits.push(data.retryAfterMs);
      if (tried > 0) expect(message).toContain("it failed again with TIMEOUT when it was tried");
      await clock.advance(Number(data.retryAfterMs));
      await fail(1, failing("TIMEOUT"));
    }
    expect(states().slice(0, 3)).toEqual(["open", "half-open", "open"]);
    const growth = waits.map((_, tried) => Math.min(64, 1.5 ** tried));
    expect(waits).toEqual(growth.map((times) => Math.ceil(times * 10_000)));
    expect(waits.at(-1)).toBe(640_000);
    await clock.advance(640_000);
    await run(works);
    await fail(5);
    expect((await failure(run(works))).data.retryAfterMs).toBe(10_000);
  });
});

describe("breaker() that is half-open", () => {
  async function halfOpen(options: BreakerOptions = {}) {
    const set = setUp(options);
    await set.fail(5);
    await set.clock.advance(10_000);
    return set;
  }

  test("admits as many as it needs, closes when all of them succeeded", async () => {
    const { run, states } = await halfOpen({ halfOpen: 2 });
    const { handler, end, sent } = held();
    const first = run(handler);
    const second = run(handler);
    const error = await failure(run(handler));
    expect(error).toMatchObject({ code: "CIRCUIT_OPEN", data: { retryAfterMs: 100 } });
    expect(error.message).toContain("it is being tried by other calls");
    end(0).succeed();
    await first;
    // One has passed and one runs: these decide.
    await failure(run(handler));
    expect(sent()).toBe(2);
    end(1).succeed();
    await second;
    expect(states()).toEqual(["open", "half-open", "closed"]);
  });

  test.each<[string, unknown]>([
    ["an interrupt", Object.assign(new Error("approve?"), { name: "GraphInterrupt" })],
    ["a cancelled call", new BatonError("CANCELLED", "cancelled")],
    ["a call that was refused", new BatonError("DENIED", "denied")],
    ["a fault of the program", new TypeError("undefined is not a function")],
  ])("frees the place of %s", async (_, error) => {
    const { run, states } = await halfOpen();
    for (let i = 0; i < 3; i++) await expect(run(throws(error))).rejects.toBe(error);
    await expect(
      run(() => {
        throw error;
      }),
    ).rejects.toBe(error);
    await run(works);
    expect(states()).toEqual(["open", "half-open", "closed"]);
  });

  test("takes no notice of calls that began before it opened", async () => {
    const { clock, run, fail, states } = setUp();
    const { handler, end } = held();
    const late = [run(handler), run(handler), run(handler)];
    for (const call of late) call.catch(() => {});
    await fail(5);
    end(0).succeed();
    await settle();
    await clock.advance(10_000);
    const probe = run(handler);
    end(1).reject(new BatonError("UPSTREAM", "late", { retryable: true }));
    end(2).reject(new BatonError("CANCELLED", "late"));
    await settle();
    expect(states()).toEqual(["open", "half-open"]);
    // Nobody gave the probe's place away.
    await failure(run(works));
    end(3).succeed();
    await probe;
    expect(states()).toEqual(["open", "half-open", "closed"]);
  });

  test("takes no notice of a probe that ends after another has decided", async () => {
    const { clock, run, states } = await halfOpen({ halfOpen: 2 });
    const { handler, end } = held();
    const first = run(handler);
    const second = run(handler);
    end(0).reject(new BatonError("PROTOCOL", "broken"));
    await first.catch(() => {});
    await clock.advance(15_000);
    const third = run(handler);
    end(1).succeed();
    await second;
    end(2).succeed();
    await third;
    expect(states()).toEqual(["open", "half-open", "open", "half-open"]);
    await run(works);
    expect(states().at(-1)).toBe("closed");
  });
});

describe("breaker() keeps apart", () => {
  test("servers", async () => {
    const { run, fail } = setUp();
    await fail(5);
    expect(await run(works, "t", "other")).toBe(fine);
  });

  test("tools, when told so", async () => {
    const { run, fail, changes } = setUp({ per: "tool" });
    await fail(5, down, "read.all");
    expect(await run(works, "t")).toBe(fine);
    expect((await failure(run(works, "read.all"))).message).toContain("the tool is held back");
    expect(changes[0]).toMatchObject({ server: "s", tool: "read.all" });
  });
});

describe("breaker() does not stay open for ever", () => {
  test("when the clock is set back by an hour, again and again", async () => {
    let now = Date.UTC(2026, 0, 1);
    const clock = Object.assign(new FakeClock(), { now: () => now });
    const { run, fail, states } = setUp({ clock });
    await fail(5);
    for (let second = 0; second < 30 && states().at(-1) === "open"; second++) {
      now += 1000;
      if (second % 3 === 0) now -= 3_600_000;
      await run(works).catch(() => {});
    }
    expect(states()).toEqual(["open", "half-open", "closed"]);
  });

  test("when the clock stands still", async () => {
    const { run, fail, states } = setUp();
    await fail(5);
    let refused = 0;
    while (states().at(-1) === "open") await run(works).catch(() => refused++);
    expect(states()).toEqual(["open", "half-open", "closed"]);
    expect(refused).toBe(999);
  });

  test("when the clock was set ahead by an hour it is tried early, which does no harm", async () => {
    const { clock, run, fail, states } = setUp();
    await fail(5);
    await clock.advance(3_600_000);
    await run(works);
    expect(states()).toEqual(["open", "half-open", "closed"]);
  });
});

test("breaker() refuses options that cannot be used", () => {
  expect(() => breaker({ failureRate: 50 })).toThrow(/breaker\(\): the option failureRate 50/);
  expect(() => breaker({ halfOpen: 0 })).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
});
