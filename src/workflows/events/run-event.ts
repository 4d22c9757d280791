import { type ErrorCode, isBatonError, reasonOf } from "../../core/errors.js";
import type { CompiledRule } from "./check.js";
import type { ClaimedRun, Journal } from "./journal.js";
import type { EventRun, EventRunOutcome, RunNamedWorkflow } from "./types.js";

/** How one attempt ended. */
export type AttemptEnd = { readonly kind: "done" | "skipped" | "waiting" | "due" } | AttemptFailure;

export interface AttemptFailure {
  readonly kind: "failed";
  readonly error: NonNullable<EventRun["error"]>;
  /** Another attempt would meet the same. */
  readonly isFinal: boolean;
  /** The workflow's run is over: another attempt is another run. */
  readonly anew: boolean;
}

/** Errors that the same run meets again, however often it is tried. */
const FINAL: ReadonlySet<ErrorCode> = new Set(["CONFIG_INVALID", "INVALID_ARGUMENTS", "DEFINITION_CHANGED"]);
/** Why a workflow was undone that may do better later. What a person or a rule has decided is none of them. */
const PASSING: ReadonlySet<string | undefined> = new Set<ErrorCode>([
  "CIRCUIT_OPEN",
  "CONNECT_FAILED",
  "NOT_CONNECTED",
  "OVERLOADED",
  "RATE_LIMITED",
  "STORE",
  "TIMEOUT",
  "UPSTREAM",
]);

/** One attempt of a rule's run: its condition, its input, its workflow. Throws only what the journal throws. */
export async function runEvent(
  run: ClaimedRun,
  rule: CompiledRule | undefined,
  journal: Pick<Journal, "keepInput">,
  runWorkflow: RunNamedWorkflow,
  signal: AbortSignal,
): Promise<AttemptEnd> {
  if (rule === undefined) {
    const message = `there is no rule or schedule '${run.rule}' any more: add it again, then retry`;
    return { kind: "failed", error: { code: "CONFIG_INVALID", message }, isFinal: true, anew: false };
  }
  if (run.event === undefined) {
    const message = "its event cannot be read: the journal is damaged; send the event again under another id";
    return { kind: "failed", error: { code: "STORE", message }, isFinal: true, anew: false };
  }
  let input = run.input;
  if (input === null) {
    const found = await inputOf(run.event, rule);
    if (typeof found !== "string") return found;
    input = found;
    // Kept, as an attempt after a crash must not begin with another one.
    journal.keepInput(run.sequence, input);
  }
  try {
    const outcome = await runWorkflow(rule.workflow, {
      id: run.id,
      input: JSON.parse(input),
      wasWaiting: run.wasWaiting,
      signal,
    });
    return endOf(outcome, rule.workflow);
  } catch (error) {
    const isFinal = isBatonError(error) && FINAL.has(error.code);
    // An input that does not fit was never taken: a rule that was corrected may give another.
    const anew = isBatonError(error, "INVALID_ARGUMENTS");
    return { kind: "failed", error: toError(error), isFinal, anew };
  }
}

/** As JSON, or how the run ends without one. */
async function inputOf(
  { receivedAt, ...context }: NonNullable<ClaimedRun["event"]>,
  { when, input }: CompiledRule,
): Promise<string | AttemptEnd> {
  try {
    if (when !== undefined && (await when.evaluate(context, { at: receivedAt })) !== true)
      return { kind: "skipped" };
    return JSON.stringify(await input.evaluate(context, { at: receivedAt }));
  } catch (error) {
    return { kind: "failed", error: toError(error), isFinal: true, anew: false };
  }
}

function endOf({ status, error }: EventRunOutcome, workflow: string): AttemptEnd {
  if (status === "done" || status === "waiting" || status === "due") return { kind: status };
  const { code, message = `the workflow '${workflow}' does not say why` } = error ?? {};
  const rest = status === "undone" ? "all of it was undone" : "and not all of it could be undone";
  // What is half undone needs a person's eye before it begins anew.
  const isFinal = status === "failed" || !PASSING.has(code);
  const kept = { ...(code !== undefined && { code }), message: `${message} (${rest})` };
  return { kind: "failed", error: kept, isFinal, anew: true };
}

function toError(error: unknown): NonNullable<EventRun["error"]> {
  return isBatonError(error) ? { code: error.code, message: error.message } : { message: reasonOf(error) };
}
