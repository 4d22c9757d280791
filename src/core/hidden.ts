/**
 * The text without what a person who looks at it cannot see, so that a model reads no more than they would. The
 * escape sequences of terminals (colours, hyperlinks) go without a trace. A run of other invisible characters becomes
 * a mark such as `[3 hidden characters]`, and half of a surrogate pair becomes U+FFFD. Emoji, joiners of Persian or
 * Hindi, marks of right-to-left text and the like stay where they have a meaning; all other text stays as it is.
 *
 * Idempotent, in linear time, and free for text that has nothing of the kind.
 */
export function showHidden(text: string): string {
  if (!SUSPECT.test(text)) return text;
  const plain = text.includes("\x1b") || text.includes("\x9b") ? text.replace(ESCAPE_SEQUENCE, "") : text;
  return plain.replace(HIDDEN, (run: string, surrogate?: string, flag?: string) => {
    if (flag !== undefined) return flag;
    if (surrogate !== undefined) return "\uFFFD".repeat(run.length);
    const count = [...run].length;
    return `[${count} hidden ${count === 1 ? "character" : "characters"}]`;
  });
}

/**
 * What a terminal swallows (ECMA-48): control sequences, and strings such as a title or a hyperlink's address up to
 * their end. No part can match in two ways, and none can start within another, so that the time is linear.
 */
const ESCAPE_SEQUENCE = new RegExp(
  [
    String.raw`(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]`,
    String.raw`\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)`,
    String.raw`\x1b[ -/]+[0-~]`,
    String.raw`\x1b[0-OQ-WYZ\\\`-~]`,
  ].join("|"),
  "g",
);

/** Controls but tab and line ends, all that Unicode says to show nothing for, annotations and noncharacters. */
const INVISIBLE = String.raw`\0-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\p{DI}\uFFF9-\uFFFB\p{Noncharacter_Code_Point}`;

/** The same as far as one UTF-16 unit can tell. Much quicker than the exact class, and never wrong on the safe side. */
const SUSPECT =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: one by one, not as a sequence
  /[\0-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\xAD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u202A-\u202E\u2060-\u206F\u3164\uD800-\uDFFF\uFDD0-\uFDEF\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\uFFFE\uFFFF]/;

const JOINED_SCRIPTS =
  "Arab Syrc Mong Nkoo Mand Adlm Rohg Mani Phag Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Khmr Mymr Tibt Bali Java";
const UNSPACED_SCRIPTS = "Khmr Thai Laoo Mymr Tibt Bali Java Lana";
const letterOf = (scripts: string): string =>
  scripts
    .split(" ")
    .map((script) => String.raw`\p{scx=${script}}`)
    .join("");

const LETTER = String.raw`(?![${INVISIBLE}])[\p{L}\p{M}]`;

/** Where an invisible character belongs: after the visible one that it acts on, one at a time. */
const MEANINGFUL = [
  // Emoji of several parts.
  String.raw`(?<=[\p{ExtPict}\p{EMod}]\uFE0F?)\u200D(?=\p{ExtPict})`,
  // Joiners that change the form of a letter.
  String.raw`(?<=(?=[${letterOf(JOINED_SCRIPTS)}])${LETTER})[\u200C\u200D]`,
  // Where a line may break: in scripts that have no spaces, and within a word of the others.
  String.raw`(?<=(?=[${letterOf(UNSPACED_SCRIPTS)}])${LETTER})\u200B(?=${LETTER})`,
  String.raw`(?<=${LETTER})\xAD(?=${LETTER})`,
  // Between an accent and another that must not change places.
  String.raw`(?<=${LETTER})\u034F(?=(?![${INVISIBLE}])\p{M})`,
  // Direction of what is beside it, without a scope that could reorder the rest.
  String.raw`(?<![${INVISIBLE}])[\u061C\u200E\u200F]`,
  // Forms of emoji, symbols and ideographs.
  String.raw`(?<=[\p{Emoji}\p{S}\p{P}\p{scx=Hani}])[\uFE0E\uFE0F]`,
  String.raw`(?<=[\p{Sm}\p{scx=Hani}\p{scx=Mymr}\p{scx=Phag}\p{scx=Mani}])[\uFE00-\uFE0D]`,
  String.raw`(?<=\p{Unified_Ideograph})[\u{E0100}-\u{E01EF}]`,
  String.raw`(?<=(?=\p{scx=Mong})\p{L})[\u180B-\u180F]`,
  // The byte order mark of a file.
  String.raw`(?<![^])\uFEFF`,
].join("|");

/** The only flags that are spelled with tag characters (Unicode's RGI set): England, Scotland, Wales. */
const TAG_FLAGS = ["gbeng", "gbsct", "gbwls"]
  .map((region) => [...region].map((letter) => tag(letter.charCodeAt(0))).join(""))
  .join("|");

function tag(code: number): string {
  return String.raw`\u{${(0xe0000 + code).toString(16)}}`;
}

const HIDDEN = new RegExp(
  String.raw`(\p{Cs}+)|(\u{1F3F4}(?:${TAG_FLAGS})\u{E007F})|(?:(?=[${INVISIBLE}])(?!${MEANINGFUL})[^])+`,
  "gu",
);
