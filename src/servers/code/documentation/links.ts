import { dirname, join, normalize } from "node:path/posix";
import { lineNumbers } from "../line-numbers.js";
import { proseOf } from "./prose.js";

export interface Link {
  readonly line: number;
  /** As it stands in the text. */
  readonly target: string;
  /** Relative to the root. */
  readonly path: string;
}

/** What stands behind the text of a link, from its closing bracket. */
const TARGET =
  /\]\(\s{0,20}(?:<([^>\n]{1,1000})>|([^\s()]{0,1000}(?:\([^\s()]{0,200}\)[^\s()]{0,200}){0,5}))(?:\s{1,20}["'(][^\n]{0,400}?["')])?\s{0,20}\)/y;
const REFERENCE =
  /^ {0,3}\[(?!\^)[^\]\n]{1,200}\]:[ \t]{0,20}<?([^\s>]{1,1000})>?(?:[ \t]+["'(].*)?[ \t]*$/gm;
const LONGEST_TEXT = 400;

/**
 * The links of a Markdown file to other files. Not: those in code, to other sites, to a place on the same page, and from
 * the site's root, which nobody but the site's builder knows.
 */
export function linksIn(file: string, text: string): readonly Link[] {
  const prose = proseOf(text);
  const lineAt = lineNumbers(prose);
  return [...inlineIn(prose), ...referencesIn(prose)].flatMap(({ target, at }): readonly Link[] => {
    const way = target.replace(/[#?].*$/s, "");
    if (way === "" || /^(?:[a-z][\w+.-]*:|\/|#|@)/i.test(way) || /[{}$<>*\\]/.test(way)) return [];
    return [{ line: lineAt(at), target, path: normalize(join(dirname(file), decoded(way))) }];
  });
}

interface Found {
  readonly target: string;
  readonly at: number;
}

function inlineIn(prose: string): readonly Found[] {
  const found: Found[] = [];
  for (let end = prose.indexOf("]("); end !== -1; end = prose.indexOf("](", end + 2)) {
    const from = Math.max(0, end - LONGEST_TEXT);
    const begin = prose.slice(from, end).lastIndexOf("[");
    TARGET.lastIndex = end;
    const [, bracketed, plain] = (begin === -1 ? null : TARGET.exec(prose)) ?? [];
    const target = bracketed ?? plain;
    if (target !== undefined) found.push({ target, at: from + begin });
  }
  return found;
}

function referencesIn(prose: string): readonly Found[] {
  return [...prose.matchAll(REFERENCE)].map(({ 1: target = "", index }) => ({ target, at: index }));
}

/** Where a site's builder may find what a link means. */
export function placesOf(path: string): readonly string[] {
  const bare = path.replace(/\/$/, "").replace(/\.html?$/, "");
  return [path, ...[".md", ".mdx", "/index.md", "/README.md"].map((end) => `${bare}${end}`)];
}

function decoded(way: string): string {
  try {
    return decodeURIComponent(way);
  } catch {
    return way;
  }
}
