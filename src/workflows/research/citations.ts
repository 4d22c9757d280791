import { dayIn } from "./dates.js";
import { inline } from "./inline.js";
import { joinQuotedLines, quotationsIn, splitOutsideQuotations } from "./quotations.js";
import { isQuotedFrom } from "./sentences.js";
import type { Finding } from "./state.js";

/** A document that an answer may cite, by its number. */
export interface Cited {
  readonly number: number;
  readonly title: string;
  readonly sources: readonly string[];
  readonly uri?: string;
  readonly updated?: string;
  readonly texts: readonly string[];
}

export interface Checked {
  readonly text: string;
  /** The documents that the text cites, numbered anew in the order in which it does. */
  readonly cited: readonly Cited[];
  /** The sentences that were removed, as what they quote stands nowhere. */
  readonly removed: readonly string[];
}

/** Up to four numbers in brackets that are no link. */
const CITATION = /\[(\d{1,3}(?:\s*[,;]\s*\d{1,3}){0,9})\](?!\()/g;
/** Shorter ones are names and terms. */
const LEAST_QUOTED_WORDS = 4;
const SENTENCE_END = /(?<=[.!?]["”’»)*]{0,3}(?:\s*\[[\d,;\s]+\])*)\s+(?!\[)(?=["“«‘'(*_]*[\p{Lu}\d])/gu;
const LIST_OF_SOURCES =
  /^\s*(?:#{1,6}\s*|\*\*)?(?:sources|references|citations)(?:\*\*)?\s*:?(?:\*\*)?\s*$/iu;
const ENTRY = /^\s*(?:[-*•[]|\d+[.)]|$)/u;

/** The documents of findings, each once. */
export function documentsOf(findings: readonly Finding[]): readonly Cited[] {
  const documents = new Map<number, Cited>();
  for (const finding of findings) {
    const { number, uri, updated, sources, text } = finding;
    const known = documents.get(number);
    const newest = [known?.updated, updated]
      .filter((day) => day !== undefined)
      .sort()
      .at(-1);
    documents.set(number, {
      number,
      title: titleOf(finding),
      sources: [...new Set([...(known?.sources ?? []), ...sources])],
      ...(uri !== undefined && { uri }),
      ...(newest !== undefined && { updated: newest }),
      texts: [...(known?.texts ?? []), text],
    });
  }
  return [...documents.values()];
}

const LONGEST_TITLE = 60;

/** An entry of a log is a document of its own. */
function titleOf({ title, heading, uri, text }: Finding): string {
  if (title === undefined) return inline(uri ?? heading ?? `${text.slice(0, LONGEST_TITLE)}…`);
  return inline(heading !== undefined && dayIn(heading) !== undefined ? `${title}, ${heading}` : title);
}

/**
 * Holds an answer to its sources: a number that no document has is taken out, a sentence that quotes what stands in no
 * document is removed, and one that quotes a document which it does not cite is given that number.
 */
export function checkCitations(answer: string, documents: readonly Cited[]): Checked {
  const removed: string[] = [];
  const lines = joinQuotedLines(withoutOwnList(answer)).split("\n");
  const kept = lines.flatMap((line) => {
    const [, mark = "", said = ""] = /^(\s*(?:[-*•]\s+|\d+[.)]\s+|(?:>\s*)+)?)(.*)$/.exec(line) ?? [];
    // Who is quoted, below what they said.
    const isQuotation = mark.includes(">") && !/^[—–-]/.test(said);
    const sentences = splitOutsideQuotations(said, SENTENCE_END).flatMap((sentence) => {
      const checked = checkSentence(sentence, documents, isQuotation);
      if (checked === undefined) removed.push(sentence);
      return checked ?? [];
    });
    const isGone = said.trim() !== "" && sentences.join("").trim() === "";
    return isGone ? [] : [mark + sentences.join(" ")];
  });
  return { ...numberCitations(kept.join("\n").trim(), documents), removed };
}

/** Without a list of sources at the end: there is one of ours. */
function withoutOwnList(answer: string): string {
  const lines = answer.split("\n");
  const at = lines.findLastIndex((line) => LIST_OF_SOURCES.test(line));
  const isList = at > 0 && lines.slice(at + 1).every((line) => ENTRY.test(line));
  return isList ? lines.slice(0, at).join("\n") : answer;
}

/** Undefined for one that quotes what nobody said. */
function checkSentence(
  sentence: string,
  documents: readonly Cited[],
  isQuotation: boolean,
): string | undefined {
  const known = sentence.replace(CITATION, (_, list: string) => {
    const numbers = numbersIn(list).filter((number) => documents.some((one) => one.number === number));
    return numbers.map((number) => `[${number}]`).join("");
  });
  const missing: number[] = [];
  const numbers = [...known.matchAll(CITATION)].flatMap(([, list = ""]) => numbersIn(list));
  const quotes = quotationsIn(known).map(({ quote }) => quote);
  const whole = known.replace(CITATION, "").replace(/["“”„«»]/gu, "");
  for (const quote of isQuotation ? [...quotes, whole] : quotes) {
    if (quote.trim().split(/\s+/).length < LEAST_QUOTED_WORDS) continue;
    const holders = documents.filter(({ texts }) => texts.some((text) => isQuotedFrom(quote, text)));
    const [first] = holders;
    if (first === undefined) return undefined;
    if (!holders.some(({ number }) => numbers.includes(number))) missing.push(first.number);
  }
  const added = [...new Set(missing)].map((number) => `[${number}]`).join("");
  const tidy = known.replace(/[ \t]+(?=[.,;:!?](?:\s|$))/g, "").trimEnd();
  return added === "" ? tidy : `${tidy} ${added}`;
}

/** Numbers what a text cites anew, in the order in which it does. */
export function numberCitations(text: string, documents: readonly Cited[]): Pick<Checked, "text" | "cited"> {
  const order: number[] = [];
  const written = text.replace(CITATION, (_, list: string) =>
    numbersIn(list)
      .map((number) => {
        if (!order.includes(number)) order.push(number);
        return `[${order.indexOf(number) + 1}]`;
      })
      .join(""),
  );
  const cited = order.flatMap((number, index) => {
    const document = documents.find((one) => one.number === number);
    return document === undefined ? [] : [{ ...document, number: index + 1 }];
  });
  return { text: written, cited };
}

function numbersIn(list: string): readonly number[] {
  return [...new Set(list.split(/[,;]/).map(Number))];
}
