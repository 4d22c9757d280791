import { findAssignedSecrets, isPlaceholder, isSecretName } from "./assignment.js";
import { type Detector, matchesOf, NONE, type Span } from "./detector.js";
import { findRandomTokens } from "./entropy.js";

/** Tokens that their issuers made to be recognised. Each begins with fixed letters and is bounded. */
const ISSUERS: readonly RegExp[] = [
  // AWS, GitHub, GitLab, Slack
  /(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/,
  /gh[pousr]_[A-Za-z0-9]{36,255}/,
  /github_pat_\w{22,255}/,
  /gl(?:pat|dt|rt|ptt|cbt)-[\w.-]{20,255}/,
  /(?:xox[abeoprs]|xapp)-[\w-]{10,255}/,
  // OpenAI, Anthropic and others; a name of words has no digit
  /sk-(?=[A-Za-z_-]{0,60}\d)[\w-]{20,255}/,
  // Stripe, Google, npm, PyPI, Hugging Face, SendGrid, DigitalOcean
  /(?:[rs]k_(?:live|test)|whsec)_[A-Za-z0-9]{16,255}/,
  /AIza[\w-]{35}/,
  /(?:ya29\.|GOCSPX-)[\w-]{20,255}/,
  /npm_[A-Za-z0-9]{36}/,
  /pypi-[\w-]{16,255}/,
  /hf_[A-Za-z0-9]{30,60}/,
  /SG\.[\w-]{16,32}\.[\w-]{16,64}/,
  /dop_v1_[a-f0-9]{64}/,
];
const ISSUED = new RegExp(`(?<![A-Za-z0-9_])(?:${ISSUERS.map(({ source }) => source).join("|")})`, "g");
/** An assignment has so many characters at least, and what is found by its own form so many. */
const SHORTEST = 7;
const SHORTEST_TOKEN = 15;
/** JSON Web Token: two parts that begin with an object in base64url, and a signature, which may be empty. */
const WEB_TOKEN = /(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{4,}(?:\.[\w-]*)?/g;
const BEARER = /\bbearer\s{1,4}(?=[A-Za-z._~+/=-]{0,80}\d)[\w.~+/=-]{16,4096}/gi;
const AUTHORIZATION =
  /\bauthorization["']?\s{0,4}[:=]\s{0,4}["']?(?:(?:bearer|basic|token|digest|apikey)\s{1,4})?[^\s"',;<>{}[\]]{8,4096}/gi;
const KEY_BEGIN = /-----BEGIN (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----/g;
const KEY_END = /-----END (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----/g;
/** The lines of a key that was cut off. */
const KEY_LINES = /(?:(?:\s|\\[nr]){1,8}[A-Za-z0-9+/=]{16,})*/y;

/**
 * Passwords, keys and tokens: those with a known beginning, private keys, credentials in headers, addresses and
 * assignments, values under a name such as "password", and tokens that look drawn by lot.
 */
export const findSecrets: Detector = (text, key) => {
  if (key !== undefined && isSecretName(key) && !isPlaceholder(text)) return [{ start: 0, end: text.length }];
  if (text.length < SHORTEST) return NONE;
  const assigned = [...findAssignedSecrets(text), ...findCredentialsInAddresses(text)];
  if (text.length < SHORTEST_TOKEN) return assigned;
  return [
    ...assigned,
    ...spansOf(text, ISSUED),
    ...spansOf(text, WEB_TOKEN),
    ...[...spansOf(text, BEARER), ...spansOf(text, AUTHORIZATION)].map((span) => ({
      ...span,
      start: lastWordOf(text, span),
    })),
    ...findPrivateKeys(text),
    ...findRandomTokens(text, key),
  ];
};

function spansOf(text: string, pattern: RegExp): readonly Span[] {
  return matchesOf(text, pattern).map(({ 0: found, index }) => ({ start: index, end: index + found.length }));
}

/** Where the credential begins, after the name of its header and scheme. */
function lastWordOf(text: string, { start, end }: Span): number {
  return start + text.slice(start, end).search(/[^\s"':]+$|[^\s"']+$/);
}

function findPrivateKeys(text: string): readonly Span[] {
  if (!text.includes("-----BEGIN ")) return [];
  const ends = spansOf(text, KEY_END);
  const spans: Span[] = [];
  let next = 0;
  let done = 0;
  for (const { start, end } of spansOf(text, KEY_BEGIN)) {
    if (start < done) continue;
    while ((ends[next]?.start ?? text.length) < end) next++;
    done = ends[next]?.end ?? cutOff(text, end);
    if (done > end) spans.push({ start, end: done });
  }
  return spans;
}

function cutOff(text: string, from: number): number {
  KEY_LINES.lastIndex = from;
  KEY_LINES.test(text);
  return Math.max(KEY_LINES.lastIndex, from);
}

/** `scheme://user:password@host`: both of the user's, the rest is no secret. */
function findCredentialsInAddresses(text: string): readonly Span[] {
  const spans: Span[] = [];
  for (let at = text.indexOf("://"); at !== -1; at = text.indexOf("://", at + 3)) {
    const start = at + 3;
    const rest = text.slice(start, start + 512);
    const end = rest.search(/[\s/"'<>`]/);
    const authority = end === -1 ? rest : rest.slice(0, end);
    const sign = authority.lastIndexOf("@");
    const colon = authority.indexOf(":");
    if (colon !== -1 && colon < sign - 1 && !isPlaceholder(authority.slice(colon + 1, sign)))
      spans.push({ start, end: start + sign });
  }
  return spans;
}
