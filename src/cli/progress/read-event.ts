import { showHidden } from "../../core/hidden.js";
import type { StepStatus } from "./display.js";

/** A step, or something like one, has come further. */
export interface StepChange {
  readonly type?: "step";
  readonly step: string;
  readonly status: StepStatus;
  readonly detail?: string | undefined;
  readonly attempt?: number | undefined;
}

export type Progress =
  | (StepChange & { readonly type: "step" })
  | { readonly type: "hint"; readonly text: string }
  /** What is not settled waits for a person. */
  | { readonly type: "waiting" };

const STATUSES: Readonly<Record<string, StepStatus>> = {
  started: "started",
  retrying: "retrying",
  done: "done",
  failed: "failed",
  skipped: "skipped",
  cancelled: "stopped",
};
const LONGEST_TEXT = 300;

/** What an event of long work says of its progress; undefined for one that says nothing of it, or is not known. */
export function readEvent(event: unknown): Progress | undefined {
  if (typeof event !== "object" || event === null) return undefined;
  const given = event as Readonly<Record<string, unknown>>;
  switch (given.type) {
    case "step":
    case "undo":
      return readStep(given);
    case "source":
      return readSource(given);
    case "progress":
      return { type: "hint", text: hintOf(given) };
    case "run":
      return given.status === "waiting" ? { type: "waiting" } : undefined;
    default:
      return undefined;
  }
}

function readStep(event: Readonly<Record<string, unknown>>): Progress | undefined {
  const { type, step: name, index, status = "done", attempt, detail: said, error } = event;
  const read = typeof status === "string" ? STATUSES[status] : undefined;
  if (read === undefined || typeof name !== "string") return undefined;
  const ofItem = typeof index === "number" && read === "retrying" ? `item ${index}` : undefined;
  const reason = [ofItem, reasonIn(error)].filter((part) => part !== undefined).join(": ");
  const detail = typeof said === "string" ? said : reason;
  return {
    type: "step",
    step: oneLine(`${type === "undo" ? "undo " : ""}${name}${type === "undo" ? itemOf(index) : ""}`),
    status: read,
    ...(detail !== "" && { detail: oneLine(detail) }),
    ...(typeof attempt === "number" && { attempt }),
  };
}

function itemOf(index: unknown): string {
  return typeof index === "number" ? ` ${index}` : "";
}

/** One search of a research. */
function readSource({ source, query, status, passages, error }: Readonly<Record<string, unknown>>): Progress {
  const detail = status === "failed" ? reasonIn(error) : `${passages} passage${passages === 1 ? "" : "s"}`;
  return {
    type: "step",
    step: oneLine(`${source}  "${query}"`),
    status: status === "failed" ? "failed" : "done",
    detail: detail === undefined ? undefined : oneLine(detail),
  };
}

function hintOf({ tool, progress, total, message }: Readonly<Record<string, unknown>>): string {
  const far = total === undefined ? `${progress}` : `${progress} of ${total}`;
  return oneLine([tool, far, message].filter((part) => part !== undefined).join("  "));
}

function reasonIn(error: unknown): string | undefined {
  if (typeof error === "string") return error;
  const { message } = (error ?? {}) as { message?: unknown };
  return typeof message === "string" ? message : undefined;
}

/** Servers have a say in these texts: nothing in them may move a terminal's cursor, or fill it. */
function oneLine(text: string): string {
  const line = showHidden(text)
    .replaceAll(/[\r\n\t]+ */g, " ")
    .trim();
  return line.length <= LONGEST_TEXT ? line : `${line.slice(0, LONGEST_TEXT - 1)}…`;
}
