import fc from "fast-check";
import { RE2JS } from "re2js";
import { describe, expect, test } from "vitest";
import { compilePattern, type Pattern, toRegExp } from "../../src/mcp/pattern.js";
import { translateRegExp } from "../../src/mcp/regexp-translate.js";
import { withinWork } from "../../src/mcp/work.js";

/** As they stand in schemas in the wild, and a few that are written to be awkward. */
const PATTERNS = [
  "^\\d{4}-\\d{2}-\\d{2}$",
  "^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$",
  "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$",
  "^([01]?\\d|2[0-3]):[0-5]\\d(:[0-5]\\d)?$",
  "^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
  "^[0-9a-fA-F]{24}$",
  "^(0x)?[0-9a-fA-F]+$",
  "^#(?:[0-9a-fA-F]{3}){1,2}$",
  "^[a-z0-9]+(?:-[a-z0-9]+)*$",
  "^[a-z][a-z0-9_]*$",
  "^[A-Za-z_$][\\w$]*$",
  "^[\\w.+-]+@[\\w-]+\\.[\\w.-]+$",
  "^[^\\s@]+@[^\\s@]+\\.[^\\s@]+$",
  "^https?://[^\\s/$.?#].[^\\s]*$",
  "^(?:https?|ftp):\\/\\/\\S+$",
  "^/(?:[^/]+/)*[^/]*$",
  "^\\/[\\w\\-./]*$",
  '^[^\\0<>:"|?*]+$',
  "^\\.{0,2}/.*\\.(js|ts|json)$",
  "^v?\\d+\\.\\d+\\.\\d+(?:-[0-9A-Za-z.-]+)?(?:\\+[0-9A-Za-z.-]+)?$",
  "^(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)$",
  "^[\\^~]?\\d+(\\.\\d+){0,2}$",
  "^-?\\d+(\\.\\d+)?$",
  "^[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?$",
  "^\\+?[1-9]\\d{1,14}$",
  "^\\(?\\d{3}\\)?[-. ]?\\d{3}[-. ]?\\d{4}$",
  "^(?:\\d{1,3}\\.){3}\\d{1,3}$",
  "^(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}$",
  "^([0-9A-F]{2}[:-]){5}[0-9A-F]{2}$",
  "^[A-Z]{2}(-[A-Z0-9]{1,3})?$",
  "^[a-z]{2,3}(?:-[A-Za-z]{2,4})*$",
  "^[A-Z]{3}$",
  "^(asc|desc)$",
  "^(?:GET|POST|PUT|DELETE)$",
  "^arn:aws:[a-z0-9-]+:[a-z0-9-]*:\\d*:.+$",
  "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
  "^[A-Za-z0-9+/]*={0,2}$",
  "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*$",
  "^.{1,5000}$",
  "^\\S+$",
  "^\\S(?:.*\\S)?$",
  "^[^\\n\\r]*$",
  "^\\s*$",
  "\\d",
  "[a-z]+\\d*",
  "foo|bar|",
  "^$",
  "^(?<year>\\d{4})(?<rest>.*)$",
  "^[\\w-.]+$",
  "^[]$|a*",
  "^[^]*$",
  "^[\\]\\\\\\/^-]+(?:x|y)$",
  "\\bword\\b",
  "^\\p{L}+(?: \\p{Lu}\\p{Ll}*)*$",
  "^\\p{Letter}*\\P{Script=Greek}+$",
  "^[\\u00e9\\x41\\u{1F600}-\\u{1F64F}]+(?:a|b)?$",
  "^[\\s\\S]{0,3}(?:[\\D\\W])?$",
  "^a{2,}?b+?(?:c??)$",
  "^\\_\\-\\y(?:a)$",
  "^[\\b\\cA\\t\\v]+(?:a|b)*$",
  "^[^/]+/[^/]+(?:#\\d+)?$",
  "^(a+)+$",
  "^(?:(x+x+)+y|.)*$",
];
const runs = Number(process.env.FUZZ_RUNS ?? 40);

/** Texts that are near a pattern: characters of its own, and those in which the dialects differ. */
function textsFor(pattern: string): fc.Arbitrary<string> {
  const own = [...pattern.replace(/\\./gs, "")].filter((char) => char.codePointAt(0) !== undefined);
  const odd = [
    "\n",
    "\r",
    "\u2028",
    "\u00a0",
    "\ufeff",
    "\v",
    "é",
    "É",
    "ß",
    "Σ",
    "٣",
    "😀",
    "_",
    "-",
    "/",
    " ",
    ".",
    "\u0000",
    "\b",
  ];
  const unit = fc.oneof(
    fc.constantFrom(...own, "a", "1"),
    fc.constantFrom(...odd),
    fc.constantFrom("2024-02-30", "10:20:30", "a@b.cd", "1.2.3", "x/y.ts", "00ff", "https://e.org/a", "word"),
  );
  return fc.array(unit, { maxLength: 8 }).map((units) => units.join(""));
}

/** As a validator does it, each time with all the work that one check may take. */
function matches(pattern: Pattern, text: string): boolean {
  return withinWork(() => pattern.test(text));
}

describe("compilePattern()", () => {
  test.each(PATTERNS)("%s matches what ECMAScript matches", (pattern) => {
    const native = toRegExp(pattern);
    const translation = translateRegExp(pattern, native.unicode);
    if (translation === undefined) throw new Error("it is not translated");
    const ours = compilePattern(pattern);
    // Also what would be left to the native engine, so far as RE2 takes it.
    const re2 = /\{1,5000\}/.test(pattern) ? ours : RE2JS.compile(translation.source);
    fc.assert(
      fc.property(textsFor(pattern), (text) => {
        // Without the Unicode flag the native engine takes such a character for two.
        if (!native.unicode && /[\u{10000}-\u{10ffff}]/u.test(text)) return;
        expect(re2.test(text), JSON.stringify(text)).toBe(native.test(text));
        expect(matches(ours, text), JSON.stringify(text)).toBe(native.test(text));
      }),
      { numRuns: runs * 5 },
    );
  });

  test("the escapes for many characters mean the same for every character", () => {
    for (const written of [
      "\\s",
      "\\S",
      "\\d",
      "\\D",
      "\\w",
      "\\W",
      ".",
      "[\\S\\d]",
      "[^\\s-]",
      "[\\w-\\s]",
    ]) {
      const native = toRegExp(`^${written}$`);
      const source = translateRegExp(`^${written}$`, native.unicode)?.source ?? "";
      const re2 = RE2JS.compile(source);
      for (let code = 0; code < 0x11000; code++) {
        if (code >= 0xd800 && code < 0xe000) continue;
        const char = String.fromCodePoint(code);
        if (re2.test(char) !== native.test(char))
          throw new Error(`${written} differs at ${code.toString(16)}`);
      }
    }
  });

  test.each([
    "(?=a)b",
    "(?!a)b",
    "(?<=a)b",
    "(?<!a)b",
    "(a)\\1",
    "(?<n>a)\\k<n>",
    "[\\ud83d]",
    "(?:a{1,1000}b{1,1000}){2}",
  ])("%s, which RE2 cannot do, is left to the server", (pattern) => {
    const ours = compilePattern(pattern);
    expect([matches(ours, ""), matches(ours, "zzz")]).toEqual([true, true]);
  });

  test.each(["(", "[", "a**", "(?<n", "\\"])("%s is no regular expression", (pattern) => {
    expect(() => compilePattern(pattern)).toThrow(SyntaxError);
  });

  test("never throws anything else, whatever the pattern, and translates only to what RE2 reads", () => {
    const piece = fc.constantFrom(
      ...[
        "a",
        "[",
        "]",
        "(",
        ")",
        "(?:",
        "|",
        "*",
        "+",
        "?",
        "{2}",
        "{1,3}",
        "{",
        "}",
        "^",
        "$",
        ".",
        "-",
        "\\d",
        "\\S",
        "\\b",
        "\\",
        "\\/",
      ],
      ...[
        "[^",
        "\\u0041",
        "\\x4",
        "\\cA",
        "\\0",
        "\\p{L}",
        "(?<a>",
        "é",
        "😀",
        ",",
        "\\-",
        "\\k",
        "[\\w-.]",
        "\\1",
      ],
    );
    const text = fc.array(fc.constantFrom("a", "b", "-", "1", "é", "]", "{", "\n", ".", "A"), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.array(text, { maxLength: 5 }), (pieces, texts) => {
        const pattern = pieces.join("");
        let native: RegExp;
        try {
          native = toRegExp(pattern);
        } catch {
          expect(() => compilePattern(pattern)).toThrow(SyntaxError);
          return;
        }
        const ours = compilePattern(pattern);
        const isTranslated = translateRegExp(pattern, native.unicode) !== undefined;
        for (const parts of texts) {
          const expected = native.test(parts.join(""));
          if (isTranslated && !String(ours).startsWith("unchecked"))
            expect(matches(ours, parts.join("")), `${pattern} on ${parts.join("")}`).toBe(expected);
          else expect(matches(ours, parts.join(""))).toBe(true);
        }
      }),
      { numRuns: runs * 50 },
    );
  });
});
