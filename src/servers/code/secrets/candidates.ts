import type { Span } from "../../../middleware/minimise/detector.js";
import { findSecrets } from "../../../middleware/minimise/secret.js";
import { findNamedSecrets } from "./named.js";
import { type Report, secretlint } from "./secretlint.js";

/** Where a secret may stand, and what it would be. */
export interface Candidate extends Span {
  readonly kind: string;
  /**
   * `issued` has a form that only its issuer gives out; `address` is a user and a password in a URL; `assigned` has a
   * name that says so; `random` has nothing but its looks.
   */
  readonly form: (typeof FORMS)[number];
}

/** Candidates that overlap, the surest first, and all that they cover together: none of it may be shown. */
export interface Place extends Span {
  readonly candidates: readonly Candidate[];
}

/** The surest first. */
const FORMS = ["key-block", "issued", "address", "assigned", "random"] as const;
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
/** A name, a sign and perhaps a quotation mark, before a value. */
const NAME_WITHIN = /^["']?[A-Za-z_][\w.-]{0,60}["']?\s{0,20}(?::=|=>|[:=](?!\/\/))\s{0,20}["']?/;
/** What tokens are made of. */
const REST_OF_VALUE = /[\w+/=.~-]*/y;

/** What may be a secret in a text, by Secretlint's rules and by ours, in its order. */
export async function candidatesIn(path: string, text: string): Promise<readonly Place[]> {
  const linted = (await secretlint(path, text)).map((report) => ({
    ...wholeValue(text, report),
    rule: report.rule,
  }));
  const candidates = [
    ...linted.map(({ start, end, rule }) => toCandidate(text, start, end, rule)),
    ...findSecrets(text).map(({ start, end }) => toCandidate(text, start, end)),
    ...findNamedSecrets(text).map(({ start, end }) => named(toCandidate(text, start, end))),
  ].filter(({ start, end }) => start < end);
  return united(candidates.sort((one, other) => one.start - other.start));
}

/** Some of Secretlint's reports begin at the value's name and are as long as the value, others end within it. */
function wholeValue(text: string, { start, end }: Report): Span {
  if (text.startsWith("-----BEGIN", start)) return { start, end };
  const name = NAME_WITHIN.exec(text.slice(start, start + 128))?.[0] ?? "";
  const from = start + name.length;
  REST_OF_VALUE.lastIndex = Math.max(from, end);
  const isEnded = end > from && /["'\s]/.test(text[end - 1] ?? "");
  if (!isEnded) REST_OF_VALUE.test(text);
  return { start: from, end: Math.max(end, REST_OF_VALUE.lastIndex) };
}

/** Each place once, however many see something there. */
function united(sorted: readonly Candidate[]): readonly Place[] {
  const places: { start: number; end: number; candidates: Candidate[] }[] = [];
  for (const candidate of sorted) {
    const last = places.at(-1);
    if (last === undefined || candidate.start >= last.end) {
      places.push({ start: candidate.start, end: candidate.end, candidates: [candidate] });
      continue;
    }
    last.end = Math.max(last.end, candidate.end);
    last.candidates.push(candidate);
  }
  for (const { candidates } of places)
    candidates.sort((one, other) => FORMS.indexOf(one.form) - FORMS.indexOf(other.form));
  return places;
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

function named(candidate: Candidate): Candidate {
  return candidate.form === "random" ? { ...candidate, kind: "password or key" } : candidate;
}

/** `user:password` of `scheme://user:password@host`, or all of it when it has another form. */
function passwordIn(text: string, start: number, end: number): readonly [number, number] {
  const value = text.slice(start, end);
  const from = value.indexOf("://") + 3;
  const sign = value.lastIndexOf("@");
  return sign > from ? [start + from, start + sign] : [start, end];
}
