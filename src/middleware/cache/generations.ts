import type { Call } from "../../core/call.js";

/**
 * What was read before a write must not be served after it. So each server has a generation per tenant, which a write
 * ends, and what is kept belongs to the one in which its reading began.
 *
 * One record for the whole process: tools whose options differ have caches of their own, and a write goes through
 * one of them. At worst a generation ends early, which costs a miss.
 */
const generations = new Map<string, number>();
const MOST_SCOPES = 10_000;
const watched = new Set<string>();
let unwatched = 0;
let last = 0;
/** Of all scopes that were not written to, or so long ago that it was forgotten. */
let others = 0;

/** Whose data a call reads or changes. A server's name has no dot, so that no two are alike. */
export function scopeOf({ server, caller }: Call): string {
  return caller?.tenant === undefined ? server : `${server}.${caller.tenant}`;
}

export function generationOf(scope: string): number {
  return generations.get(scope) ?? others;
}

/** Asked when a write has ended: a read that began while it ran may have seen what was before. */
export function endGeneration(call: Call): void {
  if (!watched.has(call.server)) {
    unwatched++;
    return;
  }
  const scope = scopeOf(call);
  // Deleted first, so that the oldest write comes first.
  generations.delete(scope);
  generations.set(scope, ++last);
  if (generations.size <= MOST_SCOPES) return;
  generations.delete(generations.keys().next().value as string);
  others = ++last;
}

/** How many writes have ended on servers of which nothing was kept, and so without ending a generation. */
export function unwatchedWrites(): number {
  return unwatched;
}

/** Something of this server is kept from now on: its writes count. */
export function watch(server: string): void {
  watched.add(server);
}
