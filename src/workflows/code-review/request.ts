import { ANALYSES, type Analysis } from "./types.js";

export interface Request {
  readonly path: string;
  readonly analyses: readonly Analysis[];
  /** Paths that were named as well: one review has one. */
  readonly others?: readonly string[];
}

const WORDS: Readonly<Record<Analysis, RegExp>> = {
  secrets: /\b(?:secrets?|credentials?|passwords?|(?:api[ -]?)?keys?|tokens?|leak\w*|security)\b/i,
  dependencies: /\b(?:dependenc(?:y|ies)|packages?|licen[cs]es?|versions?|lock ?files?|package\.json)\b/i,
  complexity: /\b(?:complex\w*|long functions?|refactor\w*|maintainab\w*|readab\w*|testab\w*)\b/i,
  documentation: /\b(?:document\w*|docs|docstrings?|readme|links?|comments?)\b/i,
};
const NOT =
  /\b(?:except(?: for)?|without|but not|skip|ignore|leave out|other than|(?:do not|don['’]t) (?:look at|check|review|scan|include))\b|,\s*not\b/i;
/** Where a clause ends that began with "without". */
const CLAUSE_END = /[.;!?](?:\s|$)|\bbut\b/;
const QUOTED = /(?<!\w)[`"'“]([^`"'”\s]+)[`"'”]/g;
const URL = /\b[a-z][\w+.-]*:\/\/\S+/gi;
/** Two words with a slash between them. */
const NO_PATH = /^(?:and\/or|either\/or|he\/she|his\/her|yes\/no|I\/O|TCP\/IP|CI\/CD|n\/a)\.?$/i;
const FOLDER =
  /\b(?:review|in|of|check|analy[sz]e|scan)\s+(?:the\s+|my\s+|our\s+)?(?!(?:the|my|our|this|that|these|all|any|it|is|are|code|everything|each|every)\b)([\w@-]{2,60})\b/gi;
/** With a slash, or a file's name with its ending. */
const PATH =
  /(?<![\w:/.-])(?:\.{1,2}(?:\/[\w@.()+-]+)*\/?|\/?(?:[\w@.()+-]+\/)+[\w@.()+-]*|[\w@-]+\.(?:[cm]?[jt]sx?|json|md))(?![\w/])/g;

/** What a message asks for: `.`, `src/mcp`, or "Review src/mcp for secrets and complexity". */
export function readRequest(text: string): Request {
  const [path, ...others] = pathsIn(text);
  // A path has words of its own: `docs/keys.md` asks for neither.
  const words = text.replace(path ?? "", " ");
  const [wanted = "", ...unwanted] = split(words);
  const named = ANALYSES.filter((analysis) => WORDS[analysis].test(wanted));
  const excluded = ANALYSES.filter((analysis) => unwanted.some((clause) => WORDS[analysis].test(clause)));
  const analyses = (named.length > 0 ? named : ANALYSES).filter((analysis) => !excluded.includes(analysis));
  return {
    path: path ?? ".",
    analyses: analyses.length > 0 ? analyses : ANALYSES,
    ...(others.length > 0 ? { others } : {}),
  };
}

function pathsIn(text: string): readonly string[] {
  const whole = text.trim();
  if (/^\S+$/.test(whole) && !/^[A-Za-z]+[.!?]?$/.test(whole)) return [whole];
  const quoted = [...text.matchAll(QUOTED)].map(([, path = ""]) => path);
  const plain = [...text.replace(URL, " ").matchAll(PATH)]
    // A full stop behind a path is the sentence's.
    .map(([path]) => path.replace(/(?<=\w)\.$/, ""))
    .filter((path) => !/^\.+$/.test(path) && !NO_PATH.test(path));
  return [...new Set([...quoted, ...plain])];
}

/** Single words that stand where a path would: "Review src for secrets". Whether they are one, the folder knows. */
export function wordsForFolders(text: string): readonly string[] {
  const words = [...text.matchAll(FOLDER)].map(([, word = ""]) => word);
  return [...new Set(words)].filter((word) => !ANALYSES.some((analysis) => WORDS[analysis].test(word)));
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
