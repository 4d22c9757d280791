import { LRUCache } from "lru-cache";
import type { Call, Handler, Middleware } from "../core/call.js";
import { hashJson } from "../core/canonical.js";
import { type Clock, systemClock } from "../core/clock.js";
import { isBatonError } from "../core/errors.js";
import { toolMatcher } from "../core/pattern.js";
import { type Result, withObtained } from "../core/result.js";
import { checkOptions } from "../core/settings.js";
import { endGeneration, generationOf, scopeOf, unwatchedWrites, watch } from "./cache/generations.js";
import { type CacheHint, cacheHint } from "./cache/hint.js";
import { type Flight, join, lead } from "./shared/flight.js";
import { fromJson, toJson } from "./shared/kept-result.js";

/** A result that is kept. */
export interface CacheEntry {
  /** MCP's `CallToolResult`. */
  readonly json: string;
  /** When it came, in milliseconds since the epoch. */
  readonly at: number;
  /** When it is too old. At most a day later. */
  readonly until: number;
}

/** A second place for results, behind the memory of this process and shared with others. */
export interface CacheStore {
  /**
   * What is kept under a key, and the generation that its scope is in. Undefined when the store cannot tell. Must
   * answer soon and must not reject.
   */
  get(
    scope: string,
    key: string,
  ): Promise<{ readonly entry?: CacheEntry; readonly generation: string } | undefined>;
  /** Keeps an entry that was read in this generation. Must not throw. */
  set(key: string, entry: CacheEntry, generation: string): void;
  /** Begins another generation: nothing that was kept in this scope is served again. Must not throw. */
  forget(scope: string): void;
}

export interface CacheOptions {
  /**
   * How long a result is kept, in milliseconds up to a day. The server can say less, never more.
   * @default as long as the server says, and not at all when it says nothing
   */
  readonly ttlMs?: number;
  /** Most results in memory; 64 MiB in all. The one that was not used for longest goes first. @default 1000 */
  readonly maxEntries?: number;
  /** Tools that may be kept without a `readOnly` hint, as `server.tool` patterns. @default none */
  readonly tools?: readonly string[];
  /** Shares results with other processes, see `redisCache`. @default memory alone */
  readonly store?: CacheStore;
  /** What a result depends on, in place of the arguments; undefined goes by without the cache. Must not throw. */
  readonly key?: (call: Call) => string | undefined;
  /** @default systemClock */
  readonly clock?: Clock;
}

interface Place {
  readonly hash: string;
  /** The hash within a generation: the key in memory. */
  readonly key: string;
}

/** What a run gave: an entry when it may be kept, so that each who waited gets a copy of his own. */
interface Answer {
  readonly result: Result | undefined;
  readonly entry: CacheEntry | undefined;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const MOST_BYTES_EACH = 1024 * 1024;
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Keeps results of tools that only read, and runs equal calls that come at the same time once. Equal means the
 * same server, tool and arguments, for the same tenant and user: nobody is shown what another was told. A call that
 * is not read-only makes all that was read from its server, for its tenant, be read anew.
 *
 * Never kept: errors, results with `isError` or above 1 MiB, and what a fallback answered. `obtained.cache` says "hit"
 * or "miss", `obtained.ageMs` how old a hit is.
 *
 * @throws {BatonError} `CANCELLED` and `TIMEOUT` while an equal call runs; `CONFIG_INVALID` for an option
 * @example
 * ```ts
 * const tools = await loadTools(servers, { use: [cache({ ttlMs: 60_000 }), retry()] });
 * ```
 */
export function cache(options: CacheOptions = {}): Middleware {
  checkOptions("cache", options);
  const { ttlMs, maxEntries = 1000, tools, store, key: keyOf, clock = systemClock } = options;
  const isListed = tools === undefined ? () => false : toolMatcher(tools);
  const entries = new LRUCache<string, CacheEntry>({
    max: maxEntries,
    maxSize: MOST_BYTES,
    sizeCalculation: ({ json }) => json.length,
  });
  const flights = new Map<string, Flight<Answer>>();
  const hinting = new Set<string>();

  return function caching(call, next) {
    const { hints, server, tool } = call;
    if (hints.readOnly !== true && !isListed(server, tool)) return write(call, next);
    return ttlMs === undefined && !hinting.has(server) ? learn(call, next) : read(call, next);
  };

  async function read(call: Call, next: Handler): Promise<Result> {
    const place = placeOf(call);
    if (place === undefined) return next(call);
    watch(call.server);
    const entry = entries.get(place.key);
    if (entry !== undefined && clock.now() < entry.until) return hit(entry);
    for (;;) {
      const flight = flights.get(place.key);
      if (flight === undefined) {
        const { result, entry } = await lead(flights, place.key, call, () => run(call, next, place));
        return result === undefined ? hit(entry as CacheEntry) : withObtained(result, { cache: "miss" });
      }
      const joined = await join(flight, call, clock, "none");
      if (joined) return shared(joined.value);
    }
  }

  async function run(call: Call, next: Handler, { hash, key }: Place): Promise<Answer> {
    const scope = scopeOf(call);
    const found = await store?.get(scope, hash);
    const known = found?.entry && shortened(found.entry);
    if (known) {
      entries.set(key, known);
      return { result: undefined, entry: known };
    }
    const result = await next(call);
    const hint = cacheHint(result);
    const entry = entryOf(result, hint);
    if (entry !== undefined) {
      entries.set(key, entry);
      if (found !== undefined && !hint.isPrivate) store?.set(hash, entry, found.generation);
    }
    return { result, entry };
  }

  /** Without a lifetime of ours only the server can make something be kept, and so far it has not. */
  async function learn(call: Call, next: Handler): Promise<Result> {
    const generation = generationOf(scopeOf(call));
    const writes = unwatchedWrites();
    const result = await next(call);
    const hint = cacheHint(result);
    const entry = hint.ttlMs === undefined ? undefined : entryOf(result, hint);
    const place = entry && placeOf(call, generation);
    if (entry === undefined || place === undefined) return result;
    hinting.add(call.server);
    watch(call.server);
    // Else a write, of this server perhaps, ended meanwhile.
    if (writes === unwatchedWrites()) entries.set(place.key, entry);
    return withObtained(result, { cache: "miss" });
  }

  async function write(call: Call, next: Handler): Promise<Result> {
    let isUnchanged = false;
    try {
      return await next(call);
    } catch (error) {
      isUnchanged = isBatonError(error) && error.effect === "none";
      throw error;
    } finally {
      if (!isUnchanged) {
        endGeneration(call);
        store?.forget(scopeOf(call));
      }
    }
  }

  function placeOf(call: Call, generation = generationOf(scopeOf(call))): Place | undefined {
    const { server, tool, args, caller } = call;
    const input = keyOf === undefined ? args : keyOf(call);
    if (input === undefined) return undefined;
    try {
      const hash = hashJson([server, tool, caller?.tenant ?? null, caller?.user ?? null, input]);
      return { hash, key: `${hash}.${generation}` };
    } catch {
      // Not JSON, a cycle for example: there is no form in which two such calls are equal.
      return undefined;
    }
  }

  function entryOf(result: Result, hint: CacheHint): CacheEntry | undefined {
    const lifetimeMs = Math.min(hint.ttlMs ?? ttlMs ?? 0, ttlMs ?? DAY_MS);
    const { server, tool, replayed } = result.obtained ?? {};
    if (lifetimeMs === 0 || result.isError || server !== undefined || tool !== undefined || replayed)
      return undefined;
    const json = isLarge(result) ? undefined : toJson(result);
    if (json === undefined || json.length > MOST_BYTES_EACH) return undefined;
    const at = clock.now();
    return { json, at, until: at + lifetimeMs };
  }

  /** An entry that another process kept, held to our own limit. */
  function shortened(entry: CacheEntry): CacheEntry | undefined {
    const until = Math.min(entry.until, entry.at + (ttlMs ?? DAY_MS));
    return clock.now() < until ? { ...entry, until } : undefined;
  }

  function hit({ json, at }: CacheEntry): Result {
    return withObtained(fromJson(json) as Result, { cache: "hit", ageMs: Math.max(0, clock.now() - at) });
  }

  function shared({ result, entry }: Answer): Result {
    if (entry !== undefined) return hit(entry);
    const { obtained: _, ...copy } = structuredClone(result as Result);
    return withObtained(copy, { cache: "hit", ageMs: 0 });
  }
}

/** Known without making the text of it. */
function isLarge({ content }: Result): boolean {
  let length = 0;
  for (const block of content) {
    if (block.type === "text") length += block.text.length;
    else if (block.type === "image" || block.type === "audio") length += block.data.length;
    else if (block.type === "resource") length += (block.resource.text ?? block.resource.blob ?? "").length;
  }
  return length > MOST_BYTES_EACH;
}
