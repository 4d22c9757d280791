import { checkOptions, RULE } from "./check-options.js";
import type { Settled } from "./job.js";

export interface MergeRankedOptions<T, Item> {
  /** The items of one result, the best first. */
  readonly items: (value: T, name: string) => Iterable<Item>;
  /** Items with the same key are one. */
  readonly key: (item: Item) => string;
  /** How good an item is, where scores of different sources can be compared. @default by rank in each result */
  readonly score?: (item: Item, name: string) => number;
}

/** An item, and who had it. */
export interface Ranked<Item> {
  /** As the source that ranked it best has it. */
  readonly item: Item;
  readonly key: string;
  readonly score: number;
  /** Names of the jobs, in their order. */
  readonly sources: readonly string[];
}

/** Smooths the first ranks, as in the paper. */
const K = 60;

/**
 * Merges ranked lists, for the `merge` of `fanOut`: what several sources have comes once. By `score` the best first, or else
 * by reciprocal rank fusion, a sum of 1 / (60 + rank), which needs no comparable scores; equals keep the order of the
 * jobs and their lists.
 *
 * Source of the method: Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and Individual Rank
 * Learning Methods", SIGIR 2009.
 *
 * @throws {BatonError} `CONFIG_INVALID`
 */
export function mergeRanked<T, Item>(
  options: MergeRankedOptions<T, Item>,
): (results: readonly Settled<T>[]) => readonly Ranked<Item>[] {
  checkOptions("mergeRanked()", options, {
    items: RULE.function,
    key: RULE.function,
    score: RULE.function,
  });
  const { items, key, score } = options;

  return function rankItems(results) {
    const byKey = new Map<string, Entry<Item>>();
    for (const { name, value } of results) {
      const seen = new Set<string>();
      let rank = 0;
      for (const item of items(value, name)) {
        rank++;
        const id = key(item);
        const points = score ? orLowest(score(item, name)) : 1 / (K + rank);
        const entry = byKey.get(id) ?? {
          item,
          key: id,
          score: score ? points : 0,
          sources: [],
          best: points,
        };
        byKey.set(id, entry);
        if (points > entry.best) Object.assign(entry, { item, best: points });
        if (score) entry.score = entry.best;
        // What one source has twice counts once, at its first rank.
        else if (!seen.has(id)) entry.score += points;
        if (!entry.sources.includes(name)) entry.sources.push(name);
        seen.add(id);
      }
    }
    return [...byKey.values()].sort(byScore).map(({ best: _, ...ranked }) => ranked);
  };
}

interface Entry<Item> {
  item: Item;
  readonly key: string;
  score: number;
  readonly sources: string[];
  /** The most points that one source gave it. */
  best: number;
}

/** What is no number would sort nowhere. */
function orLowest(score: number): number {
  return Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score;
}

/** A plain difference of two infinities would be no number. */
function byScore(one: { readonly score: number }, other: { readonly score: number }): number {
  return one.score === other.score ? 0 : other.score - one.score;
}
