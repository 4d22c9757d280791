import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createCall } from "../../../src/core/call.js";
import type { BatonError } from "../../../src/core/errors.js";
import { idempotency } from "../../../src/middleware/idempotency.js";
import { redisIdempotency } from "../../../src/middleware/stores/redis-idempotency.js";
import { failure } from "../../support/calls.js";
import { keepsKeys, running } from "./contract.js";
import {
  clientNames,
  counted,
  type OpenClient,
  openClient,
  removeKeys,
  startRedis,
  unlessSkipped,
  url,
} from "./redis-clients.js";

describe.skipIf(url === "")(`redisIdempotency()${unlessSkipped}`, () => {
  const prefix = `langbaton-test:${randomUUID()}:`;
  afterAll(() => removeKeys(prefix));

  describe.each(clientNames)("with %s", (name) => {
    let open: OpenClient;
    beforeAll(async () => {
      open = await openClient(name);
    });
    afterAll(() => open.close());
    keepsKeys("in Redis", () => redisIdempotency(open.client, { prefix: `${prefix}${name}:` }));

    test("a key goes by itself when it has expired", async () => {
      const store = redisIdempotency(open.client, { prefix });
      const key = randomUUID();
      const record = running({ expiresAt: running().at + 5 });
      await store.begin(key, record);
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(await store.begin(key, running())).toBeUndefined();
    });

    test("rejects while Redis is gone, in good time, and works when it is back", async () => {
      const redis = await startRedis();
      onTestFinished(() => redis.kill());
      const opened = await openClient(name, redis.url);
      onTestFinished(() => void opened.close());
      const { client, sent } = counted(opened.client);
      const store = redisIdempotency(client, { prefix, timeoutMs: 250 });
      await store.begin("key", running());
      redis.freeze();
      const startedAt = performance.now();
      await expect(store.begin("another", running())).rejects.toThrow(/no answer from Redis/);
      const before = sent();
      await expect(store.begin("another", running())).rejects.toThrow(/no connection/);
      console.log(
        `${name}, frozen: two refusals in ${(performance.now() - startedAt).toFixed(0)} ms, limit 250`,
      );
      expect(sent()).toBe(before);
      redis.thaw();
      await redis.kill();
      await expect(store.begin("another", running())).rejects.toThrow();
      const again = await startRedis(redis.port);
      onTestFinished(() => again.kill());
      await expect
        .poll(() => Promise.resolve(store.begin(randomUUID(), running())).catch(() => "down"), {
          timeout: 10_000,
        })
        .toBeUndefined();
    });

    test("a key that Redis took in too late is not lost: nothing had run under it", async () => {
      const redis = await startRedis();
      onTestFinished(() => redis.kill());
      const { client, close } = await openClient(name, redis.url);
      onTestFinished(() => void close());
      const once = idempotency({ store: redisIdempotency(client, { prefix, timeoutMs: 100 }) });
      let runs = 0;
      const use = () => {
        const deadline = Date.now() + 2000;
        const call = createCall({ server: "bank", tool: "pay", args: {}, idempotencyKey: "k", deadline });
        return once(call, async () => ({ content: [{ type: "text", text: `run ${++runs}` }] }));
      };
      redis.freeze();
      expect(await failure(use())).toMatchObject({ code: "STORE", effect: "none" });
      redis.thaw();
      // For a second Redis counts as gone, to the removal of the key too.
      await expect
        .poll(() => use().catch(({ code }: BatonError) => code), { timeout: 10_000 })
        .not.toBe("STORE");
      expect(runs).toBe(1);
      expect((await use()).obtained?.replayed).toBe(true);
    });
  });
});
