import { dayOf } from "./dates.js";
import type { Documents } from "./documents.js";
import { ASKS, HAS_NOT, HAS_TIME } from "./traits.js";
import { STOP } from "./vocabulary.js";

/** How far beyond the last result duplicates of the results are looked for. */
const LOOK_AHEAD = 50;
/** How much of the longer one the shorter one has to say. */
const SHARE = 0.8;

interface Said {
  readonly document: number;
  /** Distinct, ascending. */
  readonly terms: readonly number[];
  /** One bit of 32 per term: tells most pairs apart at once. */
  readonly signature: number;
}

/**
 * Takes out of `ranked`, best first, what says nearly the same as a better one: all of its words are among the other's
 * or the other way round, and few are more. Never merged: two that differ in a word each ("red" and "blue"), in a
 * number, a negation or the speaker, a question and its answer, and "yesterday" said on two days.
 *
 * @returns the best `limit` of what stays, each with what was left out in its favour
 */
export function collapseNearDuplicates(
  documents: Documents,
  ranked: readonly number[],
  limit: number,
): Map<number, number[]> {
  const kept: Said[] = [];
  const duplicatesOf = new Map<number, number[]>();
  let ahead = LOOK_AHEAD;
  for (const document of ranked) {
    if (kept.length >= limit && ahead-- <= 0) break;
    const said = whatIsSaid(documents, document);
    const better = said.terms.length === 0 ? undefined : kept.find((each) => isSame(documents, each, said));
    if (better !== undefined) duplicatesOf.get(better.document)?.push(document);
    else if (kept.length < limit) {
      kept.push(said);
      duplicatesOf.set(document, []);
    }
  }
  return duplicatesOf;
}

function whatIsSaid(documents: Documents, document: number): Said {
  const { words, starts, vocabulary } = documents;
  const terms: number[] = [];
  let signature = 0;
  const end = starts.data[document + 1] as number;
  for (let at = starts.data[document] as number; at < end; at++) {
    const word = words.data[at] as number;
    if (((vocabulary.bitsOf.data[word] as number) & STOP) !== 0) continue;
    const term = vocabulary.termOf.data[word] as number;
    terms.push(term);
    signature |= 1 << (term & 31);
  }
  terms.sort((a, b) => a - b);
  return { document, terms: terms.filter((term, at) => term !== terms[at - 1]), signature };
}

function isSame(documents: Documents, a: Said, b: Said): boolean {
  const [fewer, more] = a.terms.length <= b.terms.length ? [a, b] : [b, a];
  if ((fewer.signature & ~more.signature) !== 0 || fewer.terms.length < SHARE * more.terms.length)
    return false;
  const { bitsOf, speakerOf, timeOf } = documents;
  const bits = bitsOf.data[a.document] as number;
  if (((bits ^ (bitsOf.data[b.document] as number)) & (ASKS | HAS_NOT | HAS_TIME)) !== 0) return false;
  if (speakerOf.data[a.document] !== speakerOf.data[b.document]) return false;
  const days = [a, b].map(({ document }) => dayOf(timeOf.data[document] as number));
  if ((bits & HAS_TIME) !== 0 && days[0] !== days[1]) return false;
  let at = 0;
  for (const term of more.terms) {
    if (fewer.terms[at] === term) at++;
    else if (/^\p{N}/u.test(documents.vocabulary.stems[term] as string)) return false;
  }
  return at === fewer.terms.length;
}
