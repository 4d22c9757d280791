import { B, type Candidates, K1 } from "./candidates.js";
import { columnOf } from "./columns.js";
import { AFTER_SHARES, BEFORE_SHARES, type Documents, OWN_SHARE } from "./documents.js";
import { EXACT } from "./expand.js";
import type { Query } from "./query.js";
import type { Reader } from "./reading.js";
import { NONE, REACH } from "./threads.js";
import { ASKS } from "./traits.js";

type MeasureWords = (document: number, place: number, row: Float64Array) => void;

/**
 * Measures how well the words of a turn, of its neighbours and of its thread match. A word that comes at all counts
 * almost in full, how often it comes hardly matters, and one that may stand for it counts nearly as much.
 */
export function createMeasureWindow(
  documents: Documents,
  reader: Reader,
): (query: Query, candidates: Candidates) => MeasureWords {
  const { threads, lengths, windowLengths, totals, threadOf, bitsOf } = documents;

  return function measureFor(query, candidates) {
    const { idf, idfSum, isCore } = query;
    const slots = idf.length;
    const terms = query.terms.length;
    const averageLength = Math.max(1, totals.length / Math.max(1, totals.count));
    const averageWindow = Math.max(1, totals.windowLength / Math.max(1, totals.count));
    const [previous, next] = [threads.previous.data, threads.next.data];
    const times = new Int32Array(terms);
    const met = new Int32Array(slots);
    const most = idfSum * (K1 + 1);
    const coreMost = (K1 + 1) * idf.reduce((sum, each, slot) => sum + (isCore[slot] ? each : 0), 0);

    const saturationOf = (length: number, average: number): number => K1 * (1 - B + (B * length) / average);
    const part = (slot: number, count: number, saturation: number): number =>
      ((idf[slot] as number) * (K1 + 1) * count) / (count + saturation);
    /** BM25 of one item, at most 1. */
    const scoreAt = (document: number, place: number): number => {
      const { counts } = reader;
      const saturation = saturationOf(lengths.data[document] as number, averageLength);
      let score = 0;
      for (let slot = 0; slot < terms; slot++) {
        const count = counts[place + slot] as number;
        if (count > 0) score += part(slot, count, saturation);
      }
      return score / most;
    };
    const addToWindow = (place: number, share: number): void => {
      const { counts } = reader;
      for (let slot = 0; slot < slots; slot++) {
        const strength = reader.strengthAt(place, slot);
        if (strength === 0) continue;
        const count = slot < terms ? (counts[place + slot] as number) : 0;
        (met[slot] as number) += (strength + count) * share;
        if (count > 0) (times[slot] as number) += count * share;
      }
    };
    /** By what meets the words of one item, as far as it stands in `met`. */
    const measureOwn = (document: number, place: number, row: Float64Array): void => {
      const saturation = OWN_SHARE * saturationOf(lengths.data[document] as number, averageLength);
      let [known, unknown] = [0, 0];
      for (let slot = 0; slot < slots; slot++) {
        if (met[slot] === 0) continue;
        if (slot < terms) known += part(slot, met[slot] as number, saturation);
        else unknown += (idf[slot] as number) * reader.strengthAt(place, slot);
      }
      row[columnOf.words] = known / most;
      row[columnOf.standIn] = unknown / (EXACT * idfSum);
    };

    return function measureWords(document, place, row) {
      times.fill(0);
      met.fill(0);
      addToWindow(place, OWN_SHARE);
      measureOwn(document, place, row);
      let [before, after] = [document, document];
      for (let distance = 1; distance <= REACH; distance++) {
        if (before !== NONE) before = previous[before] as number;
        if (before !== NONE) {
          const at = reader.read(before);
          addToWindow(at, BEFORE_SHARES[distance] as number);
          if (distance === 1 && ((bitsOf.data[before] as number) & ASKS) !== 0)
            row[columnOf.answer] = scoreAt(before, at);
        }
        if (after !== NONE) after = next[after] as number;
        if (after !== NONE) addToWindow(reader.read(after), AFTER_SHARES[distance] as number);
      }
      const saturation = OWN_SHARE * saturationOf(windowLengths.data[document] as number, averageWindow);
      let [around, core, literal] = [0, 0, 0];
      for (let slot = 0; slot < slots; slot++) {
        if (met[slot] === 0) continue;
        const score = part(slot, met[slot] as number, saturation);
        around += score;
        if (!isCore[slot]) continue;
        core += score;
        if (slot < terms) literal += part(slot, times[slot] as number, saturation);
      }
      row[columnOf.neighbours] = around;
      row[columnOf.core] = core / coreMost;
      row[columnOf.literal] = literal / coreMost;
      const thread = threadOf.data[document] as number;
      if (thread !== NONE && candidates.threadMost > 0)
        row[columnOf.thread] = (candidates.threads[thread] as number) / candidates.threadMost;
      if (query.pairs.length > 0)
        row[columnOf.phrase] = Math.min(1, reader.pairsAt(place) / query.pairs.length);
    };
  };
}
