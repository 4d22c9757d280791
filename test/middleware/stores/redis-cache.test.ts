import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createCall } from "../../../src/core/call.js";
import { cache } from "../../../src/middleware/cache.js";
import { type Redis, toRedis } from "../../../src/middleware/stores/redis.js";
import { redisCache } from "../../../src/middleware/stores/redis-cache.js";
import { FakeClock, settle } from "../../support/fake-clock.js";
import {
  clientNames,
  type OpenClient,
  openClient,
  removeKeys,
  startRedis,
  unlessSkipped,
  url,
} from "./redis-clients.js";

const MINUTE_MS = 60_000;

describe.skipIf(url === "")(`redisCache()${unlessSkipped}`, () => {
  const prefix = `langbaton-test:${randomUUID()}:`;
  afterAll(() => removeKeys(prefix));

  describe.each(clientNames)("with %s", (name) => {
    let open: OpenClient;
    let redis: Redis;
    beforeAll(async () => {
      open = await openClient(name);
      redis = toRedis(open.client);
    });
    afterAll(() => open.close());

    const entry = (text: string, at = Date.now()) => ({
      json: JSON.stringify({ content: [{ type: "text", text }] }),
      at,
      until: at + MINUTE_MS,
    });
    /** A clock that stands still: Redis is waited for as long as it takes. */
    const newStore = (own = `${prefix}${randomUUID()}:`) => ({
      own,
      store: redisCache(open.client, { prefix: own, clock: new FakeClock() }),
    });

    test("gives back what was kept, until its scope is forgotten", async () => {
      const { store } = newStore();
      expect(await store.get("files", "key")).toEqual({ generation: "" });
      const kept = entry("ü");
      store.set("key", kept, "");
      expect(await store.get("files", "key")).toEqual({ entry: kept, generation: "" });
      store.forget("files");
      const after = await store.get("files", "key");
      expect(after?.entry).toBeUndefined();
      expect(after?.generation).not.toBe("");
    });

    test("what was read before a write of another process is not served after it", async () => {
      const { own, store } = newStore();
      const other = redisCache(open.client, { prefix: own, clock: new FakeClock() });
      const before = await store.get("files", "key");
      other.forget("files");
      store.set("key", entry("old"), before?.generation ?? "");
      expect((await other.get("files", "key"))?.entry).toBeUndefined();
      expect((await store.get("files", "key"))?.entry).toBeUndefined();
      expect((await store.get("other scope", "key"))?.entry?.json).toContain("old");
    });

    test("a key expires with its result", async () => {
      const { own, store } = newStore();
      store.set("key", entry("x"), "");
      const leftMs = Number(await redis.send(["PTTL", `${own}key`]));
      expect(leftMs).toBeGreaterThan(MINUTE_MS - 5000);
      expect(leftMs).toBeLessThanOrEqual(MINUTE_MS);
    });

    test.each([
      "no JSON",
      "null",
      "[]",
      '{"version":2,"generation":"","json":"{\\"content\\":[]}","at":1,"until":9e15}',
      '{"version":1,"generation":"","json":"{\\"content\\":[]}","at":"1","until":9e15}',
      '{"version":1,"generation":"","json":"{\\"content\\":7}","at":1,"until":9e15}',
      '{"version":1,"generation":"","json":"{","at":1,"until":9e15}',
      '{"version":1,"generation":"","at":1,"until":9e15}',
    ])("a broken value is a miss: %s", async (value) => {
      const { own, store } = newStore();
      await redis.send(["SET", `${own}key`, value]);
      expect(await store.get("files", "key")).toEqual({ generation: "" });
    });

    test("a key of another kind is a miss", async () => {
      const { own, store } = newStore();
      await redis.send(["RPUSH", `${own}key`, "x"]);
      expect(await store.get("files", "key")).toBeUndefined();
    });

    test("two processes share results, and a write of one makes the other read again", async () => {
      const own = `${prefix}${randomUUID()}:`;
      // Memory is told within a process, so it is Redis that must not serve the old result here.
      const make = () =>
        cache({ ttlMs: MINUTE_MS, store: redisCache(open.client, { prefix: own, clock: new FakeClock() }) });
      const one = make();
      const two = make();
      let version = 1;
      let runs = 0;
      const next = async () => {
        runs++;
        return { content: [{ type: "text" as const, text: `version ${version}` }] };
      };
      const read = createCall({ server: own, tool: "read", args: {}, hints: { readOnly: true } });
      expect((await one(read, next)).obtained).toEqual({ cache: "miss" });
      expect(await two(read, next)).toMatchObject({
        content: [{ text: "version 1" }],
        obtained: { cache: "hit" },
      });
      expect(runs).toBe(1);
      version = 2;
      await one(createCall({ server: own, tool: "write", args: {} }), next);
      expect((await two(read, next)).content).toEqual([{ type: "text", text: "version 2" }]);
      expect((await one(read, next)).obtained?.cache).toBe("hit");
    });

    test("a Redis that freezes or dies costs a miss each time, no error and no long wait", async () => {
      const server = await startRedis();
      onTestFinished(() => server.kill());
      const own = await openClient(name, server.url);
      onTestFinished(() => void own.close());
      const store = redisCache(own.client, { timeoutMs: 250 });
      store.set("key", entry("x"), "");
      await expect.poll(async () => (await store.get("files", "key"))?.entry).toBeDefined();
      server.freeze();
      const startedAt = performance.now();
      for (let each = 0; each < 20; each++) {
        expect(await store.get("files", "key")).toBeUndefined();
        store.set("key", entry("y"), "");
        store.forget("files");
      }
      // One wait, then it counts as gone for a second; waiting each time would take 5.
      expect(performance.now() - startedAt).toBeLessThan(2500);
      server.thaw();
      // What could not be told is told first: the result from before the write is not seen again.
      await expect
        .poll(async () => (await store.get("files", "key"))?.generation, { timeout: 5000 })
        .toBeTruthy();
      expect((await store.get("files", "key"))?.entry).toBeUndefined();
      await server.kill();
      await settle();
      expect(await store.get("files", "key")).toBeUndefined();
      store.set("key", entry("z"), "");
      store.forget("files");
    });
  });
});
