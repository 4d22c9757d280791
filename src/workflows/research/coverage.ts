import { bestLikeness, rarity, termsOf } from "../../models/offline/words.js";
import type { Passage } from "./source.js";

/** What part of a query's words some others say, 0 to 1: a word that many texts have counts less. All of none is 1. */
export type Coverage = (query: readonly string[], said: (term: string) => number) => number;

/** @param texts all among which a word is rare or not */
export function createCoverage(texts: readonly string[]): Coverage {
  const weigh = rarity(texts.map((text) => new Set(termsOf(text))));
  return (query, said) => {
    const total = query.reduce((sum, term) => sum + weigh(term), 0);
    return total === 0 ? 1 : query.reduce((sum, term) => sum + weigh(term) * said(term), 0) / total;
  };
}

/** How well some words say a term: 1 the very word, less a synonym, 0 not at all. */
export function saidBy(terms: readonly string[]): (term: string) => number {
  return (term) => bestLikeness(term, terms);
}

export function headingsOf({ title = "", heading = "" }: Passage): string {
  return `${title} ${heading}`;
}
