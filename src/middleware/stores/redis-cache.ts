import { randomUUID } from "node:crypto";
import { type Clock, systemClock } from "../../core/clock.js";
import type { CacheEntry, CacheStore } from "../cache.js";
import { fromJson } from "../shared/kept-result.js";
import { impatient } from "./impatient.js";
import { type RedisClient, toRedis } from "./redis.js";

export interface RedisCacheOptions {
  /** Before every key. @default "langbaton:cache:" */
  readonly prefix?: string;
  /** Redis counts as gone when it needs longer, in milliseconds. @default 5 */
  readonly timeoutMs?: number;
  /** For that limit alone. @default systemClock */
  readonly clock?: Clock;
}

const VERSION = 1;
/** Longer than anything that was read before it can be kept. */
const GENERATION_MS = 2 * 24 * 60 * 60 * 1000;
const MOST_UNTOLD = 10_000;

/**
 * Results of `cache` in Redis, as JSON, shared by all processes with the same prefix. What a server calls private
 * never comes here. A Redis that is down or slow costs a miss and no error: after one silence it is not asked for a
 * second.
 *
 * @param client yours, of `ioredis` or `redis`; it is neither connected nor closed here
 * @throws {BatonError} `CONFIG_INVALID` when it is neither
 * @example
 * ```ts
 * const shared = cache({ ttlMs: 60_000, store: redisCache(new Redis("redis://127.0.0.1:6379")) });
 * ```
 */
export function redisCache(client: RedisClient, options: RedisCacheOptions = {}): CacheStore {
  const { prefix = "langbaton:cache:", timeoutMs = 5, clock = systemClock } = options;
  const redis = impatient(toRedis(client), timeoutMs, clock);
  /** Scopes whose new generation did not reach Redis: nothing there can be trusted until it has. */
  const untold = new Set<string>();

  return {
    async get(scope, key) {
      try {
        if (untold.has(scope)) await tell(scope);
        // Two commands, as a cluster refuses one with keys of two places; they travel together.
        const [generation, text] = await Promise.all([
          redis.send(["GET", generationKey(scope)]),
          redis.send(["GET", `${prefix}${key}`]),
        ]);
        const current = typeof generation === "string" ? generation : "";
        const entry = typeof text === "string" ? decode(text, current) : undefined;
        return entry ? { entry, generation: current } : { generation: current };
      } catch {
        return undefined;
      }
    },
    set(key, entry, generation) {
      const lifetimeMs = Math.ceil(entry.until - entry.at);
      const text = JSON.stringify({ version: VERSION, generation, ...entry });
      redis.send(["SET", `${prefix}${key}`, text, "PX", `${lifetimeMs}`]).catch(() => {});
    },
    forget(scope) {
      // Commands of one client run in order, so what it asks next already sees this.
      tell(scope).catch(() => {});
    },
  };

  async function tell(scope: string): Promise<void> {
    try {
      await redis.send(["SET", generationKey(scope), randomUUID(), "PX", `${GENERATION_MS}`]);
      untold.delete(scope);
    } catch (error) {
      if (untold.size >= MOST_UNTOLD) untold.delete(untold.keys().next().value as string);
      untold.add(scope);
      throw error;
    }
  }

  function generationKey(scope: string): string {
    return `${prefix}generation:${scope}`;
  }
}

/** Undefined for what is broken, of another version of this package, or of an earlier generation. */
function decode(text: string, generation: string): CacheEntry | undefined {
  try {
    const value = JSON.parse(text) as Partial<CacheEntry> & { version?: unknown; generation?: unknown };
    const { json, at, until } = value;
    if (value.version !== VERSION || value.generation !== generation) return undefined;
    if (typeof json !== "string" || typeof at !== "number" || typeof until !== "number") return undefined;
    return fromJson(json) ? { json, at, until } : undefined;
  } catch {
    return undefined;
  }
}
