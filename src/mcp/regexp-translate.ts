/** A regular expression of ECMAScript as RE2 reads it. */
export interface Translation {
  readonly source: string;
  /** Roughly how many steps RE2's program will have. */
  readonly size: number;
  /** No backtracking engine can take more than linear time over it, as there is next to nothing to backtrack to. */
  readonly isPlain: boolean;
}

/** Characters of a plain pattern that must be there: they may be tried at every place of a text. */
const LONGEST_SEARCH = 100;
/** Optional single characters double the ways at most. */
const MOST_OPTIONS = 3;

const DIGITS = "0-9";
const WORD = "0-9A-Za-z_";
const SPACE =
  "\\x{9}-\\x{d}\\x{20}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}";
/** What RE2 writes in a class for the escapes that stand for many characters. */
const SETS: Readonly<Record<string, string>> = {
  d: DIGITS,
  w: WORD,
  s: SPACE,
  D: "\\x{0}-\\x{2f}\\x{3a}-\\x{10ffff}",
  W: "\\x{0}-\\x{2f}\\x{3a}-\\x{40}\\x{5b}-\\x{5e}\\x{60}\\x{7b}-\\x{10ffff}",
  S: "\\x{0}-\\x{8}\\x{e}-\\x{1f}\\x{21}-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}",
};
const CONTROLS: Readonly<Record<string, number>> = { f: 12, n: 10, r: 13, t: 9, v: 11 };
/** Long names of the categories that patterns use; RE2 knows the short ones. */
const CATEGORIES: Readonly<Record<string, string>> = {
  Letter: "L",
  Lowercase_Letter: "Ll",
  Uppercase_Letter: "Lu",
  Mark: "M",
  Number: "N",
  Decimal_Number: "Nd",
  Punctuation: "P",
  Symbol: "S",
  Separator: "Z",
};

/** One character, a set of them as it stands in a class, or a place between two. */
type Atom =
  | { readonly code: number; readonly end: number }
  | { readonly set: string; readonly end: number }
  | { readonly place: string; readonly end: number };

class Unsupported extends Error {}

/**
 * Translates a pattern that ECMAScript accepts; undefined for what RE2 cannot express: look-around, back references, some
 * properties of Unicode. Groups catch nothing, as only "does it match" is asked.
 *
 * @param isUnicode it was accepted with the flag `u`
 */
export function translateRegExp(pattern: string, isUnicode: boolean): Translation | undefined {
  try {
    return translate(pattern, isUnicode);
  } catch (error) {
    if (error instanceof Unsupported) return undefined;
    throw error;
  }
}

function translate(pattern: string, isUnicode: boolean): Translation {
  let source = "";
  let isPlain = true;
  const isAnchored = pattern.startsWith("^");
  let needed = 0;
  let unbounded = 0;
  let options = 0;
  /** Sizes of the groups that are open, and of the last atom. */
  const sizes = [0];
  let last = 0;
  const close = (text: string, size: number): void => {
    source += text;
    needed++;
    last = size;
    sizes[sizes.length - 1] = (sizes.at(-1) ?? 0) + size;
  };
  for (let at = 0; at < pattern.length; ) {
    const char = pattern[at] as string;
    const repeat = readRepeat(pattern, at);
    if (repeat) {
      const { least, most, text, end } = repeat;
      needed += least - 1;
      if (most === 1 && least === 0) options++;
      else if (most !== least) unbounded++;
      const copies = Math.max(1, most === Number.POSITIVE_INFINITY ? least : most);
      sizes[sizes.length - 1] = (sizes.at(-1) ?? 0) + last * (copies - 1) + 1;
      last = last * copies + 1;
      source += text;
      at = end;
    } else if (char === "^" || char === "$") {
      source += char;
      at++;
    } else if (char === "|") {
      isPlain = false;
      close("|", 1);
      at++;
    } else if (char === "(") {
      const opening = /^\((?:\?:|\?<[^=!>][^>]*>|(?!\?))/.exec(pattern.slice(at))?.[0];
      if (opening === undefined) throw new Unsupported();
      isPlain = false;
      sizes.push(0);
      source += "(?:";
      at += opening.length;
    } else if (char === ")") {
      close(")", sizes.pop() ?? 0);
      at++;
    } else if (char === "[") {
      const { text, end } = readClass(pattern, at, isUnicode);
      close(text, 1);
      at = end;
    } else if (char === ".") {
      close("[^\\x{a}\\x{d}\\x{2028}\\x{2029}]", 1);
      at++;
    } else {
      const atom = readAtom(pattern, at, isUnicode, false);
      close("place" in atom ? atom.place : "set" in atom ? `[${atom.set}]` : literal(atom.code), 1);
      at = atom.end;
    }
  }
  const isShort = needed <= LONGEST_SEARCH && options <= MOST_OPTIONS;
  return {
    source,
    size: sizes[0] ?? 0,
    isPlain: isPlain && isShort && (unbounded === 0 || (unbounded === 1 && isAnchored)),
  };
}

/** A quantifier; that it is lazy matters only to who asks for what was matched. */
function readRepeat(pattern: string, at: number) {
  const found = /^(?:([*+?])|\{(\d{1,15})(,?)(\d{0,15})\})\??/.exec(pattern.slice(at, at + 40));
  if (!found) return undefined;
  const [whole, sign, from = "", comma, to] = found;
  const end = at + whole.length;
  const text = sign ?? whole.replace(/\?$/, "");
  if (sign !== undefined) {
    return { least: sign === "+" ? 1 : 0, most: sign === "?" ? 1 : Number.POSITIVE_INFINITY, text, end };
  }
  const most = comma === "" ? from : to || "Infinity";
  return { least: Number(from), most: Number(most), text, end };
}

function readClass(pattern: string, start: number, isUnicode: boolean): { text: string; end: number } {
  let at = start + 1;
  const isNegated = pattern[at] === "^";
  if (isNegated) at++;
  let text = "";
  while (pattern[at] !== "]") {
    const from = readAtom(pattern, at, isUnicode, true);
    at = from.end;
    if (pattern[at] !== "-" || pattern[at + 1] === "]") {
      text += inClass(from);
      continue;
    }
    const to = readAtom(pattern, at + 1, isUnicode, true);
    at = to.end;
    // Before Unicode a hyphen beside a set stood for itself, and many patterns rely on it.
    const isRange = "code" in from && "code" in to;
    text += isRange
      ? `${literal(from.code)}-${literal(to.code)}`
      : `${inClass(from)}${literal(45)}${inClass(to)}`;
  }
  const end = at + 1;
  // Empty classes, which RE2 does not know: nothing at all, and anything.
  if (text === "") return { text: isNegated ? "[\\x{0}-\\x{10ffff}]" : "[^\\x{0}-\\x{10ffff}]", end };
  return { text: `[${isNegated ? "^" : ""}${text}]`, end };
}

function inClass(atom: Atom): string {
  return "set" in atom ? atom.set : "code" in atom ? literal(atom.code) : "";
}

function readAtom(pattern: string, at: number, isUnicode: boolean, inSet: boolean): Atom {
  const code = pattern.codePointAt(at) ?? 0;
  if (pattern[at] !== "\\") {
    // Without the flag such a character counts as two, which RE2 cannot say.
    if (code > 0xffff && !isUnicode) throw new Unsupported();
    return { code: checked(code), end: at + (code > 0xffff ? 2 : 1) };
  }
  const rest = pattern.slice(at + 1, at + 80);
  const char = rest[0] ?? "";
  const end = at + 2;
  const set = SETS[char];
  if (set !== undefined) return { set, end };
  if (Object.hasOwn(CONTROLS, char)) return { code: CONTROLS[char] ?? 0, end };
  if (char === "b" || char === "B") {
    if (!inSet) return { place: `\\${char}`, end };
    if (char === "b") return { code: 8, end };
  }
  const hex = /^(?:x([0-9a-f]{2})|u([0-9a-f]{4})|u\{([0-9a-f]{1,6})\})/i.exec(rest);
  if (hex && (hex[3] === undefined || isUnicode)) return readHex(rest, hex, at + 1, isUnicode);
  const control = /^c([a-z])/i.exec(rest)?.[1];
  if (control !== undefined) return { code: control.toUpperCase().charCodeAt(0) - 64, end: at + 3 };
  if (char === "0" && !/^0\d/.test(rest)) return { code: 0, end };
  // Back references, and the octal numbers and odd letters that they look like.
  if (/^[\dkc]/.test(rest)) throw new Unsupported();
  if (isUnicode && (char === "p" || char === "P")) {
    const property = /^[pP]\{(?:(?:Script|sc|General_Category|gc)=)?(\w+)\}/.exec(rest);
    if (!property?.[1]) throw new Unsupported();
    return { set: `\\${char}{${CATEGORIES[property[1]] ?? property[1]}}`, end: at + 1 + property[0].length };
  }
  return { code: checked(rest.codePointAt(0) ?? 0), end };
}

function readHex(rest: string, hex: RegExpExecArray, at: number, isUnicode: boolean): Atom {
  const code = Number.parseInt(hex[1] ?? hex[2] ?? hex[3] ?? "", 16);
  const end = at + hex[0].length;
  const low =
    code >= 0xd800 && code <= 0xdbff
      ? /^\\u(d[c-f][0-9a-f]{2})/i.exec(rest.slice(hex[0].length))?.[1]
      : undefined;
  if (low === undefined || !isUnicode) return { code: checked(code), end };
  return { code: 0x10000 + (code - 0xd800) * 0x400 + (Number.parseInt(low, 16) - 0xdc00), end: end + 6 };
}

/** Half of a pair is no character to RE2. */
function checked(code: number): number {
  if (code >= 0xd800 && code <= 0xdfff) throw new Unsupported();
  return code;
}

function literal(code: number): string {
  const char = String.fromCodePoint(code);
  return /[A-Za-z0-9]/.test(char) ? char : `\\x{${code.toString(16)}}`;
}
