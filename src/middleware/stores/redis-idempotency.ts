import { type Clock, systemClock } from "../../core/clock.js";
import type { IdempotencyRecord, IdempotencyStore } from "../idempotency/store.js";
import { impatient } from "./impatient.js";
import { type RedisClient, toRedis } from "./redis.js";

export interface RedisIdempotencyOptions {
  /** Before every key. @default "langbaton:idempotency:" */
  readonly prefix?: string;
  /** Redis counts as gone when it needs longer, in milliseconds. @default 1000 */
  readonly timeoutMs?: number;
  /** For that limit alone. @default systemClock */
  readonly clock?: Clock;
}

// Each script is one step for all processes. Times are those of the caller, so that they agree with his own.
const BEGIN = `
local kept = redis.call("HMGET", KEYS[1], "record", "expiresAt")
if kept[1] and tonumber(kept[2]) > tonumber(ARGV[1]) then return kept[1] end
redis.call("HSET", KEYS[1], "owner", ARGV[2], "record", ARGV[3], "expiresAt", ARGV[4])
redis.call("PEXPIRE", KEYS[1], ARGV[5])
return false`;
const FINISH = `
if redis.call("HGET", KEYS[1], "owner") ~= ARGV[2] then return 0 end
redis.call("HSET", KEYS[1], "record", ARGV[3], "expiresAt", ARGV[4])
redis.call("PEXPIRE", KEYS[1], ARGV[5])
return 1`;
const FORGET = `
if ARGV[1] ~= "" and redis.call("HGET", KEYS[1], "owner") ~= ARGV[1] then return 0 end
return redis.call("DEL", KEYS[1])`;

/**
 * Idempotency keys in Redis 5 or later, for all processes with the same prefix. As safe as that Redis: one that loses
 * writes when it crashes (`appendfsync everysec`, a failover) can lose a key with them.
 *
 * @param client yours, of `ioredis` or `redis`; it is neither connected nor closed here
 * @throws {BatonError} `CONFIG_INVALID` when it is neither
 * @example
 * ```ts
 * const use = [idempotency({ store: redisIdempotency(new Redis("redis://127.0.0.1:6379")) })];
 * ```
 */
export function redisIdempotency(
  client: RedisClient,
  options: RedisIdempotencyOptions = {},
): IdempotencyStore {
  const { prefix = "langbaton:idempotency:", timeoutMs = 1000, clock = systemClock } = options;
  const redis = impatient(toRedis(client), timeoutMs, clock);
  const run = (script: string, key: string, ...args: readonly string[]): Promise<unknown> =>
    redis.send(["EVAL", script, "1", `${prefix}${key}`, ...args]);

  return {
    name: "redis",
    async begin(key, record) {
      const found = await run(BEGIN, key, ...written(record));
      return typeof found === "string" ? (JSON.parse(found) as IdempotencyRecord) : undefined;
    },
    async finish(key, record) {
      await run(FINISH, key, ...written(record));
    },
    async forget(key, owner = "") {
      await run(FORGET, key, owner);
    },
  };
}

function written(record: IdempotencyRecord): readonly string[] {
  const { at, owner, expiresAt } = record;
  return [
    `${at}`,
    owner,
    JSON.stringify(record),
    `${expiresAt}`,
    `${Math.max(1, Math.ceil(expiresAt - at))}`,
  ];
}
