import { namesPeople, stem, termsOf, wordsOf } from "./words.js";

const AUXILIARIES = "is|are|was|were|does|do|did|can|could|will|would|should|must|may|has|have";
export const ASKING =
  "what|what's|how|who|who's|whom|whose|which|when|where|why|whether|is|are|does|do|did|can|could|will|should|has|have";
export const ORDERING =
  "list|show|tell|find|give|get|read|count|search|explain|describe|summari[sz]e|compare|look|check";

/** Where a request may begin inside a sentence: at an asking or ordering word after "and" or a comma. */
const JOINT = new RegExp(
  `(?:(?:,\\s*|\\s+)(and(?:\\s+(?:also|then|please))?|also|then|plus)\\s+|,\\s+)` +
    `(?=(?:(?:out )?of (?:those|these|them),?\\s+)?(?:${ASKING}|${ORDERING})\\b)`,
  "giu",
);
const AND_ALSO = /,?\s+and\s+also\s+/giu;

const ORDERING_WORD = new RegExp(`^(?:${ORDERING})$`, "iu");
const AUXILIARY = new RegExp(`\\b(?:${AUXILIARIES})\\b`, "iu");
const OPENS = new RegExp(
  `^(?:[^:]{0,40}:\\s+)?(?:please\\s+|also\\s+|and\\s+|then\\s+)*(?:${ASKING}|${ORDERING})\\b`,
  "iu",
);
/** "When I travel" sets a condition, "when does it end" asks. */
const CONDITION = new RegExp(`^(?:when|where)\\s+(?!(?:${AUXILIARIES})\\b)`, "iu");
/** "Tell me how ...", "I want to know who ...": the questions behind it need no inversion. */
const INDIRECT =
  /\b(?:tell (?:me|us)|show (?:me|us)|explain|describe|check|find out|know|understand|wonder(?:ing)?|see)\s+(?:what|how|who|which|when|where|why|whether|if)\b/iu;
const PRONOUN = "there|i|we|you|he|she|it|they";
const DETERMINER =
  "the|a|an|any|anyone|anybody|all|our|my|your|their|his|her|its|this|that|these|those|every|each|some";
const SUBJECT = new RegExp(`^(?:${PRONOUN}|${DETERMINER})$`, "iu");
/** What "do" and "have" need behind them to be a question: "has the most people" is a predicate. */
const PERSON = /^(?:any|anyone|anybody|everyone|there|i|we|you)$/iu;
const TAG = new RegExp(`^\\S+\\s+(?:${PRONOUN})\\s*(?:[,.?!]|$)`, "iu");
/** Leans on what stands before the comma, so that it says little by itself. */
const LEANS = /\b(?:it|its|they|them|their)\b/iu;
const WHICH_NOUN = new RegExp(
  `^which\\s+(?:ones?\\b|of\\b|(?:(?!(?:${AUXILIARIES}|${PRONOUN}|${DETERMINER}|\\w+ly|already|also|always|never|now|often|still)\\b)[\\w-]+\\s+){1,3}(?:${AUXILIARIES})\\b)`,
  "iu",
);

/** A sentence in its requests. A list of nouns, a relative clause and a condition stay with what they belong to. */
export function splitClauses(sentence: string): string[] {
  return sentence.split(AND_ALSO).flatMap((clause) => {
    const pieces: string[] = [];
    let start = 0;
    for (const joint of clause.matchAll(JOINT)) {
      const before = clause.slice(start, joint.index);
      const rest = clause.slice(joint.index + joint[0].length);
      // "Read and summarise the file" is one request: what stands before "and" has no subject of its own.
      if (!hasSubject(before)) continue;
      const isIndirect = INDIRECT.test(clause.slice(0, joint.index));
      if (joint[1] === undefined ? !asksAnew(before, rest, isIndirect) : goesOn(before, rest, isIndirect))
        continue;
      pieces.push(before);
      start = joint.index + joint[0].length;
    }
    return [...pieces, clause.slice(start)];
  });
}

/** True for a piece that asks or orders, and does not merely tell. */
export function isRequest(piece: string): boolean {
  return piece.endsWith("?") || OPENS.test(piece) || INDIRECT.test(piece);
}

/** True for "what is our policy", false for "what our policy is" and "list the files". */
export function isDirectQuestion(piece: string): boolean {
  const [first = "", second = ""] = piece.split(/\s+/);
  if (!new RegExp(`^(?:${ASKING})$`, "iu").test(first) || /^whether$/iu.test(first)) return false;
  return AUXILIARY.test(first) || !(SUBJECT.test(second) || second === "to");
}

/** A masked quotation or address is a subject as well. */
function hasSubject(piece: string): boolean {
  const subject = wordsOf(piece).filter((word) => !ORDERING_WORD.test(word));
  return piece.includes("\uE000") || termsOf(subject.join(" ")).length > 0;
}

/** Whether a question of its own begins behind a comma without "and". */
function asksAnew(before: string, rest: string, isIndirect: boolean): boolean {
  const [first = "", second = ""] = rest.split(/[\s,]+/);
  const clause = rest.split(/[,;?]/)[0] ?? "";
  if (!(isIndirect || isComplete(before)) || LEANS.test(clause)) return false;
  if (ORDERING_WORD.test(first))
    return SUBJECT.test(second) || /^(?:me|us|how|what|which|who)$/iu.test(second);
  switch (first.toLowerCase()) {
    case "what":
    case "what's":
    case "how":
      return isIndirect || isDirectQuestion(rest);
    case "why":
    case "when":
    case "where":
      return AUXILIARY.test(second) || (isIndirect && !relates(before));
    case "which":
      return WHICH_NOUN.test(rest);
    case "who":
    case "who's":
      return !relates(before);
    case "whether":
      return isIndirect;
    case "whom":
    case "whose":
      return false;
    case "do":
    case "has":
    case "have":
      // "Which office, Berlin or Lisbon, has the most people?"
      return PERSON.test(second) && !TAG.test(rest);
    default:
      return (SUBJECT.test(second) || /^\p{Lu}/u.test(second)) && !TAG.test(rest);
  }
}

/** A comma ends a question only where one stands before it: not "in Sales", nor "which office". */
function isComplete(piece: string): boolean {
  const request = piece.trim().replace(/^[^:]{0,40}:\s+/u, "");
  const [first = "", second = ""] = request.split(/\s+/);
  if (!OPENS.test(request) || CONDITION.test(request)) return false;
  if (/^who$/iu.test(first)) return !/^(?:at|from|in|of|on)$/iu.test(second);
  return AUXILIARY.test(request) || !new RegExp(`^(?:${ASKING})$`, "iu").test(first);
}

/** "Ada Lovelace, who leads Engineering": a name or people right before the comma take a relative clause. */
function relates(before: string): boolean {
  const last = /[\p{L}\p{N}'’-]+\W*$/u.exec(before)?.[0].trim() ?? "";
  const people = /^(?:people|person|employees?|staff|someone|anyone|everyone|one|those)$/iu;
  return /^\p{Lu}/u.test(last) || people.test(last) || (stem(last) !== last && namesPeople(last));
}

/** "... a policy which is new and which is mandatory?", "who is in Sales and has a car?": still the same request. */
function goesOn(before: string, rest: string, isIndirect: boolean): boolean {
  const [first = "", second = ""] = rest.split(/[\s,]+/);
  if (/^whether$/iu.test(first)) return !isIndirect;
  if (/^(?:which|who|whose|where|when)$/iu.test(first)) {
    const earlier = new RegExp(`([\\p{L}\\p{N}-]+),?\\s+${first}\\s`, "iu").exec(before)?.[1];
    return (
      earlier !== undefined && termsOf(earlier).length > 0 && !ORDERING_WORD.test(earlier) && !isIndirect
    );
  }
  if (!/^(?:which|who)\b/iu.test(before.trim())) return false;
  if (/^(?:has|have|does|do)$/iu.test(first)) return !PERSON.test(second);
  return /^(?:is|are|can)$/iu.test(first) && !SUBJECT.test(second) && !/^\p{Lu}/u.test(second);
}
