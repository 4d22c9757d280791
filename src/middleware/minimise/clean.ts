import { isSecretName } from "./assignment.js";
import { cleanJson, DEEPEST, type Leaves, UNSEEN } from "./json-text.js";
import type { Mask } from "./mask.js";
import { type Places, stepTo } from "./paths.js";

/** What to take out of a value: what stands at the places, and what the mask finds in the rest. */
export interface Cleaning {
  readonly places: Places;
  readonly mask?: Mask | undefined;
  /** Look at short numbers as well: a regular expression may be about them. */
  readonly allNumbers: boolean;
}

/** So many digits have a phone number and a card at least. */
const SHORTEST_NUMBER = 7;

/** A JSON value without what is to go; the very same value when nothing is. Keys of objects are never masked. */
export function cleanValue(value: unknown, cleaning: Cleaning, key?: string, depth = 0): unknown {
  const { places, mask } = cleaning;
  if (typeof value === "string") return mask === undefined ? value : maskText(value, cleaning, key);
  if (typeof value === "number") return maskNumber(String(value), cleaning, key) ?? value;
  if (typeof value !== "object" || value === null) return value;
  if (places.length === 0 && mask === undefined) return value;
  if (depth === DEEPEST) return UNSEEN;
  const isList = Array.isArray(value);
  const entries = Object.entries(value);
  const kept: [string, unknown][] = [];
  let changed = false;
  for (const [name, item] of entries) {
    const next = stepTo(places, name);
    const clean = next && cleanValue(item, { ...cleaning, places: next }, isList ? key : name, depth + 1);
    if (next !== undefined) kept.push([name, clean]);
    changed ||= next === undefined || clean !== item;
  }
  if (!changed) return value;
  return isList ? kept.map(([, item]) => item) : Object.fromEntries(kept);
}

export function leavesOf(cleaning: Cleaning): Leaves | undefined {
  if (cleaning.mask === undefined) return undefined;
  return {
    text: (text, key) => maskText(text, cleaning, key),
    number: (digits, key) => maskNumber(digits, cleaning, key),
  };
}

/** A text under a name may itself be JSON; under the name of a secret it goes as a whole. */
export function maskText(text: string, cleaning: Cleaning, key: string | undefined): string {
  const { mask } = cleaning;
  if (mask === undefined) return text;
  if (key !== undefined && isSecretName(key)) return mask(text, key);
  return cleanJson(text, [], leavesOf(cleaning)) ?? mask(text, key);
}

/** A mark in place of a number in which something is found; undefined when nothing is. */
function maskNumber(
  digits: string,
  { mask, allNumbers }: Cleaning,
  key: string | undefined,
): string | undefined {
  if (mask === undefined) return undefined;
  if (!allNumbers && !(digits.length >= SHORTEST_NUMBER && /^\d+$/.test(digits))) return undefined;
  const masked = mask(digits, key);
  if (masked === digits) return undefined;
  return /^\[[a-z]+\]$/.test(masked) ? masked : UNSEEN;
}
