import type { Result } from "../../core/result.js";

/** What a server says on keeping a result. */
export interface CacheHint {
  readonly ttlMs: number | undefined;
  /** Only for who asked. True unless the server says "public", as MCP's own SDK reads a hint without a scope. */
  readonly isPrivate: boolean;
}

const NONE: CacheHint = { ttlMs: undefined, isPrivate: false };

/**
 * MCP 2026-07-28 has `ttlMs` and `cacheScope` beside the content of lists and resources (`CacheableResult`). Tools may
 * say the same in that place, or in `_meta`.
 */
export function cacheHint(result: Result): CacheHint {
  const { ttlMs = result._meta?.ttlMs, cacheScope = result._meta?.cacheScope } = result as Partial<
    Record<"ttlMs" | "cacheScope", unknown>
  >;
  if (ttlMs === undefined && cacheScope === undefined) return NONE;
  return { ttlMs: lifetime(ttlMs), isPrivate: cacheScope !== "public" };
}

/** A lifetime that makes no sense is none: better asked again than kept for ever. */
function lifetime(ttlMs: unknown): number | undefined {
  if (ttlMs === undefined) return undefined;
  return typeof ttlMs === "number" && ttlMs > 0 ? ttlMs : 0;
}
