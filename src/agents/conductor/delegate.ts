import type { ToolCall } from "@langchain/core/messages/tool";
import { z } from "zod";
import { nearest } from "../../mcp/config/keys.js";
import { inOrder } from "../work/plan.js";
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
}

export interface Delegations {
  readonly tasks: readonly TaskRecord[];
  readonly refused: readonly Refusal[];
  /** Asked for beyond the limit. They are tasks that are skipped, so that the user learns of them. */
  readonly dropped: readonly TaskRecord[];
}

/**
 * The tasks that a model asks for. Every call is one task, all of one message count: what cannot be one is refused by
 * itself, and the others stay.
 */
export function readDelegations(
  calls: readonly ToolCall[],
  { parameters }: DelegateTool,
  known: readonly TaskRecord[],
  mostTasks: number,
): Delegations {
  const taken = new Set(known.map(({ id }) => id));
  const read: { readonly task: TaskRecord; readonly call: ToolCall }[] = [];
  const refused: Refusal[] = [];
  for (const call of calls) {
    const result = readCall(call, parameters);
    if (typeof result === "string") refused.push({ call, message: result });
    else if (taken.has(result.id)) {
      refused.push({ call, message: `there is a task '${result.id}' already: give each an id of its own` });
    } else {
      taken.add(result.id);
      read.push({ task: { ...result, needs: [...new Set(result.needs)], status: "planned" }, call });
    }
  }
  const ids = [...taken];
  const sound = read.filter(({ task, call }) => {
    const unknown = task.needs.find((need) => !taken.has(need));
    if (unknown === undefined) return true;
    const hint = nearest(unknown, ids);
    const message = `it needs '${unknown}', which is no task${hint === undefined ? "" : `: did you mean '${hint}'?`}`;
    refused.push({ call, message });
    return false;
  });
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

const tooMany = (limit: number) => ({
  message: `not begun: it is beyond the limit of ${limit} tasks (limits.tasks)`,
});

function readCall(call: ToolCall, parameters: DelegateTool["parameters"]) {
  if (call.name !== "delegate") return `there is no tool '${call.name}' here: delegate, or answer`;
  const result = parameters.safeParse(call.args);
  return result.success ? result.data : z.prettifyError(result.error);
}
