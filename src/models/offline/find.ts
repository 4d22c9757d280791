import type { PastCall, Resource } from "./conversation.js";
import type { Request } from "./request.js";
import { type Passage, passagesOf, passagesOfText } from "./results.js";
import { isRecord } from "./schema.js";
import { textKind } from "./texts.js";
import { type BoundTool, givesOverview } from "./tools.js";
import { allStems, bestLikeness, isOrder, rarity, stem, termsOf, wordsOf } from "./words.js";

/** What was found for one part of the question. */
export interface Finding {
  readonly passages: readonly Passage[];
  /** The part of the question's subject that the passages speak of, weighted by rarity, 0 to 1. */
  readonly coverage: number;
  /** Passages left out for length. */
  readonly more: number;
}

/** With less of the subject found, it is another subject: one word of two is too little, two of three are enough. */
const LEAST_COVERAGE = 0.6;
/** A title says what each of its sentences is about, but not all of it. */
const TITLE_SHARE = 0.5;
/** "How many" and "how long" are answered by sentences with figures. */
const FIGURE_BONUS = 1.25;
/** The server put its best document first; each later one counts this much less. */
const LATER_DOCUMENT = 0.05;
/** A further sentence of nearly the same score belongs to the answer. */
const CLOSE_SCORE = 0.8;
export const MOST_SENTENCES = 2;
const MOST_LEADING_SENTENCES = 3;
const FIGURE =
  /\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|once|twice|half|daily|weekly|monthly)\b/iu;
const MOST_ROWS = 20;
const MOST_CHARACTERS = 2000;

const NOTHING: Finding = { passages: [], coverage: 0, more: 0 };

interface Source {
  readonly passages: readonly Passage[];
  /** Stems of what the call's arguments settle. */
  readonly given: readonly string[];
  /** The text to quote when all of it is the answer. */
  readonly raw: string;
}

/** The passages that answer a request: of the best call, or of the resources at hand when no call has any. */
export function findIn(
  request: Request,
  calls: readonly PastCall[],
  tools: readonly BoundTool[],
  resources: readonly Resource[] = [],
): Finding {
  const fromCalls = bestOf(
    request,
    calls.map((call) => ({
      passages: passagesOf(call),
      given: givenBy(
        call,
        tools.find((tool) => tool.function.name === call.name),
        request,
      ),
      raw: call.result?.text ?? "",
    })),
  );
  if (fromCalls.passages.length > 0) return fromCalls;
  const texts = resources.map(({ uri, text }): Source => {
    // A long question stands among the texts as well, and must not answer itself.
    const passages = passagesOfText(text, uri).filter((passage) => !repeats(passage.text, request.text));
    return { passages, given: [], raw: "" };
  });
  if (subjectOf(request).length > 0) return bestOf(request, texts);
  // "Summarise the following" names no subject: the text at hand is it.
  return request.terms.length > 0 ? leading(texts.at(-1)?.passages ?? []) : NOTHING;
}

const repeats = (text: string, question: string) =>
  text.endsWith("?") || question.includes(text) || text.includes(question.replace(/[?:.\s]+$/, ""));

function bestOf(request: Request, sources: readonly Source[]): Finding {
  const weigh = rarity(sources.flatMap(({ passages }) => passages.map(termsOfPassage)));
  return sources
    .map((source) => select(request, source, weigh))
    .reduce((best, one) => (one.coverage > best.coverage ? one : best), NOTHING);
}

/** The terms that a result must speak of: not the order itself, not the place to look in. */
function subjectOf({ terms, fresh, evidence: { paths, urls } }: Request): string[] {
  const places = new Set([...paths, ...urls].flatMap(allStems));
  // A follow-up replaces what the question before it was about.
  return (fresh.length > 0 ? fresh : terms).filter((term) => !isOrder(term) && !places.has(term));
}

/**
 * What a call settles by itself: a row that was asked for with `status: "on_hold"` need not say "on hold" again,
 * and what the tool is for need not be said either. A search settles nothing: its text holds every word of the
 * question.
 */
function givenBy(call: PastCall, tool: BoundTool | undefined, { judged }: Request): string[] {
  const isText = (name: string) => ["query", "request", "payload"].includes(textKind(name, {}));
  const settled = (value: unknown, name: string): string[] => {
    if (isRecord(value))
      return Object.entries(value).flatMap(([key, inner]) => [...allStems(key), ...settled(inner, key)]);
    if (Array.isArray(value)) return value.flatMap((item) => settled(item, name));
    if (typeof value !== "string") return allStems(String(value));
    return isText(name) ? [] : [...allStems(value), ...acronymOf(value)];
  };
  const given = [...wordsOf(call.name).map(stem), ...settled(call.args, "")];
  if (tool && judged !== undefined && givesOverview(tool)) given.push(...termsOf(judged));
  if (!tool || Object.keys(call.args).some(isText)) return given;
  const { description, parameters } = tool.function;
  const used = Object.keys(call.args).map((name) => parameters.properties?.[name]?.description ?? "");
  return [...given, ...[description.split(/\.\s/)[0] ?? "", ...used].flatMap(termsOf)];
}

const acronymOf = (text: string): string[] => {
  const words = wordsOf(text);
  return words.length > 1 ? [words.map((word) => word.charAt(0)).join("")] : [];
};

const termsOfPassage = (passage: Passage): ReadonlySet<string> =>
  new Set(termsOf(`${passage.text} ${passage.title ?? ""}`));

function select(
  request: Request,
  { passages, given, raw }: Source,
  weigh: (term: string) => number,
): Finding {
  if (passages.length === 0) return NOTHING;
  const subject = subjectOf(request);
  const wanted = subject.filter((term) => bestLikeness(term, given) === 0);
  if (wanted.length === 0) return whole(passages, raw);

  const total = subject.reduce((sum, term) => sum + weigh(term), 0);
  const isSettled = 1 - wanted.length / subject.length >= LEAST_COVERAGE;
  const settled = total - wanted.reduce((sum, term) => sum + weigh(term), 0);
  const wantsFigure = /\bhow (?:many|much|long|often|old|far)\b|\bwhen\b|\bnumber of\b/iu.test(request.text);
  // "Budget risks" is not answered by a sentence on any other risk.
  const judged = termsOf(request.judged ?? "");
  const telling = wanted.filter((term) => !judged.includes(term));
  const documents = [...new Set(passages.map(({ title }) => title))];
  const scored = passages.map((passage) => {
    const own = termsOf(passage.text);
    const title = termsOf(passage.title ?? "");
    let score = 0;
    let covered = settled;
    for (const term of wanted) {
      const inText = bestLikeness(term, own);
      const inTitle = bestLikeness(term, title);
      score += weigh(term) * (inText + TITLE_SHARE * inTitle);
      covered += weigh(term) * Math.max(inText, inTitle);
    }
    // A sentence that shares only its document's title says nothing on the question.
    const touches = (telling.length > 0 ? telling : wanted).some((term) => bestLikeness(term, own) > 0);
    const coverage = covered / total;
    const bonus = wantsFigure && FIGURE.test(passage.text) ? FIGURE_BONUS : 1;
    const later = 1 / (1 + LATER_DOCUMENT * documents.indexOf(passage.title));
    const isTitle = wanted.every((term) => bestLikeness(term, title) > 0);
    return { passage, isTitle, coverage, score: touches ? score * coverage * bonus * later : 0 };
  });
  // "Tell me about Apollo" asks for what stands under that title.
  const titled = scored.filter(({ isTitle }) => isTitle);
  if (titled.length > 0 && !wantsFigure) return leading(titled.map(({ passage }) => passage));

  // "How many" is not answered without a figure.
  const counts = /\bhow many\b/iu.test(request.text);
  const fitting = scored.filter(
    ({ passage, score, coverage }) =>
      score > 0 && coverage >= LEAST_COVERAGE && (!counts || FIGURE.test(passage.text)),
  );
  // The arguments settle most of the question, and the rows need not repeat the rest.
  if (fitting.length === 0) return isSettled ? whole(passages, raw) : NOTHING;

  const ranked = [...fitting].sort((one, other) => other.score - one.score);
  const [best] = ranked;
  const close = ranked.filter(
    ({ score, passage }) => best && score >= best.score * CLOSE_SCORE && passage.title === best.passage.title,
  );
  const isRows = close.every(({ passage }) => passage.kind === "row");
  const kept = close.slice(0, isRows ? MOST_ROWS : MOST_SENTENCES);
  return {
    // Back in the order of the result, so that the second sentence does not come before the first.
    passages: passages.filter((passage) => kept.some((one) => one.passage === passage)),
    coverage: best?.coverage ?? 0,
    more: isRows ? close.length - kept.length : 0,
  };
}

/** The first sentences of a document that is itself the subject: what its author put first, or the server found. */
function leading(passages: readonly Passage[]): Finding {
  const [first] = passages;
  const same = passages.filter(({ title }) => title === first?.title);
  const most = first?.kind === "row" ? MOST_ROWS : MOST_LEADING_SENTENCES;
  return {
    passages: same.slice(0, most),
    coverage: 1,
    more: first?.kind === "row" ? Math.max(0, same.length - most) : 0,
  };
}

/** A call whose arguments settle the question: its result is the answer, word for word as far as there is room. */
function whole(passages: readonly Passage[], raw: string): Finding {
  const [first] = passages;
  // JSON is quoted by its values, prose and tables as they stand.
  const isProse = !/^\s*[[{]/.test(raw) && passages.some(({ kind }) => kind === "sentence");
  if (first && isProse && passages.length > 1) {
    const lines = raw
      .trim()
      .slice(0, MOST_CHARACTERS + 1)
      .split("\n");
    const cut = raw.trim().length > MOST_CHARACTERS;
    const text = (cut && lines.length > 1 ? lines.slice(0, -1) : lines).join("\n");
    return {
      passages: [{ text, kind: "text", from: first.from }],
      coverage: 1,
      more: cut ? raw.trim().split("\n").length - text.split("\n").length : 0,
    };
  }
  const kept = passages.slice(0, MOST_ROWS);
  return { passages: kept, coverage: 1, more: passages.length - kept.length };
}
