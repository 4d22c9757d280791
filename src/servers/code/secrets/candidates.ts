import { findSecrets } from "../../../middleware/minimise/secret.js";
import { secretlint } from "./secretlint.js";

/** Where a secret may stand, and what it would be. */
export interface Candidate {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
  /**
   * `issued` has a form that only its issuer gives out; `address` is a user and a password in a URL; `assigned` has a
   * name that says so; `random` has nothing but its looks.
   */
  readonly form: "issued" | "key-block" | "address" | "assigned" | "random";
}

export const AWS = "AWS access key";
const RULES: readonly (readonly [RegExp, string])[] = [
  [/^(?:AKIA|ASIA)[A-Z0-9]{16}$/, AWS],
  [/^(?:gh[pousr]_|github_pat_)/, "GitHub token"],
  [/^gl(?:pat|dt|rt|ptt|cbt)-/, "GitLab token"],
  [/^(?:xox[abeoprs]|xapp)-/, "Slack token"],
  [/^sk-ant-/, "Anthropic key"],
  [/^sk-/, "OpenAI-style key"],
  [/^(?:[rs]k_(?:live|test)|whsec)_/, "Stripe key"],
  [/^(?:AIza|ya29\.|GOCSPX-)/, "Google key"],
  [/^npm_/, "npm token"],
  [/^pypi-/, "PyPI token"],
  [/^hf_/, "Hugging Face token"],
  [/^SG\./, "SendGrid key"],
  [/^dop_v1_/, "DigitalOcean token"],
  [/^eyJ[\w-]+\.eyJ/, "JSON Web Token"],
];
const NAME_BEFORE = /[A-Za-z_][\w.-]{0,40}["']?\s{0,3}(?::=|=>|[:=])\s{0,3}["']?$/;

/** What may be a secret in a text, by Secretlint's rules and by ours; where both see one, by the first of them. */
export async function candidatesIn(path: string, text: string): Promise<readonly Candidate[]> {
  const linted = (await secretlint(path, text))
    .filter(({ start, end }) => start < end)
    .map(({ rule, start, end }) => toCandidate(text, start, end, rule));
  const own = findSecrets(text).map(({ start, end }) => toCandidate(text, start, end));
  const found: Candidate[] = [];
  for (const candidate of [...linted, ...own])
    if (found.every(({ start, end }) => candidate.end <= start || candidate.start >= end))
      found.push(candidate);
  return found.sort((one, other) => one.start - other.start);
}

function toCandidate(text: string, start: number, end: number, rule = ""): Candidate {
  const value = text.slice(start, end);
  const issued = RULES.find(([pattern]) => pattern.test(value))?.[1];
  if (issued !== undefined) return { start, end, kind: issued, form: "issued" };
  if (/^-----BEGIN/.test(value)) return { start, end, kind: "private key", form: "key-block" };
  const isUrl = /^[a-z][\w+.-]*:\/\//i.test(value);
  if (isUrl || (text[end] === "@" && text.slice(start - 3, start) === "://")) {
    const [from, to] = isUrl ? passwordIn(text, start, end) : [start, end];
    return { start: from, end: to, kind: "password in an address", form: "address" };
  }
  if (rule !== "") return { start, end, kind: `${rule} credential`, form: "issued" };
  const before = text.slice(Math.max(0, start - 48), start);
  if (/\bbearer\s+$/i.test(before)) return { start, end, kind: "bearer token", form: "assigned" };
  if (NAME_BEFORE.test(before)) return { start, end, kind: "password or key", form: "assigned" };
  return { start, end, kind: "random token", form: "random" };
}

/** `user:password` of `scheme://user:password@host`, or all of it when it has another form. */
function passwordIn(text: string, start: number, end: number): readonly [number, number] {
  const value = text.slice(start, end);
  const from = value.indexOf("://") + 3;
  const sign = value.lastIndexOf("@");
  return sign > from ? [start + from, start + sign] : [start, end];
}
