import { spawnSync } from "node:child_process";
import { statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { openJournal } from "../../src/workflows/events/journal.js";
import { createWorkerLock } from "../../src/workflows/events/worker-lock.js";
import { root } from "../support/child.js";
import { FakeClock } from "../support/fake-clock.js";
import { events, folder, recorder } from "./events-support.js";

async function journalIn(place: string): Promise<string> {
  const path = join(place, "events.db");
  const journal = await openJournal(path);
  onTestFinished(() => journal.close());
  return path;
}

describe("the lock of whoever works a journal", () => {
  test("holds for other processes while this one opens the journal again and asks for it", async () => {
    const path = await journalIn(folder());
    const [one, two] = [await createWorkerLock(path), await createWorkerLock(path)];
    onTestFinished(() => one.release());
    expect([one.take(), two.take()]).toEqual([true, false]);
    (await openJournal(path)).close();
    const code = `new (require("better-sqlite3"))(process.argv[1], { timeout: 0 }).exec("BEGIN EXCLUSIVE")`;
    const { stderr } = spawnSync(process.execPath, ["-e", code, `${path}.worker`], {
      cwd: root,
      encoding: "utf8",
    });
    expect(stderr).toContain("SQLITE_BUSY");
  });

  test("is one, by whatever name the journal is given", async () => {
    const place = folder();
    const path = await journalIn(place);
    symlinkSync(path, join(place, "link.db"));
    const [one, two] = [await createWorkerLock(path), await createWorkerLock(join(place, "link.db"))];
    onTestFinished(() => one.release());
    expect([one.take(), two.take()]).toEqual([true, false]);
    expect(statSync(`${path}.worker`).mode & 0o777).toBe(0o600);
  });
});

test("a file of somebody else that is only looked at stays as it is", async () => {
  const path = join(folder(), "other.db");
  const other = new Sqlite(path);
  onTestFinished(() => void other.close());
  other.exec("CREATE TABLE theirs (id INTEGER)");
  await expect(openJournal(path, { create: false })).rejects.toMatchObject({
    code: "STORE",
    message: expect.stringContaining("no journal of events"),
  });
  expect(other.prepare("SELECT name FROM sqlite_master").pluck().all()).toEqual(["theirs"]);
  expect(other.pragma("journal_mode", { simple: true })).toBe("delete");
});

test("an event that cannot be read is dead, and holds up no other", async () => {
  const clock = new FakeClock();
  const path = await journalIn(folder());
  const { runs, run } = recorder();
  const { events: made, news } = events({ clock, journal: path, workflows: run });
  for (const id of ["a", "b", "c"]) await made.deliver({ id, type: "laptop.requested", data: {} });
  const file = new Sqlite(path);
  file.exec(`UPDATE langbaton_events SET data = '{"cut' WHERE id = 'a'`);
  file.exec("DELETE FROM langbaton_events WHERE id = 'b'");
  file.close();
  await made.start();
  await clock.advance(0);
  expect(runs.map(({ id }) => id)).toEqual(["c/laptops"]);
  const dead = news.filter(({ what }) => what === "dead").map(({ id }) => id);
  expect(dead).toEqual(["a/laptops", "b/laptops"]);
});

test("an id is not forgotten while its signed request could be sent again", async () => {
  const clock = new FakeClock();
  const journal = join(folder(), "events.db");
  const { runs, run } = recorder();
  const make = () => events({ clock, journal, workflows: run, limits: { keepMs: 1 } }).events;
  const laptop = { id: "a", type: "laptop.requested", data: {} };
  const first = make();
  await first.start();
  await first.deliver(laptop);
  await clock.advance(9 * 60_000);
  await first.close();
  // Each start forgets what may be forgotten.
  const second = make();
  await second.start();
  expect(await second.deliver(laptop)).toMatchObject({ status: "duplicate" });
  await clock.advance(0);
  expect(runs).toHaveLength(1);
});

test("a listener that throws breaks nothing", async () => {
  const clock = new FakeClock();
  const { runs, run } = recorder();
  const { events: made } = events({
    clock,
    workflows: run,
    limits: { concurrent: 1 },
    onNews: () => {
      throw new Error("the log is full");
    },
  });
  await made.start();
  for (const id of ["a", "b"]) await made.deliver({ id, type: "laptop.requested", data: {} });
  await clock.advance(0);
  expect(runs).toHaveLength(2);
  expect(await made.list({ state: "done" })).toHaveLength(2);
});

test("close() waits for what runs, also the second time", async () => {
  const clock = new FakeClock();
  let end = (): void => {};
  const { events: made } = events({
    clock,
    workflows: () =>
      new Promise((resolve) => {
        end = () => resolve({ status: "done" });
      }),
  });
  await made.start();
  await made.deliver({ id: "a", type: "laptop.requested", data: {} });
  await clock.advance(0);
  let closed = 0;
  const both = [made.close(), made.close()].map((closing) => closing.then(() => closed++));
  await clock.advance(0);
  expect(closed).toBe(0);
  end();
  await Promise.all(both);
});
