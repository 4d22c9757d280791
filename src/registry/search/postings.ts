import { countIn, FIELDS, type ToolDocument, type Vocabulary } from "./documents.js";

/** What a word is worth by where it stands, in the order of `FIELDS`, when candidates are looked for. */
const FIELD_WEIGHTS = [2, 1.5, 0.7, 0.5, 1];
/** How slowly a repeated word adds up; in names and places once is all. */
const SATURATION = [0.0001, 0.4, 1, 1, 0.0001];
const LENGTH_SHARE = 0.7;

/** Tools by their terms. */
export interface Postings {
  /** Of each term: rare ones tell more. */
  readonly idf: Float64Array;
  /** What a term's being in a field counts, 0 to 1: long fields count less. */
  saturate(document: ToolDocument, counts: number, field: number): number;
  /** Calls `each` for the tools that have a term, with its weight in them. */
  visit(term: number, each: (tool: number, weight: number) => void): void;
}

export function createPostings(documents: readonly ToolDocument[], { counts }: Vocabulary): Postings {
  const size = documents.length;
  const averages = FIELDS.map((_, field) =>
    Math.max(
      1,
      documents.reduce((sum, { lengths }) => sum + (lengths[field] as number), 0) / Math.max(1, size),
    ),
  );
  const saturate = ({ lengths }: ToolDocument, packed: number, field: number): number => {
    const count = countIn(packed, field);
    if (count === 0) return 0;
    const length = (lengths[field] as number) / (averages[field] as number);
    return count / (count + (SATURATION[field] as number) * (1 - LENGTH_SHARE + LENGTH_SHARE * length));
  };

  const starts = new Int32Array(counts.length + 1);
  counts.forEach((count, term) => {
    starts[term + 1] = (starts[term] as number) + count;
  });
  const next = starts.slice();
  const tools = new Int32Array(starts[counts.length] as number);
  const weights = new Float32Array(tools.length);
  documents.forEach((document, tool) => {
    document.terms.forEach((term, at) => {
      const place = next[term] as number;
      next[term] = place + 1;
      tools[place] = tool;
      for (let field = 0; field < FIELDS.length; field++)
        (weights[place] as number) +=
          (FIELD_WEIGHTS[field] as number) * saturate(document, document.counts[at] as number, field);
    });
  });
  return {
    idf: Float64Array.from(counts, (count) => Math.log(1 + (size - count + 0.5) / (count + 0.5))),
    saturate,
    visit(term, each) {
      const end = starts[term + 1] as number;
      for (let place = starts[term] as number; place < end; place++)
        each(tools[place] as number, weights[place] as number);
    },
  };
}
