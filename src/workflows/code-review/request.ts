import { ANALYSES, type Analysis } from "./types.js";

export interface Request {
  readonly path: string;
  readonly analyses: readonly Analysis[];
}

const WORDS: Readonly<Record<Analysis, RegExp>> = {
  secrets: /\b(?:secrets?|credentials?|passwords?|(?:api[ -]?)?keys?|tokens?|leak\w*|security)\b/i,
  dependencies: /\b(?:dependenc(?:y|ies)|packages?|licen[cs]es?|versions?|lock ?files?|package\.json)\b/i,
  complexity: /\b(?:complex\w*|long functions?|refactor\w*|maintainab\w*|readab\w*|testab\w*)\b/i,
  documentation: /\b(?:document\w*|docs|docstrings?|readme|links?|comments?)\b/i,
};
const NOT = /\b(?:except(?: for)?|without|but not|not|skip|ignore|leave out|other than)\b/i;
/** Where a clause ends that began with "without". */
const CLAUSE_END = /[.;!?](?:\s|$)|\bbut\b/;
const QUOTED = /[`"'“]([^`"'”\s]+)[`"'”]/;
/** With a slash, or a file's name with its ending. */
const PATH =
  /(?<![\w:/.-])(?:\.{1,2}(?:\/[\w@.()+-]+)*\/?|\/?(?:[\w@.()+-]+\/)+[\w@.()+-]*|[\w@-]+\.(?:[cm]?[jt]sx?|json|md))(?![\w/])/;

/** What a message asks for: `.`, `src/mcp`, or "Review src/mcp for secrets and complexity". */
export function readRequest(text: string): Request {
  const path = pathIn(text);
  // A path has words of its own: `docs/keys.md` asks for neither.
  const words = text.replace(path ?? "", " ");
  const [wanted = "", ...unwanted] = split(words);
  const named = ANALYSES.filter((analysis) => WORDS[analysis].test(wanted));
  const excluded = ANALYSES.filter((analysis) => unwanted.some((clause) => WORDS[analysis].test(clause)));
  const analyses = (named.length > 0 ? named : ANALYSES).filter((analysis) => !excluded.includes(analysis));
  return { path: path ?? ".", analyses: analyses.length > 0 ? analyses : ANALYSES };
}

function pathIn(text: string): string | undefined {
  const whole = text.trim();
  if (/^\S+$/.test(whole) && !/^[A-Za-z]+[.!?]?$/.test(whole)) return whole;
  const quoted = QUOTED.exec(text)?.[1];
  if (quoted !== undefined) return quoted;
  const found = PATH.exec(text)?.[0];
  // A full stop behind a path is the sentence's.
  return found === undefined || /^\.+$/.test(found) ? undefined : found.replace(/(?<=\w)\.$/, "");
}

/** What is said before "without" and the like, and each clause after one. */
function split(text: string): readonly string[] {
  const unwanted: string[] = [];
  let wanted = "";
  let rest = text;
  for (let found = NOT.exec(rest); found !== null; found = NOT.exec(rest)) {
    wanted += rest.slice(0, found.index);
    const after = rest.slice(found.index + found[0].length);
    const end = after.search(CLAUSE_END);
    unwanted.push(end === -1 ? after : after.slice(0, end));
    rest = end === -1 ? "" : after.slice(end + 1);
  }
  return [wanted + rest, ...unwanted];
}
