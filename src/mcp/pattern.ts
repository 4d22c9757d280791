import { createRequire } from "node:module";
import type { RE2JS } from "re2js";
import { translateRegExp } from "./regexp-translate.js";
import { spend } from "./work.js";

/** Longest pattern that is checked. */
export const LONGEST_PATTERN = 2000;
/** Most steps of a compiled pattern. */
const LARGEST_PROGRAM = 2000;

/** What a schema's `pattern` is compiled to. */
export interface Pattern {
  test(text: string): boolean;
  toString(): string;
}

/**
 * A pattern that a server wrote, as something that takes linear time over any text: a backtracking engine can be made to
 * take years. What RE2 cannot express, and what is too large for it, matches everything: the server checks by itself.
 *
 * @throws {SyntaxError} when it is no regular expression
 */
export function compilePattern(pattern: string): Pattern {
  if (pattern.length > LONGEST_PATTERN) return unchecked(pattern);
  const native = toRegExp(pattern);
  const translation = translateRegExp(pattern, native.unicode);
  if (translation === undefined) return unchecked(pattern);
  if (translation.isPlain) return native;
  if (translation.size > LARGEST_PROGRAM) return unchecked(pattern);
  let compiled: RE2JS;
  try {
    compiled = loadRe2().compile(translation.source);
  } catch {
    return unchecked(pattern);
  }
  const size = compiled.programSize();
  return {
    test(text) {
      spend(size * (text.length + 1));
      return compiled.test(text);
    },
    toString: () => native.toString(),
  };
}

/** Patterns are Unicode expressions by the specification; many in the wild only work without that flag. */
export function toRegExp(pattern: string): RegExp {
  try {
    return new RegExp(pattern, "u");
  } catch {
    return new RegExp(pattern);
  }
}

function unchecked(pattern: string): Pattern {
  return { test: () => true, toString: () => `unchecked ${pattern}` };
}

let re2: typeof RE2JS | undefined;

/** Loaded at the first pattern that needs it: most programs never meet one, and it takes 10 milliseconds. */
function loadRe2(): typeof RE2JS {
  re2 ??= (createRequire(import.meta.url)("re2js") as typeof import("re2js")).RE2JS;
  return re2;
}
