import { type Detector, NONE, type Span } from "./detector.js";

/** RFC 5321: what may stand before the @, and how much. */
const LONGEST_LOCAL = 64;
const LONGEST_DOMAIN = 253;
const LOCAL = /[\p{L}\p{M}\p{N}.!#$%&'*+/=?^_`{|}~-]/u;
const DOMAIN = /[\p{L}\p{M}\p{N}.-]/u;
const NAME =
  /^(?:[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?\.)+(?:\p{L}[\p{L}\p{M}]{1,62}|xn--[a-z0-9-]{1,59})$/iu;
/** Last parts that are no top-level domain: of files (`icon@2x.png`) and units (`getty@tty1.service`). */
const NO_DOMAIN =
  /\.(?:png|jpe?g|gif|webp|svg|ico|js|mjs|cjs|ts|tsx|jsx|css|scss|html?|json|xml|ya?ml|txt|pdf|jar|whl|tgz|service|socket|timer|target|mount|slice|scope|local(?:host|domain))$/i;

/** E-mail addresses. Not: handles, decorators, versions (`pkg@1.2.3`), pictures for fine screens, git remotes. */
export const findEmails: Detector = (text) => {
  if (!text.includes("@")) return NONE;
  const spans: Span[] = [];
  for (let at = text.indexOf("@"); at !== -1; at = text.indexOf("@", at + 1)) {
    const span = addressAround(text, at);
    if (span !== undefined) spans.push(span);
  }
  return spans;
};

function addressAround(text: string, at: number): Span | undefined {
  let start = at;
  while (start > 0 && at - start < LONGEST_LOCAL && LOCAL.test(text[start - 1] ?? "")) start--;
  // Punctuation around an address, quotes and the like, is none of it, though it might be.
  while (start < at && /[^\p{L}\p{M}\p{N}_+]/u.test(text[start] ?? "")) start++;
  // A value after its name, in a query or a log, is no name with a sign in it.
  start += text.slice(start, at).search(/[^=/?&|`{}]*$/);
  if (start === at || text[start - 1] === "@") return undefined;
  const local = text.slice(start, at);
  if (local.includes("..") || local.endsWith(".")) return undefined;
  let end = at + 1;
  while (end < text.length && end - at <= LONGEST_DOMAIN && DOMAIN.test(text[end] ?? "")) end++;
  while (end > at && /[.-]/.test(text[end - 1] ?? "")) end--;
  const domain = text.slice(at + 1, end);
  if (!NAME.test(domain) || NO_DOMAIN.test(domain) || /^v?\d+\.\d/.test(domain)) return undefined;
  if (local === "git" && text[end] === ":") return undefined;
  return { start, end };
}
