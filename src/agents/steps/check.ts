import { checkOptions, type Fault, unknownKeys } from "../../core/faults.js";
import { inOrder } from "../../execution/order.js";
import { nearest } from "../../mcp/config/keys.js";
import { budgetFaults, graphFaults, modelFaults, toolsFaults } from "../check-options.js";
import type { Step, StepsOptions } from "../steps.js";
import { limitFaults } from "../work/check-limits.js";
import { teamFaults } from "../work/check-team.js";
import type { Specialist } from "../work/specialist.js";

const OPTIONS = ["model", "tools", "agents", "steps", "budget", "limits", "graph"];
const STEP = ["name", "task", "agent", "needs", "tools"];

/** @throws {BatonError} `CONFIG_INVALID` with every fault that the options have */
export function checkSteps(options: StepsOptions): void {
  checkOptions("createSteps()", options, OPTIONS, (given) => {
    const { model, tools, agents = [], steps, budget, limits = {}, graph } = given;
    return [
      ...modelFaults("model", model, { router: true }),
      ...(tools === undefined ? [] : toolsFaults("tools", tools)),
      ...teamFaults("agents", agents, "steps"),
      ...planFaults(steps, Array.isArray(agents) ? agents : []),
      ...budgetFaults("budget", budget),
      ...limitFaults(limits, { parallel: 1, steps: 1, taskMs: 1 }),
      ...graphFaults("graph", graph, ["checkpointer", "store", "name"]),
    ];
  });
}

function planFaults(steps: readonly Step[], agents: readonly Specialist[]): readonly Fault[] {
  if (!Array.isArray(steps) || steps.length === 0)
    return [{ path: "steps", problem: "must be a list of at least one step" }];
  const strange = steps.findIndex((step) => !isObject(step) || !isList(step.needs) || !isList(step.tools));
  if (strange !== -1) {
    const problem = "must be an object { name, task }, and needs and tools of it lists of texts";
    return [{ path: `steps[${strange}]`, problem }];
  }
  const names = steps.map(({ name }: Step) => name);
  const faults = steps.flatMap((step: Step, index): readonly Fault[] => {
    const path = `steps[${index}]`;
    const { name, task, agent, needs = [] } = step;
    return [
      ...unknownKeys(path, step, STEP),
      ...(isText(name) && !name.endsWith("+")
        ? []
        : [{ path: `${path}.name`, problem: "must be a text that does not end in '+'" }]),
      ...(names.indexOf(name) < index
        ? [{ path: `${path}.name`, problem: `is '${name}' like another's` }]
        : []),
      ...(isText(task) ? [] : [{ path: `${path}.task`, problem: "must be a text: what to do" }]),
      ...(agent === undefined
        ? []
        : unknown(
            `${path}.agent`,
            agent,
            agents.map((one) => one?.name),
          )),
      ...(step.tools !== undefined && agents.some((one) => one?.name === agent && one.graph !== undefined)
        ? [{ path: `${path}.tools`, problem: `cannot be given: agent '${agent}' is a graph with its own` }]
        : []),
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
  const near = nearest(name, known);
  const hint = near === undefined ? `there are ${known.join(", ") || "none"}` : `did you mean '${near}'?`;
  return [{ path, problem: `is '${name}', which is unknown; ${hint}` }];
}

function isList(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every(isText));
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
