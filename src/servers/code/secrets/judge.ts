import { extname } from "node:path";
import { isPlaceholder, isSecretName } from "../../../middleware/minimise/assignment.js";
import { isExamplePath } from "../example-path.js";
import { AWS, type Candidate } from "./candidates.js";
import { isDrawnByLot, isMechanical } from "./drawn-by-lot.js";

export type Verdict =
  | { readonly is: "finding"; readonly severity: "critical" | "high" | "medium" }
  | { readonly is: "example"; readonly reason: string }
  | { readonly is: "nothing" };

const NOTHING: Verdict = { is: "nothing" };
/** What other scanners take as "somebody has looked at it". */
const ACCEPTED = /secretlint-disable-line|gitleaks:allow|pragma: allowlist secret|\bnosec\b/;
const ACCEPTED_NEXT = /secretlint-disable-next-line|pragma: allowlist nextline secret/;
/** Files in which a value stands without quotes. Elsewhere such a "value" is a part of the program. */
const PLAIN_VALUES = new Set(
  " .bash .cfg .conf .env .ini .properties .sh .tfvars .toml .yaml .yml .zsh".split(" "),
);
/** Checksums, versions and generated data: random by trade. */
const RANDOM_BY_TRADE =
  /(?:^|[/.-])(?:lock|lockb|sum|map|svg|snap|csv|pem\.pub|pub)$|-lock\.(?:json|ya?ml)$|\.min\.[cm]?js$/;
const STANDS_FOR_ONE =
  /example|sample|dummy|fake|mock|placeholder|change[_-]?me|redacted|invalid|insecure|not[_-]?(?:a[_-]?)?(?:real|secret)|your[_-]|foobar|x{4,}|\*{3,}|\.{3}|…|hunter2|s3cr3t|passw0rd|deadbeef|cafebabe|(?:0123|1234)5|(?:^|[_-])test(?:ing)?(?:[_-]|$)/i;
/** Published by their issuers to be shown. */
const PUBLISHED = new Set([
  "AKIAIOSFODNN7EXAMPLE",
  "AKIAI44QH8DHBEXAMPLE",
  "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
  "sk_test_4eC39HqLyjWDarjtT1zdp7dc",
  "sk_test_BQokikJOvBiI2HlWgH4olfQ2",
]);
/** jwt.io's: John Doe, 1234567890. */
const PUBLISHED_TOKEN = /\.eyJzdWIiOiIxMjM0NTY3ODkwIi/;
const LOCAL_HOST =
  /^@(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1\]|host\.docker\.internal|[\w-]+(?![\w.-])|[\w.-]*\bexample(?:\.\w+)?\b|[\w.-]+\.(?:test|invalid|local|localhost))/i;
const USUAL_PASSWORD =
  /^(?:user(?:name)?|admin|root|postgres|guest|me|app|test|mysql|redis|rabbitmq|mongo|sa)?:(?:\W*|pass(?:word)?|pwd|pw|secret|postgres|root|admin|guest|test|user|mysql|redis|rabbitmq|mongo|toor|token|key|p|pw?d?|x+|\w{1,3})$/i;
/** Marks and regular expressions. A password may have any of these signs, but not as these stand. */
const FILLED_IN_LATER =
  /\$[{(]|^(?:\w*:)?\$[A-Za-z_]|\{[\w.-]*\}|\{\{|<[\w .-]*>|^(?:\w*:)?%\w|\\[wdsS]|\[[A-Za-z0-9]-[A-Za-z0-9]/;
/** Where the value is, and not the value. */
const REFERENCE =
  /^(?:vault|env|file|arn|ssm|op|gcp-?sm|sops|ref\+\w+|(?:aws-?)?secrets?-?manager|azure-?key-?vault)[:(]|^projects\/[\w-]+\/secrets\//i;
const VERSION = /^[\^~<>=v ]*\d+(?:\.[\dx*]+){1,3}(?:-[\w.]+)?$/;
/** A name, a label: nobody draws one by lot, and a password that is one goes unseen. */
const JOINED_WORDS =
  /^(?:[a-z]+|[A-Z]+|[A-Z][a-z]+)\d{0,4}(?:[-_./:#](?:(?:[a-z]+|[A-Z]+|[A-Z][a-z]+)\d{0,4}|v?\d{1,4}))+$/;
/** Of a blockchain: everybody knows it. */
const CHAIN_ADDRESS = /^0x[0-9a-f]{40}$/i;
/** Of names that end in "secret" or "token", those of what is no secret. */
const NAME_OF_ANOTHER = /(?:PublicKeyToken|(?:existing|tls|pull)_?-?secrets?)["']?\s*[:=]\s*["']?$/i;
/** So far around a place its line is looked at. */
const AROUND = 1000;
const KEY_BODY = /-----BEGIN[^-]+-----([\s\S]*?)(?:-----END|$)/;
/** The shortest key, Ed25519 in PKCS 8, has 64 letters. */
const SHORTEST_KEY_BODY = 60;
/** A password has so many characters, or nobody would call it one. */
const SHORTEST_PASSWORD = 8;

/**
 * Decides what may be a secret by what it is made of, what stands around it and where it lies. A token that is drawn by
 * lot and has its issuer's form is a finding wherever it lies: one that was pasted into a test has leaked as well.
 */
export function judge(candidate: Candidate, path: string, text: string): Verdict {
  const { start, end, form } = candidate;
  const value = text.slice(start, end);
  const line = lineAround(text, start);
  if (ACCEPTED.test(line.text) || ACCEPTED_NEXT.test(line.before)) return NOTHING;
  const isShown = isExamplePath(path);
  if (form === "key-block") return judgeKey(value, isShown);
  if (isPlaceholder(value) || FILLED_IN_LATER.test(value)) return NOTHING;
  if (/\bENC\[[A-Z0-9_]+,[^\]]*$/.test(text.slice(Math.max(0, start - AROUND), start))) return NOTHING;
  if (RANDOM_BY_TRADE.test(path) && form !== "issued") return NOTHING;
  // The beginning that all of its kind have, of one that is made up at run time.
  if (/^(?:\$\{|["'`]\s*\+)/.test(text.slice(end, end + 8))) return NOTHING;
  if (form === "random" && !isSecretLine(line.text)) return NOTHING;
  if (form === "assigned" && !isValue(text, start, end, path)) return NOTHING;
  const reason = reasonForExample(candidate, value, text.slice(end, end + 80));
  if (reason !== undefined) return { is: "example", reason };
  const isStrong = isDrawn(bodyOf(value));
  if (form === "issued") {
    // One in thirty keys of AWS has no digit, and nothing else is of that form.
    const isKey = isStrong || (candidate.kind === AWS && !isShown && !isMechanical(bodyOf(value)));
    if (isKey) return { is: "finding", severity: isShown ? "medium" : "critical" };
    return { is: "example", reason: "has the form of a key, and its letters are not drawn by lot" };
  }
  if (isShown) return { is: "example", reason: "lies among tests, examples or documentation" };
  return { is: "finding", severity: isStrong || form === "address" ? "high" : "medium" };
}

function judgeKey(value: string, isShown: boolean): Verdict {
  const body = (KEY_BODY.exec(value)?.[1] ?? value).replace(/\\n|\s|^[\w-]+:.*$/gm, "");
  if (body.length < SHORTEST_KEY_BODY || !isDrawnByLot(body.slice(0, 400)))
    return { is: "example", reason: "has a private key's frame without a key in it" };
  return { is: "finding", severity: isShown ? "medium" : "critical" };
}

function reasonForExample({ form }: Candidate, value: string, after: string): string | undefined {
  if (PUBLISHED.has(value) || PUBLISHED_TOKEN.test(value)) return "is published as an example by its issuer";
  if (/^[rs]k_test_/.test(value)) return "is a key of Stripe's test mode";
  if (STANDS_FOR_ONE.test(bodyOf(value))) return "says of itself that it stands for another";
  if (form === "address" && (LOCAL_HOST.test(after) || USUAL_PASSWORD.test(value)))
    return "is a usual password, or one for this machine";
  return undefined;
}

/** Whether what is assigned is the value itself, and could be a password. */
function isValue(text: string, start: number, end: number, path: string): boolean {
  const value = text.slice(start, end);
  const isQuoted = /["'`]/.test(text[start - 1] ?? "") || /["'`]/.test(text[end] ?? "");
  const isInText = /\bbearer\s+$/i.test(text.slice(Math.max(0, start - 12), start));
  const isPlain = PLAIN_VALUES.has(extname(path)) || /(?:^|\/)\.env(?:\.|$)/.test(path);
  if (!isQuoted && !isInText && !isPlain && !isInConnection(text, start, end)) return false;
  if (value.length < SHORTEST_PASSWORD || /\s/.test(value)) return false;
  if (NAME_OF_ANOTHER.test(text.slice(Math.max(0, start - 48), start))) return false;
  if (REFERENCE.test(value) || JOINED_WORDS.test(value) || CHAIN_ADDRESS.test(value)) return false;
  // A word is a field's name or a kind, as in `token: "access_token"`.
  return /\d/.test(value) && /[A-Za-z]/.test(value) && !VERSION.test(value);
}

/** Between semicolons, as in `Server=db;Password=...;Encrypt=true`, and no name of a program. */
function isInConnection(text: string, start: number, end: number): boolean {
  const isBetween =
    /;\s{0,3}[\w ]{1,40}=\s?$/.test(text.slice(Math.max(0, start - 48), start)) ||
    /^;\s{0,3}[\w ]{1,40}=/.test(text.slice(end, end + 48));
  const value = text.slice(start, end);
  return isBetween && (!/^[A-Za-z_]\w*$/.test(value) || isDrawnByLot(value));
}

function isSecretLine(line: string): boolean {
  const names = line.match(/[A-Za-z_][\w-]*/g) ?? [];
  return names.some((name) => name.length < 40 && (isSecretName(name) || /^auth|credential/i.test(name)));
}

/** Without the letters that its issuer puts before every one. */
function bodyOf(value: string): string {
  return value.replace(
    /^(?:AKIA|ASIA|gh[pousr]_|github_pat_|gl[a-z]+-|xox[a-z]-|xapp-|sk-ant-(?:api\d+-)?|sk-(?:proj-)?|[rs]k_(?:live|test)_|whsec_|AIza|npm_|pypi-|hf_|SG\.|dop_v1_)/,
    "",
  );
}

/** All of it, or one of the parts that it is put together of: a number of the account may stand before the key. */
function isDrawn(body: string): boolean {
  return isDrawnByLot(body) || body.split(/[-._]/).some((part) => part.length >= 20 && isDrawnByLot(part));
}

/** The line of a place, and the one before: of a very long one, what is near. */
function lineAround(text: string, at: number): { readonly text: string; readonly before: string } {
  const lines = text.slice(Math.max(0, at - AROUND), at).split("\n");
  const rest = text.slice(at, at + AROUND);
  const end = rest.indexOf("\n");
  return {
    text: (lines.at(-1) ?? "") + (end === -1 ? rest : rest.slice(0, end)),
    before: lines.at(-2) ?? "",
  };
}
