import { alike, examplesOf } from "./lexicon.js";
import type { Vocabulary } from "./vocabulary.js";

/** How much a term that is not the word asked for counts, in tenths: the same family, the same meaning, an example. */
const FAMILY = 8;
const ALIKE = 6;
const EXAMPLE = 4;
export const EXACT = 10;

const SHORTEST = 4;
const MOST_LONGER = 5;

/** Calls `each` for the terms of the vocabulary that may stand for a word of a query. */
export function expand(
  stemmed: string,
  vocabulary: Vocabulary,
  each: (term: number, strength: number) => void,
): void {
  const visit = (stems: Iterable<string>, strength: number): void => {
    for (const other of stems) {
      const term = vocabulary.term(other);
      if (term !== undefined && other !== stemmed) each(term, strength);
    }
  };
  visit(examplesOf(stemmed), EXAMPLE);
  visit(alike(stemmed), ALIKE);
  if (!/^[a-z]{4,}$/.test(stemmed)) return;
  for (const term of vocabulary.beginningWith(stemmed.slice(0, 3)))
    if (isFamily(stemmed, vocabulary.stems[term] as string)) each(term, FAMILY);
}

/** Stems that share most of their beginning: educ and educaton, inspir and inspiration. */
function isFamily(a: string, b: string): boolean {
  if (a === b) return false;
  const [shorter, longer] = a.length <= b.length ? [a, b] : [b, a];
  let same = 0;
  while (same < shorter.length && shorter[same] === longer[same]) same++;
  if (same === shorter.length && same >= SHORTEST && longer.length - same <= MOST_LONGER) return true;
  return same >= 5 && same >= 0.6 * longer.length;
}
