import type { Command } from "commander";
import { BatonError } from "../core/errors.js";
import type { ApprovalDecision } from "../middleware/approve.js";
import type { PendingApproval } from "../workflows/run.js";
import { note, print, printJson } from "./output.js";
import { parseJson } from "./pairs.js";
import { withProgress } from "./progress.js";
import { describeQuestion, idOf } from "./workflow/describe-question.js";
import {
  lookAt,
  type OpenWorkflow,
  type RunsOptions,
  throwIfMissing,
  withRunsOptions,
  withWorkflows,
} from "./workflow/runs.js";
import { tellOutcome } from "./workflow/tell-outcome.js";
import { whyOf } from "./workflow/why.js";

interface DecisionOptions extends RunsOptions {
  readonly by: string;
  readonly edit?: string;
  readonly message?: string;
}

export function addApprovals(program: Command): void {
  const approvals = program
    .command("approvals")
    .description("what workflows wait for people with, and their answers");
  withRunsOptions(
    approvals
      .command("list", { isDefault: true })
      .description("list what waits, over all runs; what nobody decided in time is rejected")
      .argument("<files...>", "workflows: JSON or JSONC"),
  ).action(list);
  withDecision(approvals.command("approve").description("agree, and have the run go on"))
    .option("--edit <json>", "agree to other arguments: all of them, as one JSON object")
    .action((file: string, id: string, options: DecisionOptions) => decideOn(file, id, "approve", options));
  withDecision(approvals.command("reject").description("refuse, and have the run undo what it has done"))
    .option("--message <text>", "why")
    .action((file: string, id: string, options: DecisionOptions) => decideOn(file, id, "reject", options));
}

function withDecision(command: Command): Command {
  return withRunsOptions(
    command
      .argument("<file>", "the workflow: JSON or JSONC")
      .argument("<id>", "the approval's id, as listed"),
  ).requiredOption("--by <name>", "who decides");
}

async function list(files: readonly string[], options: RunsOptions): Promise<void> {
  const { listApprovals, expireApprovals } = await import("../workflows/inbox.js");
  const graphsOf = (all: readonly OpenWorkflow[]) => all.map(({ graph }) => graph);
  const found = await lookAt(files, options, (all) => listApprovals(graphsOf(all)));
  const now = Date.now();
  const open = found.filter(({ expiresAt }) => expiresAt > now);
  if (options.json) printJson(open.map((approval) => ({ id: idOf(approval, found), ...approval })));
  else
    print(
      open.length === 0
        ? "nothing waits for a person"
        : open.map((one) => inWords(one, found, now)).join("\n\n"),
    );
  const late = found.filter((approval) => !open.includes(approval));
  if (late.length === 0) return;
  // What was done before is undone, and that takes the servers.
  const outcomes = await withWorkflows(files, options, (all, signal) =>
    expireApprovals(graphsOf(all), { signal }),
  );
  for (const { id, status, error } of outcomes)
    note(`run '${id}': ${error === undefined ? "nobody decided in time" : whyOf(error)}; ${status}`);
}

function inWords(approval: PendingApproval, all: readonly PendingApproval[], now: number): string {
  return [...describeQuestion(approval, now), `  id: ${idOf(approval, all)}`].join("\n");
}

function decideOn(
  file: string,
  id: string,
  type: "approve" | "reject",
  options: DecisionOptions,
): Promise<void> {
  throwIfMissing(options.threads);
  return withWorkflows([file], options, async ([open], signal) => {
    if (open === undefined) return;
    const { decide, listApprovals } = await import("../workflows/inbox.js");
    const waiting = await listApprovals([open.graph], { signal });
    const question = waiting.find((approval) => (approval.hash || approval.interrupt).startsWith(id));
    const decision = toDecision(type, options, question);
    const outcome = await withProgress((onEvent) =>
      decide([open.graph], {
        approval: id,
        decision,
        signal,
        onEvent,
        ...(question && { runs: [question.run] }),
      }),
    );
    if (question) throwIfNotCounted(question, outcome.approvals, options.by);
    tellOutcome(open, outcome, options, type === "reject" ? "undone" : "done");
  });
}

function toDecision(
  type: "approve" | "reject",
  { by, edit, message }: DecisionOptions,
  question: PendingApproval | undefined,
): ApprovalDecision {
  if (type === "reject") return { type, by, ...(message !== undefined && { message }) };
  if (edit === undefined) return { type, by };
  const parsed = parseJson(edit)?.value;
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw new BatonError(
      "INVALID_ARGUMENTS",
      "--edit takes all arguments as one JSON object: check quotes and commas",
    );
  const name = question?.actionRequests[0].name ?? "";
  return { type: "edit", by, editedAction: { name, args: parsed as Readonly<Record<string, unknown>> } };
}

const NOT_COUNTED = /^A decision came that does not count: (.*)\.$/m;

/** A decision of somebody who may not decide leaves the question as it was, but for the reason. */
function throwIfNotCounted(
  { run, step }: PendingApproval,
  after: readonly PendingApproval[],
  by: string,
): void {
  const still = after.find((approval) => approval.run === run && approval.step === step);
  if (still === undefined || still.agreed.some((agreement) => agreement.by === by)) return;
  const [, reason = "it still waits"] = NOT_COUNTED.exec(still.actionRequests[0].description) ?? [];
  throw new BatonError("DENIED", `the decision on step '${step}' of run '${run}' does not count: ${reason}`, {
    data: { run, step, by },
  });
}
