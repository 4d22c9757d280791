import type { ToolCall } from "@langchain/core/messages/tool";
import { z } from "zod";
import { inOrder } from "../../execution/order.js";
import { nearest } from "../../mcp/config/keys.js";
import type { TaskRecord } from "../work/task.js";

/** The one tool of a planner and of a verifier. It is never run: its calls are the plan. */
export function delegateTool(specialists: readonly string[]) {
  const parameters = z.object({
    id: z
      .string()
      .regex(/^[\w.-]{1,64}$/)
      .describe('A short name for the task, unique, as in "t1".'),
    specialist: z.enum(specialists as [string, ...string[]]).describe("Who does it."),
    objective: z
      .string()
      .trim()
      .min(1)
      .describe("What to find out or to do, complete in itself: the specialist sees nothing else."),
    needs: z
      .array(z.string())
      .default([])
      .describe("Ids of tasks whose outcomes it cannot do without. Usually none."),
  });
  return {
    definition: {
      type: "function" as const,
      function: {
        name: "delegate",
        description: "Gives a task to a specialist. Independent tasks are done at the same time.",
        parameters: z.toJSONSchema(parameters, { io: "input" }),
      },
    },
    parameters,
  };
}

export type DelegateTool = ReturnType<typeof delegateTool>;

/** A call of `delegate`, or of something else, that is no task; `message` tells the model why. */
export interface Refusal {
  readonly call: ToolCall;
  readonly message: string;
  /** There is such a task already, so that nothing gets lost. */
  readonly isRepeated?: boolean;
}

export interface Delegations {
  readonly tasks: readonly TaskRecord[];
  readonly refused: readonly Refusal[];
  /** Asked for beyond the limit. They are tasks that are skipped, so that the user learns of them. */
  readonly dropped: readonly TaskRecord[];
}

interface Delegation {
  readonly task: TaskRecord;
  readonly call: ToolCall;
}

/**
 * The tasks that a model asks for. Every call is one task, all of one message count: what cannot be one is refused by
 * itself, with those that need it, and the others stay.
 */
export function readDelegations(
  calls: readonly ToolCall[],
  { parameters }: DelegateTool,
  known: readonly TaskRecord[],
  mostTasks: number,
): Delegations {
  const taken = new Set(known.map(({ id }) => id));
  const refused: Refusal[] = [];
  let sound: Delegation[] = [];
  for (const call of calls) {
    const result = readCall(call, parameters);
    if (typeof result === "string") refused.push({ call, message: result });
    else if (taken.has(result.id)) {
      const message = `there is a task '${result.id}' already: give each an id of its own`;
      refused.push({ call, message, isRepeated: true });
    } else {
      taken.add(result.id);
      sound.push({ task: { ...result, needs: [...new Set(result.needs)], status: "planned" }, call });
    }
  }
  for (;;) {
    const ids = [...known, ...sound.map(({ task }) => task)].map(({ id }) => id);
    const lost = sound.filter(({ task }) => task.needs.some((need) => !ids.includes(need)));
    if (lost.length === 0) break;
    refused.push(...lost.map(({ task, call }) => ({ call, message: missingNeed(task, ids) })));
    sound = sound.filter((one) => !lost.includes(one));
  }
  const { ordered, circular } = inOrder(sound.map(({ task }) => task));
  for (const { task, call } of sound) {
    if (circular.includes(task)) refused.push({ call, message: "tasks need each other in a circle" });
  }
  const inTime = sound.map(({ task }) => task).filter((task) => ordered.includes(task));
  const free = Math.max(0, mostTasks - known.length);
  return {
    tasks: inTime.slice(0, free),
    refused,
    dropped: inTime.slice(free).map((task) => ({ ...task, status: "skipped", error: tooMany(mostTasks) })),
  };
}

/** What was refused, as a task that is skipped: a part of the question must not get lost without a word. */
export function toSkipped({ call, message }: Refusal, number: number): TaskRecord {
  const { objective, specialist } = call.args as Readonly<Record<string, unknown>>;
  return {
    id: `refused.${number}`,
    specialist: typeof specialist === "string" ? specialist : "nobody",
    objective: typeof objective === "string" ? objective : JSON.stringify(call.args),
    needs: [],
    status: "skipped",
    error: { message: `not delegated: ${message}` },
  };
}

function missingNeed({ needs }: TaskRecord, ids: readonly string[]): string {
  const unknown = needs.find((need) => !ids.includes(need)) ?? "";
  const hint = nearest(unknown, ids);
  return `it needs '${unknown}', which is no task${hint === undefined ? "" : `: did you mean '${hint}'?`}`;
}

const tooMany = (limit: number) => ({
  message: `not begun: it is beyond the limit of ${limit} tasks (limits.tasks)`,
});

function readCall(call: ToolCall, parameters: DelegateTool["parameters"]) {
  if (call.name !== "delegate") return `there is no tool '${call.name}' here: delegate, or answer`;
  const result = parameters.safeParse(call.args);
  return result.success ? result.data : z.prettifyError(result.error);
}
