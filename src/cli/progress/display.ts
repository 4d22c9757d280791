import { toDuration } from "./duration.js";

export type StepStatus = "started" | "retrying" | "done" | "failed" | "skipped" | "waiting" | "stopped";

/** Where progress is shown. */
export interface Display {
  /** `text` is one line, safe for a terminal. */
  show(step: string, status: StepStatus, text: string): void;
  /** What a step is at right now; forgotten when the next comes. */
  hint(text: string): void;
  /** Leaves nothing running. Every step has ended before. */
  close(): Promise<void>;
}

export interface StepFacts {
  readonly detail: string | undefined;
  readonly durationMs: number | undefined;
  /** Of `retrying`: the number of the next attempt. */
  readonly attempt: number | undefined;
}

/** What has become of a step, in words. */
export function textOf(step: string, status: StepStatus, { detail, durationMs, attempt }: StepFacts): string {
  const why = detail === undefined ? "" : `: ${detail}`;
  const found = detail === undefined ? [] : [detail];
  const time = durationMs === undefined ? [] : [toDuration(durationMs)];
  switch (status) {
    case "started":
      return step;
    case "retrying":
      return `${step}  retrying (${attempt})${why}`;
    case "done":
      return [step, ...found, ...time].join("  ");
    case "failed":
      return `${step}  failed${why}`;
    case "waiting":
      return `${step}  waits for a person`;
    default:
      return `${step}  ${status}${why}`;
  }
}
