import type { Database } from "better-sqlite3";

export interface Hit {
  readonly id: string;
  readonly title: string;
  readonly category: string;
  readonly updated: string;
  /** Higher is better; comparable within one search only. */
  readonly score: number;
  /** The sections of the document that fit best, whole, the best first. */
  readonly passage: string;
}

interface Section extends Omit<Hit, "score" | "passage"> {
  readonly text: string;
  readonly rank: number;
}

const MAX_WORDS = 32;

/** A document that shares only a common word with the query scores far below the best one and is left out. */
const LEAST_SHARE = 0.25;

/** BM25 prefers short sections, so the answer often stands in the second or third. */
const MAX_SECTIONS = 3;

/** Words that say how a question is asked, not what it is about. */
const STOP_WORDS = new Set(
  (
    "a about am an and any are as at be been but by can could did do does for from had has have how i if in into is it " +
    "its may me my not of on or our should so tell than that the their them there they this to us was we were what " +
    "when where which who why will with would you your " +
    // Words of nearly every document here.
    "company document policies policy rule rules tallgrass"
  ).split(" "),
);

/**
 * The documents whose sections fit the query best, by BM25 over titles, headings and text. The query is plain
 * text: whatever it contains, nothing of it is read as search syntax.
 */
export function searchPolicies(database: Database, query: string, category?: string): Hit[] {
  const words = wordsOf(query);
  if (words.length === 0) return [];
  const sections = database
    .prepare<[string, string | null, string | null], Section>(
      `SELECT policies.id, policies.title, policies.category, policies.updated, passages.text,
         bm25(passages, 0, 3, 2, 1) AS rank
       FROM passages JOIN policies ON policies.id = passages.policy_id
       WHERE passages MATCH ? AND (? IS NULL OR policies.category = ?)
       ORDER BY rank, passages.rowid`,
    )
    .all(words.map((word) => `"${word}"`).join(" OR "), category ?? null, category ?? null);

  const documents = new Map<string, Section[]>();
  for (const section of sections) {
    const own = documents.get(section.id) ?? [];
    documents.set(section.id, own);
    if (own.length < MAX_SECTIONS) own.push(section);
  }
  const hits = [...documents.values()].flatMap(([best, ...others]): Hit[] => {
    if (!best) return [];
    const { id, title, category: kind, updated, rank } = best;
    const passage = [best, ...others].map(({ text }) => text);
    // BM25 in SQLite is negative, best first: the first section of a document is its best.
    return [
      {
        id,
        title,
        category: kind,
        updated,
        score: Math.round(-rank * 1000) / 1000,
        passage: passage.join("\n\n"),
      },
    ];
  });
  const least = (hits[0]?.score ?? 0) * LEAST_SHARE;
  return hits.filter((hit) => hit.score >= least);
}

/** Letters and digits only, which no quote and no operator survives. */
function wordsOf(query: string): string[] {
  const words = [...new Set(query.toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu) ?? [])];
  const telling = words.filter((word) => !STOP_WORDS.has(word));
  return (telling.length > 0 ? telling : words).slice(0, MAX_WORDS);
}
