import type { RecordedError, UndoRecord } from "../../workflows/workflow.js";

/** Why a run failed, with the step, which some errors name themselves. */
export function whyOf({ step, message }: RecordedError): string {
  return step === undefined || message.startsWith(`step '${step}'`) ? message : `step '${step}': ${message}`;
}

/** What became of undoing something. */
export function undoLine({ step, index, status, error }: UndoRecord): string {
  const which = index === undefined ? step : `${step}, item ${index}`;
  if (status === "undone") return `  ✓ undone: ${which}`;
  return `  ✗ not undone: ${which}: ${error?.message ?? "it failed"}`;
}
