import { isRequest, splitClauses } from "./clauses.js";
import { termsOf, wordsOf } from "./words.js";

/** Enough for any question a person types; what comes after would only be guessed at. */
const MOST_PARTS = 6;

/** Requests stand at the beginning or the end of a long message; between them is the text that they are about. */
const MOST_CHARACTERS = 8000;

/** Stands around the number of a masked text: a character of private use, which no message has reason to hold. */
const MASK = "\uE000";
/** Quoted text, addresses and file names: their punctuation ends no sentence. */
const OPAQUE = /(?<=^|[\s(])(?:"[^"]*"|'[^'\n]*'(?=[\s.,;:?!)]|$)|“[^”]*”|`[^`]*`)|https?:\/\/\S+|\S+@\S+/gu;

/**
 * A message as its independent requests, in order: at question marks, semicolons, list items, and "and" or a comma
 * before a new request, never at the "and" of "research and development". Statements beside a question are
 * dropped, since they ask for nothing; alone they are the request.
 */
export function splitQuestion(whole: string): string[] {
  const half = MOST_CHARACTERS / 2;
  const text = whole.length <= MOST_CHARACTERS ? whole : `${whole.slice(0, half)}\n\n${whole.slice(-half)}`;
  const kept: string[] = [];
  const masked = text.replace(OPAQUE, (match) => `\uE000${kept.push(match) - 1}\uE000`);
  const restore = (piece: string) =>
    piece.replace(/\uE000(\d+)\uE000/g, (_, index) => kept[Number(index)] ?? "");

  const sentences = masked
    .split(/(?<=\?)\s+|;\s+|\n+\s*(?:[-*•]|\d+[.)])\s+|\n{2,}|(?<=[.!])\s+(?=\p{Lu})/u)
    .flatMap(splitClauses)
    .map((piece) => piece.replace(/^\s*(?:(?:[-*•]|\d+[.)])\s+)?/, "").trim())
    .filter((piece) => termsOf(restore(piece)).length > 0 || piece.includes(MASK));
  const requests = sentences.filter(isRequest);
  const parts = (requests.length > 0 ? requests : sentences).map((piece) => restore(piece));
  return parts.length > 0 ? parts.slice(0, MOST_PARTS) : text.trim() === "" ? [] : [text.trim()];
}

/** What stands for the answer to an earlier request: "of those", "based on that", "compare it with Sales". */
const REFERS_BACK =
  /\b(?:of|among) (?:those|these|them)\b|\b(?:based on|given|from|with) (?:that|those|these) ?(?:answers?|figures?|information|numbers?|results?)?(?=[,.?!]|$)|\bbased on (?:that|this|it|those|these)\b|\bcompare (?:it|that|this|them|those|both|the two)\b/iu;

export function refersBack(text: string): boolean {
  return REFERS_BACK.test(text);
}

/** "How many of those ..." adds to the question before, where "and in Sales?" puts something in its place. */
export function narrows(text: string): boolean {
  return /\b(?:of|among) (?:those|these|them)\b/iu.test(text);
}

/** True for a question that leans on the one before: "and in Sales?", "what about Finance?", "how many of those?". */
export function isFollowUp(text: string): boolean {
  if (refersBack(text)) return true;
  const opening =
    /^\s*(?:how (?:many|much) (?:are|in|is|of)\b|and\b|what about\b|how about\b|same (?:for|in)\b|also\b|for\b|in\b)/iu.test(
      text,
    );
  return opening && wordsOf(text).length <= 6;
}
