import { hashJson } from "../../core/canonical.js";
import { showHidden } from "../../core/hidden.js";
import { quoted } from "../../middleware/approve/request.js";
import type { Risk } from "../../middleware/approve.js";
import type { ApprovalQuestion } from "../approval.js";
import { tryUntilDone } from "./attempts.js";
import { toRetry } from "./compile.js";
import { type Args, argumentsOf, evaluate, toArguments } from "./perform.js";
import { pick } from "./pick.js";
import type { Plan } from "./plan.js";
import type { StepRun } from "./run-step.js";
import type { ApproveStep } from "./step.js";

const DAY_MS = 86_400_000;
const PREVIEW_MS = 30_000;

/**
 * A question as it lies in the checkpoint, with what tells its answers from those to others. LangGraph hands out all that
 * a task ever received by order alone, and a value without an interrupt's id to every task that waits, also to later ones:
 * so a value counts only for a question that was asked before it came, at its place.
 */
export interface Asked extends ApprovalQuestion {
  /** What is agreed to, by the step that it is of. */
  readonly holds: Holds;
  /** Its place among the interrupts of the task. */
  readonly position: number;
  /** Hashes of values that lay there before it was asked. */
  readonly earlier: readonly string[];
}

/** What is agreed to, by the step that it is of. */
export type Holds = Readonly<Record<string, Args>>;

/** The question as it is asked first. */
export async function firstQuestion(run: StepRun, plan: Plan, risk: Risk): Promise<Asked> {
  const { compiled, scope, clock, deadline = Number.POSITIVE_INFINITY } = run;
  const { by, people = 1, timeoutMs = DAY_MS } = (compiled.step as ApproveStep).approve;
  return described(
    {
      // Written with the rest, as they change with the arguments.
      actionRequests: [{ name: "", args: {}, description: "" }],
      reviewConfigs: [{ actionName: "", allowedDecisions: [] }],
      workflow: plan.name,
      run: scope.run.id,
      step: compiled.name,
      risk,
      ...(by === undefined ? {} : { by }),
      people,
      agreed: [],
      hash: "",
      expiresAt: Math.min(clock.now() + timeoutMs, deadline),
      holds: await heldBy(run, plan),
      position: 0,
      earlier: [],
    },
    run,
  );
}

/** What would be agreed to. */
async function heldBy(run: StepRun, plan: Plan): Promise<Holds> {
  const { compiled, scope } = run;
  const { args } = (compiled.step as ApproveStep).approve;
  if (compiled.expressions.args) {
    const value = await evaluate(compiled.expressions.args, scope, compiled.name);
    return { [compiled.name]: toArguments(value, `step '${compiled.name}', approve.args`) };
  }
  if (typeof args === "object") return { [compiled.name]: args };
  const guarded = await Promise.all(
    compiled.guarded.map(async (name) => {
      const step = plan.byName.get(name);
      return [name, step === undefined ? {} : ((await argumentsOf(step, scope)) as Args)] as const;
    }),
  );
  return Object.fromEntries(guarded);
}

/** The question in words for a person, in which nothing is hidden from them. */
export async function described(question: Asked, run: StepRun, note?: string): Promise<Asked> {
  const { workflow, step, risk, holds, people, agreed, run: id } = question;
  const [only] = Object.entries(holds);
  const isOne = only !== undefined && Object.keys(holds).length === 1;
  const tool = isOne ? run.compiled.guardedTools.get(only[0]) : undefined;
  const name = tool ?? step;
  const args = isOne ? only[1] : holds;
  const names = agreed.flatMap(({ by }) => by ?? []).join(", ");
  const description = [
    `The workflow ${quoted(workflow)} asks for approval at its step ${quoted(step)}, in run ${quoted(id)}. Risk: ${risk}.`,
    ...(note === undefined ? [] : [`A decision came that does not count: ${note}.`]),
    ...(people === 1 ? [] : [`${agreed.length} of ${people} people have agreed${names && `: ${names}`}.`]),
    ...(Object.keys(holds).length === 0 ? [] : [`${name}: ${quoted(args)}`]),
    ...(await previewOf(run, holds)),
  ];
  return {
    ...question,
    actionRequests: [{ name, args, description: description.map(showHidden).join("\n\n") }],
    reviewConfigs: [
      { actionName: name, allowedDecisions: tool ? ["approve", "edit", "reject"] : ["approve", "reject"] },
    ],
  };
}

/** What the preview tool says. One that fails must not keep people from deciding. */
async function previewOf(run: StepRun, holds: Holds): Promise<readonly string[]> {
  const { compiled, scope, config, clock, key } = run;
  const { previewTool, name, expressions } = compiled;
  if (previewTool === undefined) return [];
  const tried = await tryUntilDone(
    async ({ key: ownKey, signal }) => {
      const args = expressions.previewArgs
        ? toArguments(
            await evaluate(expressions.previewArgs, scope, name),
            `step '${name}', approve.preview.args`,
          )
        : pick(previewTool, scope.input, ...Object.values(holds));
      return previewTool.call(args, { key: ownKey, signal, threadId: scope.run.id, config });
    },
    {
      what: `the preview of step '${name}'`,
      // Read-only, so that nothing is done under it; what is asked about may change by an edit.
      key: `${key}/preview/${hashJson(holds).slice(0, 16)}`,
      retry: toRetry(0),
      timeoutMs: PREVIEW_MS,
      deadline: undefined,
      signal: config.signal,
      clock,
      notes: run.notes,
      isUndoable: false,
      onRetry: () => {},
    },
  );
  if (tried.status === "failed") return [`There is no preview: ${tried.error.message}`];
  return [
    `Preview, ${previewTool.name}: ${typeof tried.value === "string" ? tried.value : quoted(tried.value)}`,
  ];
}
