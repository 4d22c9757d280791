import { hashJson } from "../../core/canonical.js";
import { mergeRanked, type Ranked } from "../../execution/merge-ranked.js";
import { createDocuments } from "../../memory/recall/documents.js";
import { collapseNearDuplicates } from "../../memory/recall/near-duplicates.js";
import { termsOf } from "../../models/offline/words.js";
import { createCoverage, headingsOf, saidBy } from "./coverage.js";
import { isWithin } from "./dates.js";
import { spanOf } from "./extract.js";
import { plain } from "./sentences.js";
import type { Passage } from "./source.js";
import type { Finding, Found, ResearchQuery } from "./state.js";

/**
 * The best passages of all searches: one that several searches brought comes once and the higher for it, and one that
 * says nearly the same as a better one counts for that. By rank, as sources' own scores do not compare.
 */
export function dedupe(
  found: readonly Found[],
  queries: readonly ResearchQuery[],
  top: number,
): readonly Finding[] {
  const results = found.map((one) => ({ name: one.source, value: one, durationMs: 0 }));
  const merged = mergeRanked<Found, Passage>({
    items: ({ passages }) => passages,
    key: ({ text }) => plain(text),
  })(results);
  const ranked = nearestFirst(merged, queries);
  const documents = createDocuments();
  for (const [sequence, { item }] of ranked.entries())
    documents.add({
      id: String(sequence),
      text: item.text,
      kind: "message",
      role: "tool",
      threadId: "",
      time: item.updated ?? "1970-01-01",
      sequence,
    });
  const order = ranked.map((_, place) => place);
  const numbers = new Map<string, number>();
  return [...collapseNearDuplicates(documents, order, top)].flatMap(([place, duplicates]) => {
    const all = [place, ...duplicates].flatMap((each) => ranked[each] ?? []);
    const [best] = all;
    if (best === undefined) return [];
    const { item, key, score, sources } = best;
    // The entries of a log are each of their own day.
    const document = [sources[0], item.uri ?? item.title ?? key, item.updated].join("\n");
    if (!numbers.has(document)) numbers.set(document, numbers.size + 1);
    return [
      {
        ...item,
        id: hashJson([sources[0], item.uri, item.title, key]).slice(0, 16),
        number: numbers.get(document) as number,
        sources: [...new Set(all.flatMap((each) => each.sources))],
        score,
        why: all.flatMap((each) => reasonsOf(each.key, found, queries)),
        points: [],
      },
    ];
  });
}

/** What a passage of another time than the one asked about counts. */
const OTHER_TIME = 0.5;

/**
 * Lists of several sources are fused by place alone, so that the best of one that has nothing on the subject stands beside
 * the best of one that has much: what names more of a query comes first, and place decides among equals.
 */
function nearestFirst(
  ranked: readonly Ranked<Passage>[],
  queries: readonly ResearchQuery[],
): readonly Ranked<Passage>[] {
  const coverage = createCoverage(ranked.map(({ item }) => `${headingsOf(item)} ${item.text}`));
  const wanted = queries.map((query) => ({ subject: termsOf(query.search), span: spanOf(query) }));
  return ranked
    .map((each) => {
      const said = saidBy(termsOf(`${headingsOf(each.item)} ${each.item.text}`));
      const covered = Math.max(
        ...wanted.map(({ subject, span }) => {
          const isOfTime = span === undefined || isWithin(each.item.updated, span);
          return coverage(subject, said) * (isOfTime ? 1 : OTHER_TIME);
        }),
      );
      return { ...each, score: each.score * (1 + covered) };
    })
    .sort((one, other) => other.score - one.score);
}

/** Which searches brought it, and where among the rest. */
function reasonsOf(
  key: string,
  found: readonly Found[],
  queries: readonly ResearchQuery[],
): readonly string[] {
  return found.flatMap(({ source, query, passages }) => {
    const place = passages.findIndex(({ text }) => plain(text) === key);
    return place === -1
      ? []
      : [`${source}, "${queries[query]?.search || queries[query]?.question}": place ${place + 1}`];
  });
}
