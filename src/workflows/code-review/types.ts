/** The four analyses, which are tools of the code server. */
export const ANALYSES = ["secrets", "dependencies", "complexity", "documentation"] as const;
export type Analysis = (typeof ANALYSES)[number];

/** The worst first. */
export const SEVERITIES = ["critical", "high", "medium", "low"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Something to mend, at a line of a file. */
export interface Finding {
  readonly severity: Severity;
  readonly kind: string;
  readonly file: string;
  readonly line: number;
  readonly title: string;
  /** What was found there: the code, or what a tool said of it. No secret. */
  readonly evidence: string;
  readonly recommendation: string;
}

/** What to do about findings, and how long it takes. */
export interface Action {
  readonly title: string;
  readonly file: string;
  readonly line: number;
  /** Minutes, an hour or two, a day or more. */
  readonly effort: "small" | "medium" | "large";
}

/** A finding before it is weighed against the others. */
export interface Draft extends Finding {
  readonly action: Pick<Action, "title" | "effort">;
  /** Whether the lines around it say more than the evidence. Never of a secret. */
  readonly quotable: boolean;
}
