import { hashJson } from "../../core/canonical.js";
import { BatonError } from "../../core/errors.js";
import { readResponse } from "../../middleware/approve/request.js";
import { currentTask, type Resumed, type Task } from "../../middleware/approve/task.js";
import type { ApprovalDecision, Risk } from "../../middleware/approve.js";
import type { Agreement } from "../approval.js";
import { NOT_ASKED, problemOf } from "./judge-decision.js";
import { type Args, evaluate } from "./perform.js";
import type { Plan } from "./plan.js";
import { type Asked, described, firstQuestion, type Holds } from "./question.js";
import type { StepRecord } from "./record.js";
import { isWanted, type StepRun } from "./run-step.js";
import type { ApprovalRule, ApproveStep } from "./step.js";

const RISKS: readonly Risk[] = ["low", "medium", "high"];

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

function nobodyToAsk(step: string, workflow: string): BatonError {
  const problem = `the workflow '${workflow}' asks people at its step '${step}', and there is no checkpointer to wait in`;
  const fix = "give the workflow graph.checkpointer, or run it on LangGraph's server";
  return new BatonError("CONFIG_INVALID", `${problem}: ${fix}`, { data: { workflow, step } });
}
