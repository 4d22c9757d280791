import { wordsOf } from "./words.js";

/** Tells something about the one who speaks, or asks to keep it in mind. */
const TELLS =
  /^(?:hi[,!.]?\s+|hello[,!.]?\s+|by the way,?\s+|actually,?\s+)?(?:(?:i|we|my|our|i['’]m|i['’]ve|we['’]re|we['’]ve)\b|(?:please\s+)?(?:remember|note|keep in mind)\b(?!\s+to\b))/i;
/** A wish in the form of a statement. */
const WISHES =
  /\b(?:need|want|wish|would|['’]d|like to|looking for|wonder\w*|search\w*|trying|don['’]t know|not sure)\b/i;

/** Asks to keep something in mind: a tool may be there for it. */
const REMEMBER = /^(?:please\s+)?(?:remember|note|keep in mind)\b/i;

/** Whether a text only tells something: nothing is to be looked up or done for it. */
export function isRemark(text: string): boolean {
  return isStatement(text) && !REMEMBER.test(text.trim());
}

/** Whether a text tells something and asks for nothing: "I am allergic to peanuts." */
export function isStatement(text: string): boolean {
  const trimmed = text.trim();
  return TELLS.test(trimmed) && !trimmed.includes("?") && !WISHES.test(trimmed);
}

const THANKS = /\b(?:thanks?|thx|cheers)\b/iu;
const PLEASANTRIES = new Set(
  `a afternoon again all and are bye cheers cool day dear evening everyone fine folks good goodbye great hello hey
  hi how is it later lot many morning much nice night ok okay perfect see so team thank thanks that there thx
  today very you`.split(/\s+/),
);

/** What to say to a greeting or to thanks; undefined for whatever says more. */
export function smallTalk(text: string): string | undefined {
  const words = wordsOf(text);
  if (words.length === 0 || words.some((word) => !PLEASANTRIES.has(word))) return undefined;
  return THANKS.test(text) ? "You are welcome." : "Hello. What would you like to know?";
}
