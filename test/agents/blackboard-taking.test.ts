import { join } from "node:path";
import { BaseStore, InMemoryStore, type Operation, type OperationResults } from "@langchain/langgraph";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Board, createBoard } from "../../src/agents/blackboard.js";
import type { Clock } from "../../src/core/clock.js";
import { sqliteStore } from "../../src/memory/stores/sqlite.js";
import { run } from "../support/child.js";
import { FakeClock } from "../support/fake-clock.js";
import { temporaryFolder } from "../support/stdio-fixture.js";

/** Another process's way to the same store: each of its steps happens when the schedule says so. */
class Remote extends BaseStore {
  constructor(
    readonly shared: InMemoryStore,
    readonly turn: (label: string) => Promise<void>,
  ) {
    super();
  }

  override async batch<Op extends Operation[]>(operations: Op): Promise<OperationResults<Op>> {
    await this.turn("value" in (operations[0] ?? {}) ? "write" : "read");
    const answers = await this.shared.batch(operations);
    // The answer travels too.
    await this.turn("answer");
    return answers;
  }
}

/** Time stands still, and who waits goes on when the schedule says so. */
function clockOf(turn: (label: string) => Promise<void>): Clock {
  const clock = new FakeClock();
  return {
    now: () => clock.now(),
    random: () => clock.random(),
    after: clock.after,
    sleep: () => turn("wait"),
  };
}

async function asked(): Promise<{ readonly shared: InMemoryStore; readonly id: string }> {
  const shared = new InMemoryStore();
  const { id } = await createBoard({ store: shared }).ask({ need: "n", by: "ann" });
  return { shared, id };
}

describe("a request in a store without compare-and-set", () => {
  test("is never taken twice, in whatever order the steps of several processes happen", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 4 }), async (schedule, takers) => {
        const { shared, id } = await asked();
        const turn = (label: string) => schedule.schedule(Promise.resolve(), label);
        const names = Array.from({ length: takers }, (_, index) => `agent ${index}`);
        const all = Promise.all(
          names.map((by) =>
            createBoard({ store: new Remote(shared, turn), clock: clockOf(turn) }).take(id, by),
          ),
        );
        await schedule.waitFor(all);
        const winners = (await all).flatMap((request) => request?.takenBy ?? []);
        expect(winners.length).toBeLessThanOrEqual(1);
        // What is told to others is the same.
        const [request] = await createBoard({ store: shared }).requests();
        expect(request?.takenBy).toBe(winners[0]);
        expect(request?.status).toBe(winners.length === 1 ? "taken" : "open");
      }),
      { numRuns: 300 },
    );
  });

  test("is never taken twice when processes die at any step and come back under their names", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.integer({ min: 1, max: 16 }), { minLength: 2, maxLength: 3 }),
        async (schedule, lives) => {
          const { shared, id } = await asked();
          const turn = (label: string) => schedule.schedule(Promise.resolve(), label);
          const winners = new Set<string>();
          const takes = lives.map(async (steps, index) => {
            const by = `agent ${index}`;
            let left = steps;
            const mortal = async (label: string) => {
              if (left-- === 0) throw new Error("died");
              await turn(label);
            };
            const board = createBoard({ store: new Remote(shared, mortal), clock: clockOf(mortal) });
            const first = await board.take(id, by).catch(() => undefined);
            if (first) winners.add(by);
            const again = createBoard({ store: new Remote(shared, turn), clock: clockOf(turn) });
            if (await again.take(id, by)) winners.add(by);
            else expect(first).toBeUndefined();
          });
          await schedule.waitFor(Promise.all(takes));
          expect(winners.size).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("goes to one of two that meet, after a wait", async () => {
    const { shared, id } = await asked();
    // Each step of one is followed by the same step of the other, until they wait for times that differ.
    const clocks = [new FakeClock(0, 1), new FakeClock(0, 2)];
    const boards = clocks.map((clock) =>
      createBoard({ store: new Remote(shared, () => Promise.resolve()), clock }),
    );
    const all = Promise.all(boards.map((board, index) => board.take(id, `agent ${index}`)));
    let taken: Awaited<typeof all> | undefined;
    void all.then((result) => (taken = result));
    let waited = 0;
    for (let ms = 0; taken === undefined && ms < 5000; ms++) {
      for (const clock of clocks) {
        waited += clock.pending;
        await clock.advance(1);
      }
    }
    expect(waited).toBeGreaterThan(0);
    expect(taken?.filter(Boolean)).toHaveLength(1);
  });

  test("is open to others when a taker gave up, and gives up in bounded time", async () => {
    const { shared, id } = await asked();
    // A claim of one that died before it looked whether it was alone.
    let steps = 0;
    let died = false;
    const dying = new Remote(shared, async (label) => {
      if (label === "write") steps++;
      died ||= label === "read" && steps > 0;
      if (died) throw new Error("died");
    });
    await expect(createBoard({ store: dying }).take(id, "dead")).rejects.toMatchObject({ code: "STORE" });
    const clock = new FakeClock();
    let outcome: unknown = "none yet";
    void createBoard({ store: new Remote(shared, async () => {}), clock })
      .take(id, "agent")
      .then((request) => (outcome = request));
    for (let waits = 0; waits < 20; waits++) await clock.advance(1000);
    expect(outcome).toBeUndefined();
    expect(await createBoard({ store: shared }).requests({ status: "open" })).toHaveLength(1);
    expect(await createBoard({ store: shared }).take(id, "dead")).toMatchObject({ takenBy: "dead" });
  });

  test.each([1, 2])("is free for others when write %i of its taker fails", async (failing) => {
    const { shared, id } = await asked();
    let writes = 0;
    const failingOnce = new Remote(shared, async (label) => {
      if (label === "write" && ++writes === failing) throw new Error("disk full");
    });
    await expect(createBoard({ store: failingOnce }).take(id, "unlucky")).rejects.toMatchObject({
      code: "STORE",
      cause: { message: "disk full" },
    });
    expect(await createBoard({ store: shared }).take(id, "other")).toMatchObject({ takenBy: "other" });
    expect(await createBoard({ store: shared }).take(id, "unlucky")).toBeUndefined();
  });

  test("is taken by one of three processes over one SQLite file", async () => {
    const file = join(temporaryFolder(), "board.db");
    await using store = sqliteStore(file);
    const board: Board = createBoard({ store });
    for (let index = 0; index < 20; index++) await board.ask({ need: `${index}`, by: "ann" });
    const script = join(import.meta.dirname, "blackboard-taker.ts");
    const takers = await Promise.all(
      ["one", "two", "three"].map((name) => run(process.execPath, ["--import", "tsx", script, file, name])),
    );
    expect(takers.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      takers.map(() => ({ code: 0, stderr: "" })),
    );
    const got = takers.flatMap(({ stdout }) => stdout.split("\n").filter(Boolean));
    const taken = (await board.requests({ status: "taken" })).map(({ id }) => id);
    expect([...got].sort()).toEqual([...taken].sort());
    // Some may have been given up by all who met there; hardly ever are most.
    expect(taken.length).toBeGreaterThan(10);
  }, 60_000);
});
