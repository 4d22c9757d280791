import type { Conversation } from "../conversation.js";
import type { Reply, RespondOptions } from "../reply.js";
import { knownValues, readRequest } from "../request.js";
import type { BoundTool } from "../tools.js";
import { toCall } from "./delegate.js";
import { fitting, type Specialist } from "./specialists.js";
import { isAnswered, sameObjective, type Task } from "./tasks.js";

/** Whether each task is answered. An open one goes to one more specialist; with two behind it, it stays open. */
export function verifyTasks(
  tasks: readonly Task[],
  conversation: Conversation,
  delegate: BoundTool,
  specialists: readonly Specialist[],
  { clock, maxCalls }: RespondOptions,
): Reply {
  const done = tasks.filter(isAnswered);
  const open = tasks
    .filter(({ objective }) => !done.some((task) => sameObjective(task.objective, objective)))
    .filter(({ objective }, place, all) =>
      all.slice(0, place).every((task) => !sameObjective(task.objective, objective)),
    );
  if (open.length === 0) return { text: "Complete.", calls: [] };

  const given = [...tasks, ...delegatedIn(conversation, delegate)];
  const known = knownValues(conversation.resources);
  let last = Math.max(0, ...given.map(({ id }) => Number(/\d+$/.exec(id)?.[0] ?? 0)));
  const calls = open.flatMap(({ objective }) => {
    const tried = given.filter((task) => sameObjective(task.objective, objective));
    const others = specialists.filter(({ name }) => tried.every(({ specialist }) => specialist !== name));
    const [specialist] = fitting(readRequest(objective, known, clock), others);
    if (tried.length > 1 || specialist === undefined) return [];
    last += 1;
    return toCall(delegate, { id: `t${last}`, specialist, objective, needs: [] });
  });
  if (calls.length > 0) return { text: "", calls: calls.slice(0, maxCalls) };
  const lines = open.map(({ id, objective }) => `- ${id}: ${objective.replace(/\s+/g, " ")}`);
  return { text: ["Not answered, and no other specialist fits:", ...lines].join("\n"), calls: [] };
}

type Given = Pick<Task, "id" | "specialist" | "objective">;

function delegatedIn({ calls }: Conversation, delegate: BoundTool): Given[] {
  return calls
    .filter(({ name }) => name === delegate.function.name)
    .map(({ args }) => ({
      id: String(args.id ?? ""),
      specialist: String(args.specialist),
      objective: String(args.objective),
    }));
}
