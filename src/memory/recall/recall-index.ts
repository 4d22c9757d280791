import { inBestThreads } from "./best-threads.js";
import { createFindCandidates } from "./candidates.js";
import { columnOf, featureNames } from "./columns.js";
import { createDocuments } from "./documents.js";
import { createMeasureFeatures } from "./features.js";
import { createGrowing } from "./growing.js";
import { collapseNearDuplicates } from "./near-duplicates.js";
import { createPostings } from "./postings.js";
import { readQuery } from "./query.js";
import type { IndexedItem, Ranked, RankOptions } from "./ranked.js";
import { saidWithin } from "./said-within.js";
import { FACT } from "./traits.js";
import { STOP } from "./vocabulary.js";
import { weights } from "./weights.js";

const weightOf = Float64Array.from(featureNames, (name) => weights[name]);
/** Items whose features are measured. */
const CANDIDATES = 250;
/** With what the best threads have beside: an answer need not share a word with its question. */
const MOST_CANDIDATES = 350;
/** Up to so many, the features of all items are measured. */
const FEW_ENOUGH = 800;
/** With fewer than this by words, what was said at the time asked about is looked at too. */
const FEW = 50;
/** Removed items that stay until there are more of them than others. */
const MOST_GONE = 1000;

/** Finds what fits a query by its words, its neighbours, who said it and when: in this process, without a model. */
export interface RecallIndex {
  /** In any order. What is in it already stays as it is: items never change. */
  add(items: readonly IndexedItem[]): void;
  /** Answers whether it was there. */
  remove(id: string): boolean;
  readonly size: number;
  /** What fits best, best first. The same items give the same answer, in whatever order they came. */
  search(query: string, options: RankOptions): Ranked[];
  /** What `search` weighs, to learn the weights from. */
  measure(query: string, options: RankOptions): Measured;
}

type Found = readonly { readonly document: number; readonly row: Float64Array }[];

/** What is found has one of these at least: who speaks, and how, is no reason on its own. */
const REASONS = (
  ["words", "neighbours", "standIn", "thread", "saidThen", "saidInYear", "saidNear"] as const
).map((name) => columnOf[name]);

/** What a search weighs. */
export interface Measured {
  /** The candidates. */
  readonly ids: readonly string[];
  /** One row per candidate, one column per feature. */
  readonly rows: readonly Float64Array[];
  /** Their names. */
  readonly features: readonly string[];
}

export function createRecallIndex(): RecallIndex {
  const documents = createDocuments();
  let postings = createPostings();
  const byId = new Map<string, number>();
  const counts = createGrowing(Int32Array, 1024);
  const lastSeen = createGrowing(Int32Array, 1024);
  const timesInItem = createGrowing(Int32Array, 1024);
  const countOf = (term: number): number => (term < counts.length ? (counts.data[term] as number) : 0);
  const findCandidates = createFindCandidates(documents, () => postings, countOf);
  const measureFeatures = createMeasureFeatures(documents, countOf);
  let terms: number[] = [];
  let collected = 0;

  /** The distinct terms of an item into `terms`, how often each into `timesInItem`. */
  function collect(document: number): void {
    const { words, starts, vocabulary } = documents;
    terms = [];
    collected++;
    for (const each of [counts, lastSeen, timesInItem]) each.reach(vocabulary.stems.length);
    const end = starts.data[document + 1] as number;
    for (let at = starts.data[document] as number; at < end; at++) {
      const word = words.data[at] as number;
      if (((vocabulary.bitsOf.data[word] as number) & STOP) !== 0) continue;
      const term = vocabulary.termOf.data[word] as number;
      if (lastSeen.data[term] !== collected) {
        lastSeen.data[term] = collected;
        timesInItem.data[term] = 0;
        terms.push(term);
      }
      (timesInItem.data[term] as number)++;
    }
  }

  function index(document: number): void {
    collect(document);
    for (const term of terms) {
      (counts.data[term] as number)++;
      postings.add(term, document, timesInItem.data[term] as number);
    }
  }

  /** Frees what removed items still take. Costs as much as building the index from words that are known. */
  function compact(): void {
    documents.compact();
    postings = createPostings();
    counts.data.fill(0);
    byId.clear();
    for (const [document, id] of documents.ids.entries()) {
      byId.set(id, document);
      index(document);
    }
  }

  function find(text: string, options: RankOptions): Found {
    documents.settle();
    const query = readQuery(text, options.now, documents, countOf);
    const { accept: acceptId = () => true, limit, semantic } = options;
    const accept = (document: number) => acceptId(documents.ids[document] as string);
    const candidates = findCandidates(query, Math.max(CANDIDATES, limit), accept);
    const known = new Set(candidates.documents);
    const addOthers = (others: Iterable<number>): void => {
      for (const document of others)
        if (!known.has(document) && accept(document)) {
          known.add(document);
          candidates.documents.push(document);
        }
    };
    const nearest = new Set((semantic?.nearest ?? []).flatMap((id) => byId.get(id) ?? []));
    addOthers(nearest);
    if (byId.size <= FEW_ENOUGH) addOthers(byId.values());
    else addOthers(inBestThreads(candidates.threads, documents, MOST_CANDIDATES - known.size, accept));
    if (known.size < FEW) addOthers(saidWithin(query.spans, documents, FEW, accept));
    const rows = measureFeatures(query, candidates, semantic);
    const found = candidates.documents.map((document, at) => ({ document, row: rows[at] as Float64Array }));
    const isFact = (document: number): boolean => ((documents.bitsOf.data[document] as number) & FACT) !== 0;
    const related = found.filter(
      ({ document, row }) =>
        nearest.has(document) ||
        REASONS.some((column) => (row[column] as number) > 0) ||
        // What is known of the one who is asked about may matter, whatever is asked.
        (row[columnOf.speaker] === 1 && (query.isOpen || isFact(document))),
    );
    return related.length > 0 ? related : found.filter(({ row }) => row[columnOf.speaker] === 1);
  }

  return {
    add(items) {
      for (const item of items) {
        if (byId.has(item.id)) continue;
        const document = documents.add(item);
        byId.set(item.id, document);
        index(document);
      }
    },
    remove(id) {
      const document = byId.get(id);
      if (document === undefined) return false;
      byId.delete(id);
      collect(document);
      for (const term of terms) (counts.data[term] as number)--;
      documents.remove(document);
      const gone = documents.ids.length - byId.size;
      if (gone >= MOST_GONE && gone > byId.size) compact();
      return true;
    },
    get size() {
      return byId.size;
    },
    measure(text, options) {
      const found = find(text, options);
      return {
        ids: found.map(({ document }) => documents.ids[document] as string),
        rows: found.map(({ row }) => row),
        features: featureNames,
      };
    },
    search(text, options) {
      const found = find(text, options).map(({ document, row }) => ({ document, row, score: scoreOf(row) }));
      found.sort((a, b) => b.score - a.score || documents.newestFirst(a.document, b.document));
      const byDocument = new Map(found.map((each) => [each.document, each]));
      const kept = collapseNearDuplicates(documents, [...byDocument.keys()], options.limit);
      return [...kept].map(([document, duplicates]) => {
        const { row, score } = byDocument.get(document) as (typeof found)[number];
        return {
          id: documents.ids[document] as string,
          score,
          why: explain(row),
          duplicates: duplicates.map((each) => documents.ids[each] as string),
        };
      });
    },
  };
}

function scoreOf(row: Float64Array): number {
  let score = 0;
  for (let column = 0; column < row.length; column++)
    score += (weightOf[column] as number) * (row[column] as number);
  return score;
}

function explain(row: Float64Array): Record<string, number> {
  return Object.fromEntries(
    featureNames.flatMap((name, column) => {
      const part = (weightOf[column] as number) * (row[column] as number);
      return part === 0 ? [] : [[name, part]];
    }),
  );
}
