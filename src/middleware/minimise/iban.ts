import { type Detector, isWord, matchesOf, NONE, type Span } from "./detector.js";

/** Lengths by country (SWIFT IBAN registry, release 99). */
const LENGTHS: Readonly<Record<number, string>> = {
  15: "NO",
  16: "BE",
  18: "DK FK FI FO GL NL SD",
  19: "MK SI",
  20: "AT BA EE KZ LT LU MN XK",
  21: "CH HR LI LV",
  22: "BG BH CR DE GB GE IE ME RS VA",
  23: "AE GI IL IQ OM SO TL",
  24: "AD CZ ES MD PK RO SA SE SK TN VG",
  25: "LY PT ST",
  26: "IS TR",
  27: "BI DJ FR GR IT MC MR SM",
  28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
  29: "BR EG PS QA UA",
  30: "JO KW MU YE",
  31: "MT SC",
  33: "RU",
};
const SHORTEST = 15;
const START = /(?<![A-Za-z0-9])[A-Za-z]{2}\d\d/g;
const lengths = new Map(
  Object.entries(LENGTHS).flatMap(([length, countries]) =>
    countries.split(" ").map((country) => [country, Number(length)] as const),
  ),
);

/** International bank account numbers: the country's length and a right check sum (ISO 13616), spaced or not. */
export const findIbans: Detector = (text) => {
  if (text.length < SHORTEST) return NONE;
  const spans: Span[] = [];
  for (const { index } of matchesOf(text, START)) {
    const length = lengths.get(text.slice(index, index + 2).toUpperCase());
    if (length === undefined) continue;
    let account = "";
    let at = index;
    for (; at < text.length && account.length < length; at++) {
      if (isWord(text, at) && text[at] !== "_") account += text[at];
      else if (!/[ \u00A0]/.test(text[at] ?? "") || !isWord(text, at + 1)) break;
    }
    if (account.length === length && !isWord(text, at) && isValid(account.toUpperCase()))
      spans.push({ start: index, end: at });
  }
  return spans;
};

/** Letters count 10 to 35; the number with its first four characters at the end is 1 modulo 97. */
function isValid(account: string): boolean {
  let rest = 0;
  for (let i = 0; i < account.length; i++) {
    const code = account.charCodeAt((i + 4) % account.length);
    rest = code < 65 ? (rest * 10 + code - 48) % 97 : (rest * 100 + code - 55) % 97;
  }
  return rest === 1;
}
