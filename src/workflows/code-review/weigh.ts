import type { Answers } from "./answers.js";
import { draftComplexity } from "./draft-complexity.js";
import { draftDependencies } from "./draft-dependencies.js";
import { draftDocumentation } from "./draft-documentation.js";
import { draftSecrets } from "./draft-secrets.js";
import { type Action, type Draft, type Finding, SEVERITIES } from "./types.js";

/** More than a person works off after one review. */
const MOST_FINDINGS = 15;
/** So that many of one kind do not hide the others. */
const MOST_OF_KIND: Readonly<Record<string, number>> = {
  secret: 10,
  dependency: 6,
  complexity: 5,
  syntax: 3,
  documentation: 5,
};

export interface Weighed {
  readonly drafts: readonly Draft[];
  /** How many there were beside these. */
  readonly leftOut: number;
}

/** What was found, the worst first: each once, and no more than a person reads. */
export function weigh(answers: Answers): Weighed {
  const all = [
    ...(answers.secrets ? draftSecrets(answers.secrets) : []),
    ...(answers.dependencies ? draftDependencies(answers.dependencies) : []),
    ...(answers.complexity ? draftComplexity(answers.complexity) : []),
    ...(answers.documentation ? draftDocumentation(answers.documentation) : []),
  ];
  const distinct = [
    ...new Map(all.map((one) => [`${one.kind} ${one.title} ${one.file}:${one.line}`, one])).values(),
  ];
  // Stable: within a severity, secrets come before documentation.
  distinct.sort((one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity));
  const counts = new Map<string, number>();
  const drafts = distinct
    .filter(({ kind }) => {
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      return count <= (MOST_OF_KIND[kind] ?? MOST_FINDINGS);
    })
    .slice(0, MOST_FINDINGS);
  const unlisted = (answers.secrets?.totalFindings ?? 0) - (answers.secrets?.findings.length ?? 0);
  return { drafts, leftOut: distinct.length - drafts.length + Math.max(0, unlisted) };
}

/** Whatever could be read of the code stands in place of what a tool said of it. */
export function toFinding(draft: Draft, quotes: Readonly<Record<string, string>>): Finding {
  const { action: _, quotable, ...finding } = draft;
  const quote = quotable ? quotes[placeOf(draft)] : undefined;
  return quote === undefined ? finding : { ...finding, evidence: `${finding.evidence}\n${quote}` };
}

export function toAction({ action, file, line }: Draft): Action {
  return { ...action, file, line };
}

export function placeOf({ file, line }: { readonly file: string; readonly line: number }): string {
  return `${file}:${line}`;
}
