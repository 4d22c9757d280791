import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { rateLimit } from "../../../src/middleware/rate-limit.js";
import { type RedisClient, toRedis } from "../../../src/middleware/stores/redis.js";
import { redisRateStore } from "../../../src/middleware/stores/redis-rate.js";
import { run } from "../../support/child.js";
import { obeysLaws } from "../laws.js";
import { createRateReference, rateHistory, someRate } from "./rate-reference.js";
import { type ClientName, clientNames, openClient, unlessSkipped, url } from "./redis-clients.js";

const SEQUENCES = 500;
const SEED = Number(process.env.SEED ?? 20_261_121);
/** The machine that runs tests is busy; what a slow answer does is tested elsewhere. */
const timeoutMs = 5000;

async function connect(library: ClientName): Promise<RedisClient> {
  const connected = await openClient(library);
  onTestFinished(() => void connected.close());
  return connected.client;
}

const newPrefix = () => `test:${randomUUID()}:`;

describe.skipIf(url === "").each(clientNames)(`redisRateStore() with %s${unlessSkipped}`, (library) => {
  test("lets a burst pass, and says to the millisecond when the next call does", async () => {
    const store = redisRateStore(await connect(library), { prefix: newPrefix(), timeoutMs });
    const rate = { calls: 2, perMs: 60_000, burst: 3 };
    for (let i = 0; i < 3; i++) expect(await store.take("key", rate)).toBe(0);
    const waitMs = await store.take("key", rate);
    expect(waitMs).toBeLessThanOrEqual(30_000);
    expect(waitMs).toBeGreaterThan(25_000);
    expect(await store.take("other", rate)).toBe(0);
  });

  test("gives calls back as time goes by, and leaves no key behind", async () => {
    const client = await connect(library);
    const prefix = newPrefix();
    const store = redisRateStore(client, { prefix, timeoutMs });
    const rate = { calls: 20, perMs: 1000, burst: 1 };
    expect(await store.take("key", rate)).toBe(0);
    let waitMs = await store.take("key", rate);
    expect(waitMs).toBeGreaterThan(0);
    while (waitMs > 0) {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      waitMs = await store.take("key", rate);
    }
    const key = `${prefix}rate:20/1000/1:key`;
    const redis = toRedis(client);
    expect(await redis.send(["PTTL", key])).toBeLessThanOrEqual(50);
    await expect.poll(() => redis.send(["EXISTS", key])).toBe(0);
  });

  test("loads its script where it is not known", async () => {
    const client = await connect(library);
    const sent: string[] = [];
    const forgetful = {
      status: "ready",
      async call(command: string, ...args: string[]) {
        sent.push(command);
        if (command === "EVALSHA") throw new Error("NOSCRIPT No matching script. Please use EVAL.");
        return toRedis(client).send([command, ...args]);
      },
    };
    const store = redisRateStore(forgetful, { prefix: newPrefix(), timeoutMs });
    expect(await store.take("key", { calls: 1, perMs: 1000, burst: 1 })).toBe(0);
    expect(sent).toEqual(["EVALSHA", "EVAL"]);
    // EVAL has taught it: from now on the hash will do.
    sent.length = 0;
    const watched = {
      status: "ready",
      call(command: string, ...args: string[]) {
        sent.push(command);
        return toRedis(client).send([command, ...args]);
      },
    };
    const known = redisRateStore(watched, { prefix: newPrefix(), timeoutMs });
    expect(await known.take("key", { calls: 1, perMs: 1000, burst: 1 })).toBe(0);
    expect(sent).toEqual(["EVALSHA"]);
  });

  test("shares one limit exactly between two clients", async () => {
    const prefix = newPrefix();
    const rate = { calls: 50, perMs: 86_400_000, burst: 50 };
    const stores = [
      redisRateStore(await connect(library), { prefix, timeoutMs }),
      redisRateStore(await connect("ioredis"), { prefix, timeoutMs }),
    ];
    const takes = Array.from({ length: 100 }, () => stores.map((store) => store.take("key", rate))).flat();
    const answers = await Promise.all(takes);
    expect(answers.filter((waitMs) => waitMs === 0)).toHaveLength(50);
  });

  test("refuses a key that holds something else", async () => {
    const client = await connect(library);
    const prefix = newPrefix();
    const redis = toRedis(client);
    const key = `${prefix}rate:1/1000/1:key`;
    await redis.send(["SET", key, "not ours", "PX", "10000"]);
    const store = redisRateStore(client, { prefix, timeoutMs });
    await expect(store.take("key", { calls: 1, perMs: 1000, burst: 1 })).rejects.toThrow(/nil/);
  });
});

describe.skipIf(url === "")(`a limit in Redis${unlessSkipped}`, () => {
  test("is shared exactly by two processes", async () => {
    const prefix = newPrefix();
    const take = (library: string) =>
      run(process.execPath, [
        "--import",
        "tsx",
        "test/middleware/stores/rate-taker.ts",
        library,
        url,
        prefix,
        "500",
      ]);
    const finished = await Promise.all([take("ioredis"), take("redis")]);
    const took = finished.map(({ stdout, stderr }) => {
      expect(stdout, stderr).toMatch(/^took \d+$/m);
      return Number(stdout.replace(/\D/g, ""));
    });
    expect((took[0] ?? 0) + (took[1] ?? 0)).toBe(500);
  }, 60_000);

  test(`agrees with exact arithmetic in ${SEQUENCES} random histories, seed ${SEED}`, async () => {
    const redis = toRedis(await connect("ioredis"));
    let now = 0;
    let refused = 0;
    // The script itself, on a time of ours: Redis lets nobody set its own.
    const onOurTime = {
      status: "ready",
      call(command: string, ...args: string[]) {
        if (command === "EVALSHA") return Promise.reject(new Error("NOSCRIPT"));
        const [script = "", ...rest] = args;
        const time = `{"${Math.floor(now / 1000)}", "${(now % 1000) * 1000 + 999}"}`;
        const ours = script
          .replace('redis.call("TIME")', time)
          .replace("math.ceil(taken / calls))", "60000)");
        expect(ours).toContain(time);
        expect(ours).toContain("60000)");
        return redis.send([command, ours, ...rest]);
      },
    };
    const store = redisRateStore(onOurTime, { prefix: newPrefix(), timeoutMs });
    let history = 0;
    await fc.assert(
      fc.asyncProperty(someRate, rateHistory, async (rate, steps) => {
        now = Date.UTC(2026, 0, 1);
        const key = `${history++}`;
        const reference = createRateReference(rate);
        for (const ms of steps) {
          now += ms;
          const waitMs = await store.take(key, rate);
          if (waitMs !== reference(now)) throw new Error(`${waitMs} at ${now}`);
          if (waitMs !== 0) refused++;
        }
      }),
      { numRuns: SEQUENCES, seed: SEED },
    );
    expect(refused).toBeGreaterThan(1000);
  }, 60_000);
});

describe.skipIf(url === "")(`the laws with Redis${unlessSkipped}`, () => {
  obeysLaws("rateLimit", (clock) => {
    const gone = { status: "end", call: () => new Promise<never>(() => {}) };
    const store = redisRateStore(gone, { clock });
    return rateLimit({ calls: 100, perMs: 1000, clock, store, whenStoreFails: "open" });
  });
});
