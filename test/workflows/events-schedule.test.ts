import { join } from "node:path";
import { expect, test } from "vitest";
import type { EventSchedule } from "../../src/workflows/events.js";
import { FakeClock } from "../support/fake-clock.js";
import { events, folder, recorder } from "./events-support.js";

const HOUR_MS = 3_600_000;
const daily: EventSchedule = { name: "report", cron: "0 9 * * *", timezone: "Europe/Berlin", workflow: "w" };

function scheduled(clock: FakeClock, journal: string, schedule: EventSchedule = daily) {
  const { runs, run } = recorder();
  return { runs, ...events({ clock, journal, workflows: run, rules: [], schedules: [schedule] }) };
}

test("a schedule fires at its place's time, through the change of the clocks, once each", async () => {
  // The night before summer time begins in Berlin: nine o'clock is 08:00 UTC, then 07:00.
  const clock = new FakeClock(Date.UTC(2026, 2, 28, 7, 59));
  const { events: made, runs } = scheduled(clock, join(folder(), "events.db"), {
    ...daily,
    input: '{ "days": 7, "at": data.at }',
  });
  await made.start();
  await clock.advance(24 * HOUR_MS);
  expect(runs).toEqual([
    {
      workflow: "w",
      id: "schedule:report:2026-03-28T08:00:00.000Z/report",
      input: { days: 7, at: "2026-03-28T08:00:00.000Z" },
    },
    {
      workflow: "w",
      id: "schedule:report:2026-03-29T07:00:00.000Z/report",
      input: { days: 7, at: "2026-03-29T07:00:00.000Z" },
    },
  ]);
  await made.close();
}, 60_000);

test("one of two processes fires, and a restart in the same second does not fire again", async () => {
  const clock = new FakeClock(Date.UTC(2026, 0, 1, 7, 59));
  const journal = join(folder(), "events.db");
  const [first, second] = [scheduled(clock, journal), scheduled(clock, journal)];
  await first.events.start();
  await second.events.start();
  await clock.advance(60_000);
  await first.events.close();
  await clock.advance(5000);
  const third = scheduled(clock, journal);
  await second.events.close();
  await third.events.start();
  await clock.advance(60_000);
  expect([first.runs.length, second.runs.length, third.runs.length]).toEqual([1, 0, 0]);
});

test.each([
  ["skip", [] as string[]],
  ["once", ["2026-01-05T08:00:00.000Z"]],
] as const)(
  "what was due while nothing ran: %s",
  async (missed, made) => {
    const clock = new FakeClock(Date.UTC(2026, 0, 1, 10));
    const journal = join(folder(), "events.db");
    const before = scheduled(clock, journal, { ...daily, missed });
    await before.events.start();
    await before.events.close();
    const later = new FakeClock(Date.UTC(2026, 0, 5, 10));
    const after = scheduled(later, journal, { ...daily, missed });
    await after.events.start();
    await later.advance(0);
    expect(after.runs.map(({ id }) => id)).toEqual(made.map((at) => `schedule:report:${at}/report`));
    // And goes on as planned.
    await later.advance(24 * HOUR_MS);
    expect(after.runs).toHaveLength(made.length + 1);
  },
  60_000,
);

test("a schedule that is new begins now", async () => {
  const clock = new FakeClock(Date.UTC(2026, 0, 1, 10));
  const { events: made, runs } = scheduled(clock, join(folder(), "events.db"), { ...daily, missed: "once" });
  await made.start();
  await clock.advance(HOUR_MS);
  expect(runs).toEqual([]);
});
