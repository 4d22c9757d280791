import { hashJson } from "../../core/canonical.js";
import { BatonError } from "../../core/errors.js";
import { showHidden } from "../../core/hidden.js";
import { readResponse } from "../../middleware/approve/request.js";
import { currentTask, type Resumed, type Task } from "../../middleware/approve/task.js";
import type { ApprovalDecision, Risk } from "../../middleware/approve.js";
import type { Agreement, ApprovalQuestion } from "../approval.js";
import { tryUntilDone } from "./attempts.js";
import { toRetry } from "./compile.js";
import { type Args, argumentsOf, evaluate, toArguments } from "./perform.js";
import { pick } from "./pick.js";
import type { Plan } from "./plan.js";
import type { StepRecord } from "./record.js";
import { isWanted, type StepRun } from "./run-step.js";
import type { ApprovalRule, ApproveStep } from "./step.js";

const DAY_MS = 86_400_000;
const PREVIEW_MS = 30_000;
const RISKS: readonly Risk[] = ["low", "medium", "high"];

/**
 * A question as it lies in the checkpoint, with what tells its answers from those to others. LangGraph hands out all that
 * a task ever received by order alone, and a value without an interrupt's id to every task that waits, also to later ones:
 * so a value counts only for a question that was asked before it came, at its place.
 */
interface Asked extends ApprovalQuestion {
  /** What is agreed to, by the step that it is of. */
  readonly holds: Holds;
  /** Its place among the interrupts of the task. */
  readonly position: number;
  /** Hashes of values that lay there before it was asked. */
  readonly earlier: readonly string[];
}

type Holds = Readonly<Record<string, Args>>;

/** Asks until enough people have agreed, one has refused, or the time is over. It waits as an interrupt. */
export async function askPeople(run: StepRun, plan: Plan): Promise<StepRecord> {
  const { compiled, clock, order } = run;
  const { approve: rule } = compiled.step as ApproveStep;
  const startedAt = clock.now();
  const end = (record: Pick<StepRecord, "status"> & Partial<StepRecord>): StepRecord => ({
    attempts: 1,
    startedAt,
    endedAt: clock.now(),
    order: order.next(),
    ...record,
  });
  if (!(await isWanted(run))) return end({ status: "skipped", attempts: 0 });
  const risk = await riskOf(run, rule);
  if (RISKS.indexOf(risk) < RISKS.indexOf(rule.from ?? "low"))
    return end({ status: "done", result: { risk, by: [] } });
  const task = await currentTask();
  if (task === undefined) throw nobodyToAsk(compiled.name, plan.name);
  const known = await askedBefore(task, run, plan);
  const notBy = await namesIn(run, "notBy");
  let question = known ?? (await firstQuestion(run, plan, risk));
  // Answers to earlier questions, which counted then or did not.
  for (let position = 0; position < (known?.position ?? 0); position++) await nextValue(task, question, []);
  let isAsked = known !== undefined;
  const passed: string[] = [];
  for (;;) {
    if (clock.now() >= question.expiresAt) return end(rejected(run, "nobody decided in time"));
    const resumed = await nextValue(task, question, passed);
    passed.push(hashJson(resumed.value));
    const decision = readResponse(resumed.value);
    const name = nameIn(run, decision);
    const problem = isAsked ? await problemOf(resumed, decision, name, question, notBy, task) : NOT_ASKED;
    isAsked = false;
    if (problem !== undefined || typeof decision === "string") {
      question = await described(question, run, problem);
      continue;
    }
    const who = name === undefined ? "" : ` by ${name}`;
    const why = decision.type === "reject" && decision.message !== undefined ? `: ${decision.message}` : "";
    if (decision.type === "reject") return end(rejected(run, `rejected${who}${why}`));
    const agreement: Agreement = { ...(name === undefined ? {} : { by: name }), at: clock.now() };
    // Others agreed to something else than what it was changed to.
    const isEdit = decision.type === "edit";
    const holds = isEdit ? changed(question, decision.editedAction.args) : question.holds;
    const agreed = isEdit ? [agreement] : [...question.agreed, agreement];
    if (agreed.length >= question.people) {
      const result = { risk, by: agreed.flatMap(({ by }) => by ?? []) };
      return end({ status: "done", result, approvals: [...agreed], agreed: holds });
    }
    question = await described({ ...question, holds, agreed }, run);
  }
}

async function askedBefore(task: Task, { scope, compiled }: StepRun, plan: Plan): Promise<Asked | undefined> {
  const known = (await task.asked()) as Asked | undefined;
  const isOurs = known?.workflow === plan.name && known.run === scope.run.id && known.step === compiled.name;
  return isOurs ? known : undefined;
}

async function firstQuestion(run: StepRun, plan: Plan, risk: Risk): Promise<Asked> {
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
async function described(question: Asked, run: StepRun, note?: string): Promise<Asked> {
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

async function nextValue(task: Task, question: Asked, passed: readonly string[]): Promise<Resumed> {
  try {
    return task.interrupt();
  } catch (interrupt) {
    const [shown] = task.isInterrupt(interrupt) ? interrupt.interrupts : [];
    if (shown) {
      const { received, values } = await task.pending();
      // A run that starts again from a checkpoint does not see what was received there; the run after it does.
      const position = Math.max(task.position() - 1, received);
      const earlier = [...new Set([...question.earlier, ...passed, ...values])];
      const { workflow, run, step, holds } = question;
      const hash = hashJson([workflow, run, step, holds]);
      shown.value = { ...question, position, earlier, hash } satisfies Asked;
    }
    throw interrupt;
  }
}

const NOT_ASKED = "it was for another question or other arguments, or has been used";

/** Why a value that came to an open question is no decision on it. */
async function problemOf(
  { value, sentTo }: Resumed,
  decision: ApprovalDecision | string,
  name: string | undefined,
  { hash, earlier, by, people, agreed, reviewConfigs }: Asked,
  notBy: readonly string[],
  task: Task,
): Promise<string | undefined> {
  if (typeof decision === "string") return decision;
  if (decision.hash !== undefined && decision.hash !== hash) return NOT_ASKED;
  if (sentTo !== "task" && decision.hash === undefined) {
    if (earlier.includes(hashJson(value)))
      return "it cannot be told from an earlier one; send it to the id of the interrupt";
    if (sentTo === "past" || (await task.othersWait(async () => false)))
      return "several questions wait and it does not say for which; send it to the id of the interrupt";
  }
  if (name === undefined) {
    if (by === undefined && notBy.length === 0 && people === 1) return undefinedUnlessEdit();
    return "it does not say who decided: give 'by'";
  }
  if (by?.every((pattern) => !matches(pattern, name))) return `${name} may not decide; ${by.join(", ")} may`;
  if (notBy.includes(name)) return `${name} may not decide on this: somebody else has to`;
  if (agreed.some((one) => one.by === name) && decision.type !== "reject")
    return `${name} has agreed already: ${people} different people have to`;
  return undefinedUnlessEdit();

  function undefinedUnlessEdit(): string | undefined {
    if (typeof decision === "string" || decision.type !== "edit") return undefined;
    const [{ allowedDecisions, actionName }] = reviewConfigs;
    if (!allowedDecisions.includes("edit")) return "there is no single call whose arguments could be edited";
    return decision.editedAction.name === actionName
      ? undefined
      : `an edit may change the arguments of '${actionName}', and it named another tool`;
  }
}

function changed({ holds }: Asked, args: Args): Holds {
  const [step = ""] = Object.keys(holds);
  return { [step]: args };
}

/** Who decided: whom LangGraph's server has let in, else who the decision says it was. */
function nameIn({ config }: StepRun, decision: ApprovalDecision | string): string | undefined {
  const known: unknown = config.configurable?.langgraph_auth_user_id;
  if (typeof known === "string" && known !== "") return known;
  return typeof decision === "string" ? undefined : decision.by;
}

async function riskOf({ compiled, scope }: StepRun, { risk = "high" }: ApprovalRule): Promise<Risk> {
  const { risk: expression } = compiled.expressions;
  const value = expression ? await evaluate(expression, scope, compiled.name) : risk;
  // What nobody can tell is high.
  return RISKS.find((one) => one === value) ?? "high";
}

async function namesIn({ compiled, scope }: StepRun, key: "notBy"): Promise<readonly string[]> {
  const expression = compiled.expressions[key];
  const value = expression === undefined ? null : await evaluate(expression, scope, compiled.name);
  return (Array.isArray(value) ? value : [value]).filter((name) => typeof name === "string");
}

function rejected({ compiled }: StepRun, why: string): Pick<StepRecord, "status" | "error"> {
  return { status: "failed", error: { code: "REJECTED", message: `step '${compiled.name}': ${why}` } };
}

function matches(pattern: string, name: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "u").test(name);
}

function quoted(value: unknown): string {
  return JSON.stringify(value, null, 2) ?? "null";
}

function nobodyToAsk(step: string, workflow: string): BatonError {
  const problem = `the workflow '${workflow}' asks people at its step '${step}', and there is no checkpointer to wait in`;
  const fix = "give the workflow graph.checkpointer, or run it on LangGraph's server";
  return new BatonError("CONFIG_INVALID", `${problem}: ${fix}`, { data: { workflow, step } });
}
