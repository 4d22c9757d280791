import { termsOf, wordsOf } from "./words.js";

/** Enough for any question a person types; what comes after would only be guessed at. */
const MOST_PARTS = 6;

/** Requests stand at the beginning or the end of a long message; between them is the text that they are about. */
const MOST_CHARACTERS = 8000;

const ASKING =
  "what|what's|how|who|who's|whom|whose|which|when|where|why|is|are|does|do|did|can|could|will|should|has|have";
const ORDERING =
  "list|show|tell|find|give|get|read|count|search|explain|describe|summari[sz]e|compare|look|check";

/** Where one request ends and the next begins inside a sentence: an asking or ordering word after "and". */
const JOINT = new RegExp(
  `(?:,\\s*|\\s+)(?:and(?:\\s+(?:also|then|please))?|also|then|plus)\\s+(?=(?:${ASKING}|${ORDERING})\\b)`,
  "giu",
);
const AND_ALSO = /,?\s+and\s+also\s+/giu;
const STARTS_REQUEST = new RegExp(`^(?:please\\s+|also\\s+|and\\s+)*(?:${ASKING}|${ORDERING})\\b`, "iu");

/** Stands around the number of a masked text: a character of private use, which no message has reason to hold. */
const MASK = "\uE000";
/** Quoted text, addresses and file names: their punctuation ends no sentence. */
const OPAQUE = /(?<=^|[\s(])(?:"[^"]*"|'[^'\n]*'(?=[\s.,;:?!)]|$)|“[^”]*”|`[^`]*`)|https?:\/\/\S+|\S+@\S+/gu;

/**
 * A message as its independent requests, in order: at question marks, semicolons, list items and "and" before
 * a new request, never at the "and" of "research and development". Statements beside a question are dropped,
 * since they ask for nothing; alone they are the request.
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
  const requests = sentences.filter((piece) => piece.endsWith("?") || STARTS_REQUEST.test(piece));
  const parts = (requests.length > 0 ? requests : sentences).map((piece) => restore(piece));
  return parts.length > 0 ? parts.slice(0, MOST_PARTS) : text.trim() === "" ? [] : [text.trim()];
}

function splitClauses(sentence: string): string[] {
  const pieces: string[] = [];
  for (const piece of sentence.split(AND_ALSO).flatMap((clause) => clause.split(JOINT))) {
    const before = pieces.at(-1);
    // "Read and summarise the file" is one request: what stands before "and" has no subject of its own.
    if (before !== undefined && !hasSubject(before)) pieces[pieces.length - 1] = `${before} and ${piece}`;
    else pieces.push(piece);
  }
  return pieces;
}

const ORDERING_WORD = new RegExp(`^(?:${ORDERING})$`, "iu");

function hasSubject(piece: string): boolean {
  const subject = wordsOf(piece).filter((word) => !ORDERING_WORD.test(word));
  return piece.includes(MASK) || termsOf(subject.join(" ")).length > 0;
}

/** True for a question that leans on the one before: "and in Sales?", "what about Finance?". */
export function isFollowUp(text: string): boolean {
  const opening = /^\s*(?:and\b|what about\b|how about\b|same (?:for|in)\b|also\b|for\b|in\b)/iu.test(text);
  return opening && wordsOf(text).length <= 6;
}
