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
