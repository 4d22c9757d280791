/** What a warning is about. */
export type WarningCode =
  | "AUDIT"
  | "BUDGET"
  | "CONFIG"
  | "EMBEDDINGS"
  | "FLOOD"
  | "LEFT_OUT"
  | "REPORT"
  | "SERVER_DOWN"
  | "STORE";

/** Node's own way to warn, for programs that listen to nothing else: `process.on("warning")` hears it. */
export function emitWarning(warning: string, code: WarningCode): void {
  process.emitWarning(warning, { type: "LangbatonWarning", code });
}
