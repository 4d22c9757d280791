import { dirname, join, normalize } from "node:path/posix";

export interface Link {
  readonly line: number;
  /** As it stands in the text. */
  readonly target: string;
  /** Relative to the root. */
  readonly path: string;
}

const INLINE =
  /!?\[(?:[^\]\\]|\\.){0,400}\]\(\s*(?:<([^>\n]+)>|([^\s()]*(?:\([^\s()]*\)[^\s()]*)*))(?:\s+["'(][^\n]*?["')])?\s*\)/g;
const REFERENCE = /^ {0,3}\[[^\]\n]{1,200}\]:[ \t]*<?([^\s>]+)>?(?:[ \t]+["'(].*)?[ \t]*$/gm;

/**
 * The links of a Markdown file to other files. Not: those in code, to other sites, to a place on the same page, and from
 * the site's root, which nobody but the site's builder knows.
 */
export function linksIn(file: string, text: string): readonly Link[] {
  const prose = withoutCode(text);
  const found = [...prose.matchAll(INLINE), ...prose.matchAll(REFERENCE)];
  return found.flatMap((match): readonly Link[] => {
    const target = match[1] ?? match[2] ?? "";
    const way = target.replace(/[#?].*$/s, "");
    if (way === "" || /^(?:[a-z][\w+.-]*:|\/|#|@)/i.test(way) || /[{}$<>*\\]/.test(way)) return [];
    const path = normalize(join(dirname(file), decoded(way)));
    return [{ line: prose.slice(0, match.index).split("\n").length, target, path }];
  });
}

/** Where a site's builder may find what a link means. */
export function placesOf(path: string): readonly string[] {
  const bare = path.replace(/\/$/, "").replace(/\.html?$/, "");
  return [path, ...[".md", ".mdx", "/index.md", "/README.md"].map((end) => `${bare}${end}`)];
}

/** With as many lines as before. */
function withoutCode(text: string): string {
  const blank = (code: string) => code.replace(/[^\n]/g, " ");
  return text
    .replace(/^( {0,8}(?:>\s?)*)(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^\1?\s*\2[`~]*\s*$|$(?![\s\S]))/gm, blank)
    .replace(/<!--[\s\S]*?-->/g, blank)
    .replace(/(`+)(?!`)[^\n]*?[^`\n]\1(?!`)/g, blank);
}

function decoded(way: string): string {
  try {
    return decodeURIComponent(way);
  } catch {
    return way;
  }
}
