import { type Candidate, candidatesIn } from "./candidates.js";
import { judge } from "./judge.js";

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

const LONGEST_EXCERPT = 120;

/** The secrets of one file, in its order; those with a `reason` are examples most likely. */
export async function secretsIn(path: string, text: string): Promise<readonly SecretFinding[]> {
  const candidates = await candidatesIn(path, text);
  return candidates.flatMap((candidate): readonly SecretFinding[] => {
    const verdict = judge(candidate, path, text);
    if (verdict.is === "nothing") return [];
    const place = {
      file: path,
      line: text.slice(0, candidate.start).split("\n").length,
      kind: candidate.kind,
      excerpt: excerptOf(text, candidate, candidates),
    };
    return [
      verdict.is === "finding"
        ? { ...place, severity: verdict.severity }
        : { ...place, severity: "info", reason: verdict.reason },
    ];
  });
}

/** A secret's first letters are shown to no one either: who rotates keys knows them by file and line. */
function excerptOf(text: string, { start }: Candidate, candidates: readonly Candidate[]): string {
  const from = text.lastIndexOf("\n", start - 1) + 1;
  const lineEnd = text.indexOf("\n", start);
  const to = lineEnd === -1 ? text.length : lineEnd;
  let shown = "";
  let at = from;
  for (const each of candidates) {
    if (each.end <= from || each.start >= to) continue;
    shown += `${text.slice(at, Math.max(at, each.start))}[${each.kind}, ${each.end - each.start} characters]`;
    at = each.end;
  }
  shown = (shown + text.slice(at, Math.max(at, to))).trim();
  return shown.length > LONGEST_EXCERPT ? `${shown.slice(0, LONGEST_EXCERPT)}…` : shown;
}
