import type { Parts } from "./parts.js";
import { windowOf } from "./recent.js";

export interface MemoryStats {
  /** Messages that are in the window of their thread. */
  readonly shortTerm: { readonly threads: number; readonly messages: number; readonly tokens: number };
  /** Everything else that can be found. */
  readonly longTerm: { readonly messages: number; readonly facts: number; readonly tokens: number };
  /** Corrected since; kept as history. */
  readonly superseded: number;
  /** Hidden, and removed by one of the next writes. */
  readonly expired: number;
  /** How often items were found. */
  readonly hits: number;
  /** Items with a vector of the present embedding model. */
  readonly vectors: number;
  /** ISO 8601: when the oldest and newest were said. */
  readonly oldest?: string;
  readonly newest?: string;
}

/** See `Memory.stats`. */
export async function statsOf(parts: Parts): Promise<MemoryStats> {
  const view = await parts.view();
  const now = parts.clock.now();
  const recent = new Set<string>();
  const shortTerm = { threads: 0, messages: 0, tokens: 0 };
  const longTerm = { messages: 0, facts: 0, tokens: 0 };
  for (const threadId of view.threadIds()) {
    shortTerm.threads++;
    for (const { id, tokens } of windowOf(parts, view, threadId)) {
      recent.add(id);
      shortTerm.messages++;
      shortTerm.tokens += tokens;
    }
  }
  let superseded = 0;
  let expired = 0;
  let oldest = Number.POSITIVE_INFINITY;
  let newest = Number.NEGATIVE_INFINITY;
  for (const { id, kind, tokens, at, expiresAtMs } of view.entries.values()) {
    oldest = Math.min(oldest, at);
    newest = Math.max(newest, at);
    if (expiresAtMs <= now) expired++;
    else if (view.supersededBy(id) !== undefined) superseded++;
    else if (!recent.has(id)) {
      longTerm.tokens += tokens;
      if (kind === "fact") longTerm.facts++;
      else longTerm.messages++;
    }
  }
  let hits = 0;
  for (const usage of view.usage.values()) hits += usage.hits;
  for (const pending of view.pendingHits.values()) hits += pending;
  return {
    shortTerm,
    longTerm,
    superseded,
    expired,
    hits,
    vectors: view.vectors.size,
    ...(view.entries.size > 0 && {
      oldest: new Date(oldest).toISOString(),
      newest: new Date(newest).toISOString(),
    }),
  };
}
