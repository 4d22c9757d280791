import { lineNumbers } from "../line-numbers.js";
import { type Candidate, candidatesIn, type Place } from "./candidates.js";
import { excerptOf } from "./excerpt.js";
import { judge, type Verdict } from "./judge.js";

export interface SecretFinding {
  readonly file: string;
  readonly line: number;
  readonly kind: string;
  readonly severity: "critical" | "high" | "medium" | "info";
  /** The line with marks in place of all that may be a secret in it. */
  readonly excerpt: string;
  /** Why it is no more than an example. */
  readonly reason?: string;
}

interface Judged {
  readonly candidate: Candidate;
  readonly verdict: Exclude<Verdict, { readonly is: "nothing" }>;
}

/** More in one file are data: a list of hashes, a dump. */
const MOST_PLACES = 1000;

/** The secrets of one file, in its order; those with a `reason` are examples most likely. */
export async function secretsIn(path: string, text: string): Promise<readonly SecretFinding[]> {
  const places = await candidatesIn(path, text);
  const lineAt = lineNumbers(text);
  return places.slice(0, MOST_PLACES).flatMap((place, index) =>
    judged(place, path, text).map(({ candidate, verdict }): SecretFinding => {
      const found = {
        file: path,
        line: lineAt(candidate.start),
        kind: candidate.kind,
        excerpt: excerptOf(text, places, index),
      };
      return verdict.is === "finding"
        ? { ...found, severity: verdict.severity }
        : { ...found, severity: "info", reason: verdict.reason };
    }),
  );
}

/** Of two that overlap the surer one, if there is anything to it. */
function judged({ candidates }: Place, path: string, text: string): readonly Judged[] {
  const found: Judged[] = [];
  for (const candidate of candidates.slice(0, MOST_PLACES)) {
    const isKnown = found.some(
      ({ candidate: { start, end } }) => candidate.end > start && candidate.start < end,
    );
    const verdict = isKnown ? undefined : judge(candidate, path, text);
    if (verdict !== undefined && verdict.is !== "nothing") found.push({ candidate, verdict });
  }
  return found.sort((one, other) => one.candidate.start - other.candidate.start);
}
