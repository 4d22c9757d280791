import type { Display, StepStatus } from "./display.js";

/** Nothing for a start: a line comes when there is something to tell. */
const MARKS: Readonly<Partial<Record<StepStatus, string>>> = {
  retrying: "…",
  done: "✓",
  failed: "✗",
  skipped: "-",
  waiting: "?",
  stopped: "-",
};

/** A line for each change, for a log or a pipe. */
export function plainDisplay(stream: NodeJS.WritableStream): Display {
  return {
    show(_step, status, text) {
      const mark = MARKS[status];
      if (mark !== undefined) stream.write(`${mark} ${text}\n`);
    },
    hint() {},
    async close() {},
  };
}
