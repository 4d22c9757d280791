import { spawnSync } from "node:child_process";
import { describe, expect, onTestFinished, test } from "vitest";
import { createCall } from "../../../src/core/call.js";
import { type RateStore, rateLimit } from "../../../src/middleware/rate-limit.js";
import type { RedisClient } from "../../../src/middleware/stores/redis.js";
import { redisRateStore } from "../../../src/middleware/stores/redis-rate.js";
import { failure } from "../../support/calls.js";
import { until } from "../../support/processes.js";
import { type ClientName, clientNames, counted, openClient, startRedis } from "./redis-clients.js";

const isThere = spawnSync("redis-server", ["--version"]).status === 0;
const without = isThere ? "" : " (skipped: no redis-server in PATH)";
/** On a quiet machine nothing takes longer than 7; but other tests may run meanwhile, so what is asserted is generous. */
const BUSY_MS = 250;
const rate = { calls: 1_000_000, perMs: 1000, burst: 1_000_000 };

/** A Redis of this test alone, which dies with it. */
async function start(port?: number) {
  const server = await startRedis(port);
  onTestFinished(server.kill);
  return server;
}

async function setUp(library: ClientName) {
  const server = await start();
  const connected = await openClient(library, server.url);
  onTestFinished(() => void connected.close());
  const { client, sent } = counted(connected.client);
  const store = redisRateStore(client);
  await until(() => works(store), "the first answer");
  return { server, client, sent, store };
}

const works = async (store: RateStore): Promise<boolean> =>
  (await Promise.resolve(store.take("key", rate)).catch(() => undefined)) === 0;

/** How long it takes to hear that there is no Redis, in milliseconds. */
async function refusalMs(store: RateStore): Promise<number> {
  const startedAt = performance.now();
  await expect(store.take("key", rate)).rejects.toThrow(/Redis|closed|Connection/i);
  return performance.now() - startedAt;
}

const median = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;

const isConnected = (client: RedisClient): boolean =>
  "status" in client ? client.status === "ready" : client.isReady;

describe.skipIf(!isThere).each(clientNames)(`when Redis goes away, with %s${without}`, (library) => {
  test("killed: no command waits in the client's queue, and it comes back by itself", async () => {
    const { server, client, sent, store } = await setUp(library);
    await server.kill();
    await until(() => !isConnected(client), "the client has seen it");
    const before = sent();
    const times: number[] = [];
    for (let i = 0; i < 200; i++) times.push(await refusalMs(store));
    console.log(
      `${library}, killed: median ${median(times).toFixed(3)} ms, most ${Math.max(...times).toFixed(2)} ms`,
    );
    expect(sent()).toBe(before);
    expect(median(times)).toBeLessThan(BUSY_MS);
    await start(server.port);
    await until(() => works(store), "it works again");
  });

  test("killed while it is asked: no answer takes much longer than the limit", async () => {
    const { server, store } = await setUp(library);
    void server.kill();
    const times: number[] = [];
    for (let i = 0; i < 20; i++) {
      const startedAt = performance.now();
      await Promise.resolve(store.take("key", rate)).catch(() => {});
      times.push(performance.now() - startedAt);
    }
    console.log(
      `${library}, dying: median ${median(times).toFixed(3)} ms, most ${Math.max(...times).toFixed(2)} ms`,
    );
    expect(median(times)).toBeLessThan(BUSY_MS);
  });

  test("stopped half-way: one call waits for it, the others do not, and it comes back by itself", async () => {
    const { server, store } = await setUp(library);
    server.freeze();
    const first = await refusalMs(store);
    const times: number[] = [];
    for (let i = 0; i < 50; i++) times.push(await refusalMs(store));
    console.log(
      `${library}, stopped: first ${first.toFixed(2)} ms, then median ${median(times).toFixed(3)} ms`,
    );
    expect(first).toBeGreaterThanOrEqual(4);
    expect(first).toBeLessThan(10 * BUSY_MS);
    expect(median(times)).toBeLessThan(BUSY_MS);
    server.thaw();
    await until(() => works(store), "it works again");
  });

  test("a busy event loop is not taken for a dead Redis", async () => {
    const { client } = await setUp(library);
    // Long enough for Redis itself to answer on a busy machine.
    const store = redisRateStore(client, { timeoutMs: 250 });
    for (const blockedMs of [300, 600, 900]) {
      const answer = store.take("key", rate);
      const end = performance.now() + blockedMs;
      while (performance.now() < end);
      expect(await answer, `blocked for ${blockedMs} ms`).toBe(0);
    }
  });

  test("calls are refused or pass, as was decided", async () => {
    const { server, client, store } = await setUp(library);
    await server.kill();
    await until(() => !isConnected(client), "the client has seen it");
    const call = createCall({ server: "s", tool: "t", args: {} });
    const work = async () => ({ content: [] });
    const error = await failure(rateLimit({ ...rate, store })(call, work));
    expect(error).toMatchObject({ code: "STORE", effect: "none", data: { store: "redis" } });
    expect(await rateLimit({ ...rate, store, whenStoreFails: "open" })(call, work)).toEqual({ content: [] });
  });
});
