import type { Candidates } from "./candidates.js";
import { columnOf, featureNames } from "./columns.js";
import { measureDates } from "./date-features.js";
import type { Documents } from "./documents.js";
import type { Query } from "./query.js";
import type { RankOptions } from "./ranked.js";
import { createReader } from "./reading.js";
import { NONE } from "./threads.js";
import { ASKS, FACT, HAS_DATE, HAS_SELF, HAS_TIME } from "./traits.js";
import { STOP } from "./vocabulary.js";
import { createMeasureWindow } from "./window-features.js";

/** One row of features per candidate. */
export type MeasureFeatures = (
  query: Query,
  candidates: Candidates,
  semantic: RankOptions["semantic"],
) => Float64Array[];

/** @param countOf how many items have a term */
export function createMeasureFeatures(
  documents: Documents,
  countOf: (term: number) => number,
): MeasureFeatures {
  const reader = createReader(documents);
  const measureWindow = createMeasureWindow(documents, reader);
  const { threads, lengths, speakerOf, bitsOf, timeOf, totals } = documents;

  const rarities = new Float64Array(1024);
  let raritiesOf = -1;
  /** Kept for small counts, which most words have: a logarithm for each word of each candidate is dear. */
  function rarity(count: number): number {
    if (raritiesOf !== totals.count) {
      rarities.fill(0);
      raritiesOf = totals.count;
    }
    const known = count < rarities.length ? (rarities[count] as number) : 0;
    if (known !== 0) return known;
    const rare = Math.log(1 + (totals.count - count + 0.5) / (count + 0.5));
    if (count < rarities.length) rarities[count] = rare;
    return rare;
  }

  /** The mean rarity of its words, at most about 2. */
  function informationOf(document: number): number {
    const { words, starts, vocabulary } = documents;
    const [start, end] = [starts.data[document] as number, starts.data[document + 1] as number];
    let [sum, count] = [0, 0];
    for (let at = start; at < end; at++) {
      const word = words.data[at] as number;
      if (((vocabulary.bitsOf.data[word] as number) & STOP) !== 0) continue;
      sum += rarity(countOf(vocabulary.termOf.data[word] as number));
      count++;
    }
    return count === 0 ? 0 : sum / count / 5;
  }

  return function measureFeatures(query, candidates, semantic) {
    reader.begin(query);
    const measureWords = measureWindow(query, candidates);

    const rows = candidates.documents.map((document) => {
      const row = new Float64Array(featureNames.length);
      const place = reader.read(document);
      const bits = bitsOf.data[document] as number;
      const speaker = speakerOf.data[document] as number;
      const has = (bit: number): boolean => (bits & bit) !== 0;
      if (query.stems.length > 0) measureWords(document, place, row);

      // A fact about somebody is as good as their own word.
      const isAbout = query.speakers.has(speaker) || (has(FACT) && reader.mentionsAt(place));
      if (isAbout) {
        row[columnOf.speaker] = 1;
        if (has(HAS_SELF)) row[columnOf.self] = 1;
      }
      if (query.firstSpeakers.size > 0)
        row[columnOf.firstNamed] = query.firstSpeakers.has(speaker) ? 0.5 : -0.5;

      row[columnOf.asking] = (documents.askingOf.data[document] as number) / 255;
      row[columnOf.names] = (documents.namesOf.data[document] as number) / 3;
      row[columnOf.length] = Math.min(1, Math.log1p(lengths.data[document] as number) / Math.log1p(64));
      row[columnOf.information] = informationOf(document);
      const left = threads.previous.data[document] as number;
      if (!has(FACT) && (threads.position.data[document] as number) < 2) row[columnOf.opening] = 1;
      if (left !== NONE && ((bitsOf.data[left] as number) & ASKS) !== 0) row[columnOf.reply] = 1;

      if (query.asksWhen) {
        if (has(HAS_TIME)) row[columnOf.time] = 1;
        if (has(HAS_DATE)) row[columnOf.saysDate] = 1;
      }
      if (query.spans.length > 0)
        measureDates(timeOf.data[document] as number, has(HAS_DATE), query.spans, row);
      return row;
    });
    shareOfLargest(rows, columnOf.neighbours);
    if (semantic !== undefined) measureSimilarity(rows, candidates.documents, documents.ids, semantic);
    return rows;
  };
}

function shareOfLargest(rows: readonly Float64Array[], column: number): void {
  let largest = 0;
  for (const row of rows) largest = Math.max(largest, row[column] as number);
  if (largest > 0) for (const row of rows) (row[column] as number) /= largest;
}

/** Cosines of one model lie between .7 and .9, those of another around 0: what counts is how far one stands out. */
function measureSimilarity(
  rows: readonly Float64Array[],
  candidates: readonly number[],
  ids: readonly string[],
  semantic: NonNullable<RankOptions["semantic"]>,
): void {
  const cosines = candidates.map((document) => semantic.similarity(ids[document] as string) ?? Number.NaN);
  const known = cosines.filter(Number.isFinite);
  const mean = known.reduce((sum, cosine) => sum + cosine, 0) / known.length;
  const deviation = Math.sqrt(known.reduce((sum, cosine) => sum + (cosine - mean) ** 2, 0) / known.length);
  if (!(deviation > 0)) return;
  for (const [at, cosine] of cosines.entries())
    if (Number.isFinite(cosine)) (rows[at] as Float64Array)[columnOf.semantic] = (cosine - mean) / deviation;
}
