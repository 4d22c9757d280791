import { createHash } from "node:crypto";
import { type Clock, systemClock } from "../../core/clock.js";
import type { RateStore } from "../rate-limit.js";
import { impatient } from "./impatient.js";
import { type RedisClient, toRedis } from "./redis.js";

export interface RedisRateStoreOptions {
  /** Before every key. Limits with the same prefix, scope and figures are one limit. @default "langbaton:" */
  readonly prefix?: string;
  /** Redis counts as gone when it needs longer, in milliseconds. @default 5 */
  readonly timeoutMs?: number;
  /** For the time limit; the buckets go by Redis's own time. @default systemClock */
  readonly clock?: Clock;
}

/** The same arithmetic as in memory, on the time of the one clock that all processes share. */
const SCRIPT = `
local calls, perMs, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local taken, at = 0, now
local kept = redis.call("GET", KEYS[1])
if kept then
  taken, at = string.match(kept, "(%d+) (%d+)")
  taken, at = tonumber(taken), tonumber(at)
  if now > at then taken = math.max(0, taken - (now - at) * calls) end
end
local missing = taken + perMs - burst * perMs
if missing <= 0 then taken = taken + perMs end
redis.call("SET", KEYS[1], string.format("%.0f %.0f", taken, now), "PX", math.ceil(taken / calls))
return missing <= 0 and 0 or math.ceil(missing / calls)
`;
const SHA = createHash("sha1").update(SCRIPT).digest("hex");

/**
 * Buckets in Redis 5 or later, for a limit that several processes share exactly. A bucket is one small key that expires
 * when it is full again.
 *
 * @param client yours, of `ioredis` or `redis`; it is neither connected nor closed here
 * @throws {BatonError} `CONFIG_INVALID` when it is neither
 * @example
 * ```ts
 * const store = redisRateStore(new Redis("redis://127.0.0.1:6379"));
 * const tools = await loadTools(servers, { use: [rateLimit({ calls: 100, perMs: 60_000, store })] });
 * ```
 */
export function redisRateStore(client: RedisClient, options: RedisRateStoreOptions = {}): RateStore {
  const { prefix = "langbaton:", timeoutMs = 5, clock = systemClock } = options;
  const redis = impatient(toRedis(client), timeoutMs, clock);
  return {
    name: "redis",
    async take(key, { calls, perMs, burst }) {
      const rest = [
        "1",
        `${prefix}rate:${calls}/${perMs}/${burst}:${key}`,
        `${calls}`,
        `${perMs}`,
        `${burst}`,
      ];
      try {
        return Number(await redis.send(["EVALSHA", SHA, ...rest]));
      } catch (error) {
        // A Redis that was started anew has forgotten its scripts.
        if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
        return Number(await redis.send(["EVAL", SCRIPT, ...rest]));
      }
    },
  };
}
