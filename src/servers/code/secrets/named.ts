import { matchesOf, type Span } from "../../../middleware/minimise/detector.js";
import { isDrawnByLot } from "./drawn-by-lot.js";

/** Short names that mean much else, and other ways than an assignment to give a name its value. */
const NAMED =
  /(?:(?:(?<![A-Za-z])pass|(?<=[a-z_])Pass|(?<![A-Z])PASS|secret_key_base)["']?\s{0,3}(?:=>|[:=])|(?:pass(?:word|wd|phrase)|secret|token|api_?key)(?:["']\]\s{0,3}=|["']\s{0,3},|>))\s{0,3}["']?([^\s"'`<>,;]{8,200})/gi;
/** Of npm and Docker: a user and a password in base64. */
const ENCODED = /(?<![A-Za-z])_?auth["']?\s{0,3}[:=]\s{0,3}["']?([A-Za-z0-9+/]{12,400}={0,2})/g;

/** What stands under names that alone prove nothing, when it looks as secrets do. */
export function findNamedSecrets(text: string): readonly Span[] {
  return [
    ...matchesOf(text, NAMED).filter(([, value = ""]) => isDrawnByLot(value)),
    ...matchesOf(text, ENCODED).filter(([, value = ""]) => isUserAndPassword(value)),
  ].map(({ 0: whole, 1: value = "", index }) => {
    const end = index + whole.length;
    return { start: end - value.length, end };
  });
}

function isUserAndPassword(encoded: string): boolean {
  return /^[\w.@+-]+:[\x21-\x7e]{8,}$/.test(Buffer.from(encoded, "base64").toString("latin1"));
}
