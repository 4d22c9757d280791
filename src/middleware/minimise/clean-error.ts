import { BatonError, isBatonError } from "../../core/errors.js";
import { type Cleaning, maskText } from "./clean.js";
import { DEEPEST, UNSEEN } from "./json-text.js";

/** By these programs find the call again. They come from the caller and the configuration, not from the server. */
const OURS = new Set(["server", "tool", "store", "key", "record"]);

/**
 * An error without what the mask finds in its message and in the texts of its data; the very same one when nothing is
 * found, and when it is no {@link BatonError}. Numbers stay, as programs act on them; the cause stays, for logs.
 */
export function cleanError(error: unknown, cleaning: Cleaning): unknown {
  if (cleaning.mask === undefined || !isBatonError(error)) return error;
  const message = maskText(error.message, cleaning, undefined);
  const data = cleanData(error.data, cleaning, undefined, 0) as BatonError["data"];
  if (message === error.message && data === error.data) return error;
  const { code, cause, retryable, effect } = error;
  const cleaned = new BatonError(code, message, { cause, retryable, effect, data });
  // Where it failed is worth more than where it was masked.
  const frames = error.stack?.split(error.message, 2)[1];
  if (frames !== undefined && error.message !== "") cleaned.stack = `${cleaned.name}: ${message}${frames}`;
  return cleaned;
}

function cleanData(value: unknown, cleaning: Cleaning, key: string | undefined, depth: number): unknown {
  if (typeof value === "string") return maskText(value, cleaning, key);
  if (isBatonError(value)) return cleanError(value, cleaning);
  const isList = Array.isArray(value);
  if (!isList && !isPlainObject(value)) return value;
  if (depth === DEEPEST) return UNSEEN;
  let changed = false;
  const entries = Object.entries(value).map(([name, item]) => {
    if (depth === 0 && OURS.has(name)) return [name, item] as const;
    const clean = cleanData(item, cleaning, isList ? key : name, depth + 1);
    changed ||= clean !== item;
    return [name, clean] as const;
  });
  if (!changed) return value;
  return isList ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
