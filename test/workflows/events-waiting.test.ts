import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openJournal } from "../../src/workflows/events/journal.js";
import type { EventsOptions, RunNamedWorkflow } from "../../src/workflows/events.js";
import { FakeClock } from "../support/fake-clock.js";
import { DONE, events, folder } from "./events-support.js";

const limits = { waitingMs: 10_000, attempts: 2, baseMs: 1 };

/** A run that waits for a person, and what each of its calls was told of that. */
async function waiting(poll: RunNamedWorkflow) {
  const clock = new FakeClock();
  const journal = join(folder(), "events.db");
  const told: boolean[] = [];
  const workflows: EventsOptions["workflows"] = async (name, run) => {
    told.push(run.wasWaiting);
    return run.wasWaiting ? poll(name, run) : { status: "waiting" };
  };
  const make = () => events({ clock, journal, workflows, limits }).events;
  const made = make();
  await made.start();
  await made.deliver({ id: "a", type: "laptop.requested", data: {} });
  await clock.advance(0);
  return { clock, journal, told, make, made };
}

describe("a run that waits for a person is asked again, and not begun again,", () => {
  test("after a process was killed while it asked", async () => {
    const { clock, journal: path, told, make, made } = await waiting(async () => ({ status: "waiting" }));
    await made.close();
    const journal = await openJournal(path);
    expect(journal.claim(clock.now() + 10_000)).toMatchObject({ wasWaiting: true });
    journal.close();
    const next = make();
    await next.start();
    expect(await next.list()).toMatchObject([{ state: "waiting", attempts: 1 }]);
    await clock.advance(10_000);
    expect(told).toEqual([false, true]);
  });

  test("after close() while it was asked", async () => {
    const { clock, told, make, made } = await waiting(
      (_, { signal }) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    );
    await clock.advance(10_000);
    await made.close();
    const next = make();
    await next.start();
    await clock.advance(0);
    expect(told).toEqual([false, true, true]);
  });

  test("however often asking fails, and none of that is an attempt", async () => {
    let isAway = true;
    const { clock, told, made } = await waiting(async () => {
      if (isAway) throw new Error("the store is away");
      return DONE;
    });
    await clock.advance(45_000);
    expect(told).toEqual([false, true, true, true, true]);
    expect(await made.list()).toMatchObject([
      { state: "waiting", attempts: 1, error: { message: "the store is away" } },
    ]);
    isAway = false;
    await clock.advance(10_000);
    expect(await made.list()).toMatchObject([{ state: "done", attempts: 1 }]);
  });
});

test("a run that need not wait any more is run at once as one that does not wait, in the same attempt", async () => {
  const { clock, told, made } = await waiting(async () => ({ status: "due" }));
  await clock.advance(10_000);
  expect(told).toEqual([false, true, false]);
  expect(await made.list()).toMatchObject([{ state: "waiting", attempts: 1 }]);
});
