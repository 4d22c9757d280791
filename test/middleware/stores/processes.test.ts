import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { createCall } from "../../../src/core/call.js";
import { resultText } from "../../../src/core/result.js";
import { type IdempotencyStore, idempotency } from "../../../src/middleware/idempotency.js";
import { redisIdempotency } from "../../../src/middleware/stores/redis-idempotency.js";
import { sqliteIdempotency } from "../../../src/middleware/stores/sqlite-idempotency.js";
import { failure } from "../../support/calls.js";
import { run } from "../../support/child.js";
import { FakeClock } from "../../support/fake-clock.js";
import { temporaryFolder } from "../../support/stdio-fixture.js";
import type { Orders, Point } from "./once.js";
import { openClient, removeKeys, unlessSkipped, url } from "./redis-clients.js";

const program = fileURLToPath(new URL("once.ts", import.meta.url));
const HOUR_MS = 3_600_000;

describe("keys in SQLite", () => {
  suite(() => ({ file: join(temporaryFolder(), "keys.db") }));
});

describe.skipIf(url === "")(`keys in Redis${unlessSkipped}`, () => {
  const prefix = `langbaton-test:${randomUUID()}:`;
  afterAll(() => removeKeys(prefix));
  suite(() => ({ prefix: `${prefix}${randomUUID()}:` }));
});

function suite(newStore: () => Orders["store"]): void {
  test("run once each, whichever of several processes comes first, and all get that result", async () => {
    const orders = {
      ...newOrders(newStore()),
      keys: Array.from({ length: 20 }, (_, key) => `key ${key}`),
      times: 16,
    };
    const children = await Promise.all([obey(orders), obey(orders), obey(orders)]);
    expect(children.map(({ stderr }) => stderr)).toEqual(["", "", ""]);
    expect(effectsOf(orders).sort()).toEqual([...orders.keys].sort());
    const answers = children.flatMap(({ stdout }) => JSON.parse(stdout) as [string, string][]);
    expect(answers).toHaveLength(3 * 16 * 20);
    for (const key of orders.keys)
      expect(new Set(answers.filter(([each]) => each === key).map(([, text]) => text)).size).toBe(1);
  });

  test.each<[Point, number, "runs" | "OUTCOME_UNKNOWN" | "replays"]>([
    ["before begin", 0, "runs"],
    ["before effect", 0, "OUTCOME_UNKNOWN"],
    ["after effect", 1, "OUTCOME_UNKNOWN"],
    ["after finish", 1, "replays"],
  ])("after a kill %s the next process never makes a second effect", async (die, effects, expected) => {
    const orders = newOrders(newStore());
    expect((await obey({ ...orders, die })).code).toBeNull();
    expect(effectsOf(orders)).toHaveLength(effects);
    const { store, close } = await openStore(orders.store);
    try {
      const clock = new FakeClock(Date.now());
      const use = idempotency({ store, clock });
      let runs = 0;
      const pay = () =>
        use(
          createCall({ server: "bank", tool: "pay", args: { eur: 1 }, idempotencyKey: "order 1" }),
          async () => {
            runs++;
            return { content: [{ type: "text", text: "done again" }] };
          },
        );
      if (expected === "OUTCOME_UNKNOWN") {
        const waiting = failure(pay());
        // While the lease lives the first may still be at it.
        await clock.advance(HOUR_MS);
        const error = await waitOn(clock, waiting);
        expect(error).toMatchObject({ code: "OUTCOME_UNKNOWN", effect: "possible", retryable: false });
        expect(runs).toBe(0);
        await store.forget(String(error.data.record));
        expect(resultText(await pay())).toBe("done again");
      } else {
        const text = resultText(await pay());
        expect(text).toMatch(expected === "runs" ? /done again/ : /done in \d+/);
        expect(runs + effects).toBe(1);
      }
    } finally {
      await close();
    }
  });
}

function newOrders(store: Orders["store"]): Orders {
  const effects = join(temporaryFolder(), "effects.txt");
  writeFileSync(effects, "");
  return { keys: ["order 1"], times: 1, effects, store };
}

function obey(orders: Orders) {
  return run(process.execPath, ["--import", "tsx", program, JSON.stringify(orders)]);
}

function effectsOf({ effects }: Orders): string[] {
  return readFileSync(effects, "utf8").split("\n").slice(0, -1);
}

async function openStore(
  where: Orders["store"],
): Promise<{ readonly store: IdempotencyStore; readonly close: () => unknown }> {
  if ("file" in where) {
    const store = sqliteIdempotency(where.file);
    return { store, close: () => store.close() };
  }
  const { client, close } = await openClient("ioredis");
  return { store: redisIdempotency(client, { prefix: where.prefix, clock: new FakeClock() }), close };
}

/** Moves time on until the work has ended: a store over a network answers in real time. */
async function waitOn<T>(clock: FakeClock, work: Promise<T>): Promise<T> {
  let isOver = false;
  const end = (): void => {
    isOver = true;
  };
  work.then(end, end);
  while (!isOver) {
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(60_000);
  }
  return work;
}
