import { type Fault, throwFaults, unknownKeys } from "../../core/faults.js";
import { nearest } from "../../mcp/config/keys.js";
import type { Step, StepsOptions } from "../steps.js";
import { limitFaults } from "../work/check-limits.js";
import { teamFaults } from "../work/check-team.js";
import { inOrder } from "../work/plan.js";

const OPTIONS = ["model", "tools", "agents", "steps", "budget", "limits", "graph"];
const STEP = ["name", "task", "agent", "needs", "tools"];

/** @throws {BatonError} `CONFIG_INVALID` with every fault that the options have */
export function checkSteps(options: StepsOptions): void {
  const { agents = [], limits = {}, steps } = options;
  throwFaults("createSteps()", [
    ...unknownKeys("", options, OPTIONS),
    ...limitFaults({ ...limits }, { parallel: 1, steps: 1, taskMs: 1 }),
    ...teamFaults("agents", agents, "steps"),
    ...planFaults(steps, Array.isArray(agents) ? agents.map((agent) => agent?.name) : []),
  ]);
}

function planFaults(steps: readonly Step[], agents: readonly string[]): readonly Fault[] {
  if (!Array.isArray(steps) || steps.length === 0 || steps.some((step) => !isObject(step)))
    return [{ path: "steps", problem: "must be a list of at least one step" }];
  const names = steps.map(({ name }: Step) => name);
  const faults = steps.flatMap((step: Step, index): readonly Fault[] => {
    const path = `steps[${index}]`;
    const { name, task, agent, needs = [] } = step;
    return [
      ...unknownKeys(path, step, STEP),
      ...(isText(name) ? [] : [{ path: `${path}.name`, problem: "must be a text" }]),
      ...(names.indexOf(name) < index
        ? [{ path: `${path}.name`, problem: `is '${name}' like another's` }]
        : []),
      ...(isText(task) ? [] : [{ path: `${path}.task`, problem: "must be a text: what to do" }]),
      ...(agent === undefined ? [] : unknown(`${path}.agent`, agent, agents)),
      ...needs.flatMap((need, position) => unknown(`${path}.needs[${position}]`, need, names)),
    ];
  });
  const { circular } = inOrder(steps.map(({ name, needs = [] }: Step) => ({ id: name, needs })));
  if (faults.length > 0 || circular.length === 0) return faults;
  const circle = circular.map(({ id }) => `'${id}'`).join(", ");
  return [{ path: "steps", problem: `${circle} need each other, so that none of them can start` }];
}

function unknown(path: string, name: string, known: readonly string[]): readonly Fault[] {
  if (known.includes(name)) return [];
  const near = nearest(String(name), known);
  const hint = near === undefined ? `there are ${known.join(", ") || "none"}` : `did you mean '${near}'?`;
  return [{ path, problem: `is '${name}', which is unknown; ${hint}` }];
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
