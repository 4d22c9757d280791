import { B, type Candidates, K1 } from "./candidates.js";
import { columnOf } from "./columns.js";
import { AFTER_SHARES, BEFORE_SHARES, type Documents, OWN_SHARE } from "./documents.js";
import { EXACT } from "./expand.js";
import type { Query } from "./query.js";
import type { Reader } from "./reading.js";
import { NONE, REACH } from "./threads.js";
import { ASKS } from "./traits.js";

/** How much of the query the turn before and the one after may meet in a turn's place. */
const ALIKE_BEFORE = 0.6;
const ALIKE_AFTER = 0.4;

type MeasureWords = (document: number, place: number, row: Float64Array) => void;

/** Measures how well the words of a turn, of its neighbours and of its thread match. */
export function createMeasureWindow(
  documents: Documents,
  reader: Reader,
): (query: Query, candidates: Candidates) => MeasureWords {
  const { threads, lengths, windowLengths, totals, threadOf, bitsOf } = documents;

  return function measureFor(query, candidates) {
    const { idf, idfSum, isCore } = query;
    const terms = query.terms.length;
    const averageLength = Math.max(1, totals.length / Math.max(1, totals.count));
    const averageWindow = Math.max(1, totals.windowLength / Math.max(1, totals.count));
    const [previous, next] = [threads.previous.data, threads.next.data];
    const window = new Int32Array(terms);
    const isAround = new Uint8Array(terms);
    const most = idfSum * (K1 + 1);
    const coreMost = (K1 + 1) * idf.reduce((sum, each, slot) => sum + (isCore[slot] ? each : 0), 0);

    /** BM25 of one item, at most 1. */
    const scoreAt = (document: number, place: number): number => {
      const { counts } = reader;
      const saturation = K1 * (1 - B + (B * (lengths.data[document] as number)) / averageLength);
      let score = 0;
      for (let slot = 0; slot < terms; slot++) {
        const count = counts[place + slot] as number;
        if (count > 0) score += ((idf[slot] as number) * (K1 + 1) * count) / (count + saturation);
      }
      return score / most;
    };
    const alikeAt = (place: number): number => {
      let sum = 0;
      for (let slot = 0; slot < idf.length; slot++) sum += (idf[slot] as number) * reader.softAt(place, slot);
      return sum / (EXACT * idfSum);
    };
    const addToWindow = (place: number, share: number, isNext: boolean): void => {
      const { counts } = reader;
      for (let slot = 0; slot < terms; slot++) {
        const count = counts[place + slot] as number;
        if (count === 0) continue;
        (window[slot] as number) += count * share;
        if (isNext) isAround[slot] = 1;
      }
    };

    return function measureWords(document, place, row) {
      row[columnOf.words] = scoreAt(document, place);
      window.fill(0);
      isAround.fill(0);
      addToWindow(place, OWN_SHARE, true);
      let alike = alikeAt(place);
      let [before, after] = [document, document];
      for (let distance = 1; distance <= REACH; distance++) {
        if (before !== NONE) before = previous[before] as number;
        if (before !== NONE) {
          const at = reader.read(before);
          addToWindow(at, BEFORE_SHARES[distance] as number, distance === 1);
          if (distance === 1) {
            alike = Math.max(alike, ALIKE_BEFORE * alikeAt(at));
            if (((bitsOf.data[before] as number) & ASKS) !== 0) row[columnOf.answer] = scoreAt(before, at);
          }
        }
        if (after !== NONE) after = next[after] as number;
        if (after !== NONE) {
          const at = reader.read(after);
          addToWindow(at, AFTER_SHARES[distance] as number, distance === 1);
          if (distance === 1) alike = Math.max(alike, ALIKE_AFTER * alikeAt(at));
        }
      }
      row[columnOf.alike] = alike;
      const saturation =
        OWN_SHARE * K1 * (1 - B + (B * (windowLengths.data[document] as number)) / averageWindow);
      let [score, core, covered] = [0, 0, 0];
      for (let slot = 0; slot < terms; slot++) {
        const count = window[slot] as number;
        if (count === 0) continue;
        const part = ((idf[slot] as number) * (K1 + 1) * count) / (count + saturation);
        score += part;
        if (isCore[slot]) core += part;
        if (isAround[slot] === 1) covered += idf[slot] as number;
      }
      row[columnOf.neighbours] = score;
      row[columnOf.core] = core / coreMost;
      row[columnOf.coverage] = covered / idfSum;
      const thread = threadOf.data[document] as number;
      if (thread !== NONE && candidates.threadMost > 0)
        row[columnOf.thread] = (candidates.threads[thread] as number) / candidates.threadMost;
      if (query.pairs.length > 0)
        row[columnOf.phrase] = Math.min(1, reader.pairsAt(place) / query.pairs.length);
    };
  };
}
