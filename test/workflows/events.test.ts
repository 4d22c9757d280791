import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BatonError } from "../../src/core/errors.js";
import { createEvents, type EventsOptions } from "../../src/workflows/events.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { DONE, events, folder, recorder, SECRET } from "./events-support.js";

const laptop = (id = "a", data: unknown = { for: "ada", price: 900 }) => ({
  id,
  type: "laptop.requested",
  data,
});
const error = { code: "UPSTREAM", message: "the shop is down" } as const;
const fail = (): never => {
  throw new BatonError(error.code, error.message);
};

describe("rules", () => {
  test("start what fits by type and condition, each once, with the input that they compute", async () => {
    const clock = new FakeClock();
    const { runs, run } = recorder();
    const { events: made } = events({
      clock,
      workflows: run,
      rules: [
        { name: "cheap", on: "laptop.requested", when: "data.price < 1000", workflow: "order" },
        { name: "dear", on: "laptop.requested", when: "data.price >= 1000", workflow: "ask" },
        {
          name: "any",
          on: "laptop.*",
          workflow: "tell",
          input: '{ "who": data.for, "event": id, "at": $now() }',
        },
        { name: "all", on: "*", when: "type", workflow: "log" },
        { name: "phones", on: "phone.*", workflow: "ring" },
      ],
    });
    await made.start();
    await made.deliver(laptop());
    await clock.advance(0);
    const at = new Date(clock.now()).toISOString();
    // They run at once: the one without a condition is the first.
    expect(runs).toEqual([
      { workflow: "tell", id: "a/any", input: { who: "ada", event: "a", at } },
      { workflow: "order", id: "a/cheap", input: { for: "ada", price: 900 } },
    ]);
    const states = (await made.find("a"))?.runs.map(({ rule, state }) => [rule, state]);
    // A condition that is a text is not true.
    expect(states).toEqual([
      ["cheap", "done"],
      ["dear", "skipped"],
      ["any", "done"],
      ["all", "skipped"],
    ]);
  });

  test("that fail for good die at once, and hold up nothing", async () => {
    const clock = new FakeClock();
    const { runs, run } = recorder();
    const { events: made } = events({
      clock,
      workflows: run,
      limits: { concurrent: 1 },
      rules: [
        { name: "poison", on: "*", when: "$error('poison')", workflow: "w" },
        { name: "endless", on: "*", workflow: "w", input: "($f := function($n) { $f($n + 1) + 1 }; $f(0))" },
        { name: "good", on: "*", workflow: "w" },
      ],
    });
    await made.start();
    for (const id of ["a", "b"]) await made.deliver(laptop(id));
    await clock.advance(1000);
    expect(runs.map(({ id }) => id)).toEqual(["a/good", "b/good"]);
    const dead = await made.dead();
    expect(dead.map(({ id }) => id).sort()).toEqual(["a/endless", "a/poison", "b/endless", "b/poison"]);
    expect(dead.find(({ rule }) => rule === "poison")).toMatchObject({
      attempts: 1,
      error: { code: "INVALID_ARGUMENTS", message: expect.stringContaining("poison") },
    });
  });

  test("that are gone leave their runs dead, until they are back", async () => {
    const clock = new FakeClock();
    const journal = join(folder(), "events.db");
    const { events: before } = events({ clock, journal });
    await before.deliver(laptop());
    await before.close();
    const { events: without } = events({ clock, journal, rules: [] });
    await without.start();
    await clock.advance(0);
    expect(await without.dead()).toMatchObject([
      { id: "a/laptops", error: { message: expect.stringContaining("'laptops'") } },
    ]);
    await without.close();
    const { runs, run } = recorder();
    const { events: back } = events({ clock, journal, workflows: run });
    await back.start();
    expect(await back.retry("a")).toEqual(["a/laptops"]);
    await clock.advance(0);
    expect(runs).toHaveLength(1);
  });
});

describe("a run that fails", () => {
  test("is tried again ever later with the same id and input, then dies with its error", async () => {
    const clock = new FakeClock();
    const times: number[] = [];
    const { runs, run } = recorder(() => {
      times.push(clock.now());
      return fail();
    });
    const rules = [{ name: "r", on: "*", workflow: "w", input: "$random()" }];
    const { events: made, news } = events({
      clock,
      workflows: run,
      rules,
      limits: { attempts: 4, baseMs: 1000 },
    });
    await made.start();
    await made.deliver(laptop());
    await clock.advance(60_000);
    expect(new Set(runs.map(({ id, input }) => `${id} ${input}`)).size).toBe(1);
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(waits).toHaveLength(3);
    for (const [index, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(500 * 2 ** index);
      expect(wait).toBeLessThanOrEqual(1000 * 2 ** index + 1);
    }
    expect(await made.dead()).toMatchObject([{ id: "a/r", state: "dead", attempts: 4, error }]);
    expect(news.filter(({ what }) => what === "dead")).toEqual([
      { what: "dead", id: "a/r", detail: "the shop is down" },
    ]);
  });

  test("by what it throws is tried again too, unless its input cannot be used", async () => {
    const clock = new FakeClock();
    const { runs, run } = recorder((id, attempt) => {
      if (id === "a/laptops" && attempt === 1) throw new TypeError("broken");
      if (id === "b/laptops") throw new BatonError("INVALID_ARGUMENTS", "no such person");
      return DONE;
    });
    const { events: made } = events({ clock, workflows: run });
    await made.start();
    await made.deliver(laptop("a"));
    await made.deliver(laptop("b"));
    await clock.advance(60_000);
    expect(runs.map(({ id }) => id)).toEqual(["a/laptops", "b/laptops", "a/laptops"]);
    expect(await made.list()).toMatchObject([
      { id: "b/laptops", state: "dead" },
      { id: "a/laptops", state: "done" },
    ]);
  });

  test("is given its attempts back by retry(), by its own id or the event's", async () => {
    const clock = new FakeClock();
    let isDown = true;
    const { run } = recorder(() => (isDown ? fail() : DONE));
    const rules = ["x", "y"].map((name) => ({ name, on: "*", workflow: "w" }));
    const { events: made } = events({ clock, workflows: run, rules, limits: { attempts: 1 } });
    await made.start();
    await made.deliver(laptop());
    await clock.advance(0);
    isDown = false;
    expect(await made.retry("a/x")).toEqual(["a/x"]);
    await clock.advance(0);
    expect((await made.find("a"))?.runs.map(({ state }) => state)).toEqual(["done", "dead"]);
    expect(await made.retry("a")).toEqual(["a/y"]);
    await clock.advance(0);
    expect((await made.find("a/y"))?.runs.map(({ state }) => state)).toEqual(["done", "done"]);
    await expect(made.retry("a")).rejects.toMatchObject({ code: "INVALID_ARGUMENTS" });
    await expect(made.retry("b/x")).rejects.toMatchObject({ code: "INVALID_ARGUMENTS" });
  });

  test.each([
    ["undone", "REJECTED"],
    ["failed", "UPSTREAM"],
  ] as const)(
    "as %s for %s is dead at once, and begins anew under another id when it is retried",
    async (status, code) => {
      const clock = new FakeClock();
      const { runs, run } = recorder((id) =>
        id.endsWith("~2") ? DONE : { status, error: { ...error, code } },
      );
      const { events: made } = events({ clock, workflows: run });
      await made.start();
      await made.deliver(laptop());
      await clock.advance(60_000);
      expect(await made.dead()).toMatchObject([{ id: "a/laptops", attempts: 1, error: { code } }]);
      expect(await made.retry("a/laptops")).toEqual(["a/laptops~2"]);
      await clock.advance(0);
      expect(runs.map(({ id }) => id)).toEqual(["a/laptops", "a/laptops~2"]);
      expect((await made.find("a/laptops~2"))?.runs).toMatchObject([{ id: "a/laptops~2", state: "done" }]);
    },
  );

  test("as undone for a reason that passes begins anew by itself, as often as there are attempts", async () => {
    const clock = new FakeClock();
    const { runs, run } = recorder(() => ({ status: "undone", error }));
    const { events: made } = events({ clock, workflows: run, limits: { attempts: 3 } });
    await made.start();
    await made.deliver(laptop());
    await clock.advance(60_000);
    expect(runs.map(({ id }) => id)).toEqual(["a/laptops", "a/laptops~2", "a/laptops~3"]);
    expect(await made.dead()).toMatchObject([{ id: "a/laptops~3", attempts: 3 }]);
  });

  test("over an input that does not fit is given another one when its rule was corrected", async () => {
    const clock = new FakeClock();
    const journal = join(folder(), "events.db");
    const { runs, run } = recorder((id) => {
      if (id === "a/r") throw new BatonError("INVALID_ARGUMENTS", "the input does not fit");
      return DONE;
    });
    const withInput = (input: string) =>
      events({ clock, journal, workflows: run, rules: [{ name: "r", on: "*", workflow: "w", input }] })
        .events;
    const before = withInput("1");
    await before.start();
    await before.deliver(laptop());
    await clock.advance(0);
    await before.close();
    const after = withInput("2");
    await after.start();
    await after.retry("a");
    await clock.advance(0);
    expect(runs.map(({ id, input }) => [id, input])).toEqual([
      ["a/r", 1],
      ["a/r~2", 2],
    ]);
  });

  test("by taking too long is told to stop", async () => {
    const clock = new FakeClock();
    const workflows: EventsOptions["workflows"] = (_, { signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const { events: made } = events({ clock, workflows, limits: { runMs: 5000, attempts: 1 } });
    await made.start();
    await made.deliver(laptop());
    await clock.advance(4999);
    expect(await made.dead()).toEqual([]);
    await clock.advance(1);
    expect(await made.dead()).toMatchObject([
      { error: { code: "TIMEOUT", message: expect.stringContaining("5000") } },
    ]);
  });
});

describe("a run that waits for a person", () => {
  test("is asked from time to time, at once with resume(), and none of that is an attempt", async () => {
    const clock = new FakeClock();
    let isDecided = false;
    const { runs, run } = recorder(() => (isDecided ? DONE : { status: "waiting" }));
    const { events: made } = events({ clock, workflows: run, limits: { waitingMs: 10_000, attempts: 2 } });
    await made.start();
    await made.deliver(laptop());
    await clock.advance(35_000);
    expect(runs).toHaveLength(4);
    expect(await made.list()).toMatchObject([{ state: "waiting", attempts: 1 }]);
    isDecided = true;
    expect(await made.resume("a/laptops")).toEqual(["a/laptops"]);
    await clock.advance(0);
    expect(await made.list()).toMatchObject([{ state: "done", attempts: 1 }]);
    await expect(made.resume("a")).rejects.toMatchObject({ code: "INVALID_ARGUMENTS" });
  });
});

describe("the worker", () => {
  test("runs as many at a time as it may", async () => {
    const clock = new FakeClock();
    const ends: (() => void)[] = [];
    const workflows: EventsOptions["workflows"] = () =>
      new Promise((resolve) => ends.push(() => resolve(DONE)));
    const { events: made } = events({ clock, workflows, limits: { concurrent: 3 } });
    await made.start();
    for (let index = 0; index < 7; index++) await made.deliver(laptop(`${index}`));
    await clock.advance(10_000);
    expect(ends).toHaveLength(3);
    ends[1]?.();
    await clock.advance(0);
    expect(ends).toHaveLength(4);
    for (let at = 0; at < 7; at++) {
      ends[at]?.();
      await settle();
    }
    expect(await made.list({ state: "done" })).toHaveLength(7);
  });

  test("tells what runs to stop when it is closed, and the next one goes on, without an attempt lost", async () => {
    const clock = new FakeClock();
    const journal = join(folder(), "events.db");
    const workflows: EventsOptions["workflows"] = (_, { signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const { events: first } = events({ clock, journal, workflows });
    await first.start();
    await first.deliver(laptop());
    await clock.advance(0);
    await first.close();
    await expect(first.deliver(laptop("b"))).rejects.toMatchObject({
      code: "CANCELLED",
      data: { refusal: "closing" },
    });
    const { runs, run } = recorder();
    const { events: second } = events({ clock, journal, workflows: run });
    await second.start();
    await clock.advance(0);
    expect(runs).toHaveLength(1);
    expect(await second.list()).toMatchObject([{ state: "done", attempts: 1 }]);
    expect(clock.pending).toBe(1);
    await second.close();
    expect(clock.pending).toBe(0);
  });

  test("is one of those that share a journal, and another takes over when it ends", async () => {
    const clock = new FakeClock();
    const journal = join(folder(), "events.db");
    const [one, two] = [recorder(), recorder()];
    const { events: first } = events({ clock, journal, workflows: one.run });
    const { events: second } = events({ clock, journal, workflows: two.run });
    await first.start();
    await second.start();
    await first.deliver(laptop("a"));
    await second.deliver(laptop("b"));
    await clock.advance(5000);
    expect([one.runs.length, two.runs.length]).toEqual([2, 0]);
    await first.close();
    await second.deliver(laptop("c"));
    await clock.advance(1000);
    expect(two.runs.map(({ id }) => id)).toEqual(["c/laptops"]);
  });

  test("forgets what was done long ago, and not what is dead", async () => {
    const clock = new FakeClock();
    const { run } = recorder((id) => (id.startsWith("bad") ? fail() : DONE));
    const { events: made } = events({ clock, workflows: run, limits: { keepMs: 86_400_000, attempts: 1 } });
    await made.start();
    await made.deliver(laptop("good"));
    await made.deliver(laptop("bad"));
    await clock.advance(86_400_000);
    expect(await made.list()).toHaveLength(2);
    await clock.advance(2 * 3_600_000);
    expect(await made.list()).toMatchObject([{ event: "bad" }]);
    expect(await made.find("good")).toBeUndefined();
  }, 60_000);
});

describe("createEvents()", () => {
  const base = { journal: "x.db", workflows: {} };
  const rule = { name: "r", on: "a", workflow: "w" };
  test.each<[string, object, readonly string[]]>([
    ["an unknown option", { rule: [] }, ["rule"]],
    ["no journal", { journal: ":memory:" }, ["journal"]],
    ["no workflows", { workflows: 3 }, ["workflows"]],
    ["a workflow that is not there", { rules: [rule] }, ["rules[0].workflow"]],
    [
      "expressions that are none",
      { workflows: () => {}, rules: [{ ...rule, when: "a +", input: "(" }] },
      ["rules[0].when", "rules[0].input"],
    ],
    [
      "a name twice",
      { workflows: () => {}, rules: [rule], schedules: [{ name: "r", cron: "* * * * *", workflow: "w" }] },
      ["schedules[0].name"],
    ],
    [
      "names that would break a run's id",
      {
        workflows: () => {},
        rules: [
          { ...rule, name: "a/b" },
          { ...rule, name: "a~2" },
        ],
      },
      ["rules[0].name", "rules[1].name"],
    ],
    [
      "types and keys that are none",
      { workflows: () => {}, rules: [{ ...rule, on: "a*", also: 1 }] },
      ["rules[0].on", "rules[0].also"],
    ],
    [
      "times that are none",
      {
        workflows: () => {},
        schedules: [
          { name: "a", cron: "61 * * * *", workflow: "w" },
          { name: "b", cron: "0 0 30 2 *", workflow: "w" },
          { name: "c", cron: "* * * * *", timezone: "Mars", workflow: "w" },
          { name: "d", cron: "2099-01-01T00:00:00", workflow: "w" },
        ],
      },
      ["schedules[0].cron", "schedules[1].cron", "schedules[2].timezone", "schedules[3].cron"],
    ],
    [
      "expressions beside another fault",
      {
        workflows: () => {},
        rules: [
          { ...rule, also: 1 },
          { ...rule, when: "(" },
        ],
        secrets: ["x"],
      },
      ["rules[0].also", "rules[1].when", "secrets[0]"],
    ],
    [
      "secrets that are none",
      { secrets: [SECRET, "hunter2", "whsec_c2hvcnQ="] },
      ["secrets[1]", "secrets[2]"],
    ],
    ["no secret at all", { secrets: [] }, ["secrets"]],
    [
      "limits that are none",
      { limits: { attempts: 0, queue: 1.5, speed: 3 } },
      ["limits.attempts", "limits.queue", "limits.speed"],
    ],
  ])("tells all that is wrong with %s", (_, options, paths) => {
    const make = () => createEvents({ ...base, ...options } as unknown as EventsOptions);
    const error = (() => {
      try {
        make();
      } catch (thrown) {
        return thrown as BatonError;
      }
    })();
    expect(error?.code).toBe("CONFIG_INVALID");
    const faults = error?.data.faults as readonly { path: string }[];
    expect(faults.map(({ path }) => path).sort()).toEqual([...paths].sort());
    expect(error?.message).not.toContain("hunter2");
  });

  test("says of a journal that is no journal what to do", async () => {
    const { events: made } = events({ journal: folder() });
    await expect(made.start()).rejects.toMatchObject({
      code: "STORE",
      message: expect.stringContaining("check that"),
    });
    await expect(made.deliver(laptop())).rejects.toMatchObject({ code: "STORE" });
  });
});
