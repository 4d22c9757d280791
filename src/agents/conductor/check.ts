import { checkOptions } from "../../core/faults.js";
import type { Registry } from "../../registry/registry.js";
import { budgetFaults, contextFaults, graphFaults, modelFaults, toolsFaults } from "../check-options.js";
import type { ConductorOptions } from "../conductor.js";
import { limitFaults, TASK_LIMITS } from "../work/check-limits.js";
import { teamFaults } from "../work/check-team.js";
import { ALONE } from "./team.js";

/** How much a conductor does at a time, and where it stops. */
export interface ConductorLimits {
  /** Most tasks that run at a time. @default 8 */
  readonly parallel?: number;
  /** And of one specialist. @default as many as `parallel` */
  readonly parallelPerSpecialist?: number;
  /** Most tasks of a turn, repairs included. What is asked for beyond is reported as not done. @default 16 */
  readonly tasks?: number;
  /** Most model calls of a specialist for a task; at the last it must answer with what it has. @default 12 */
  readonly steps?: number;
  /** Longest time of a task, in milliseconds. @default 300_000 */
  readonly taskMs?: number;
  /** How often the findings are verified, and more may be delegated for what is missing; 0 goes without. @default 1 */
  readonly repairs?: number;
  /** How deep conductors may stand in one another, as specialists. @default 3 */
  readonly depth?: number;
}

export const LIMITS = {
  ...TASK_LIMITS,
  tasks: 16,
  repairs: 1,
  depth: 3,
} as const satisfies ConductorLimits;

const OPTIONS = ["model", "tools", "specialists", "context", "budget", "board", "limits", "graph"];
const LEAST = { parallel: 1, parallelPerSpecialist: 1, tasks: 1, steps: 1, taskMs: 1, repairs: 0, depth: 1 };

/** @throws {BatonError} `CONFIG_INVALID` with every fault that the options have */
export function checkConductor(options: ConductorOptions): void {
  checkOptions("createConductor()", options, OPTIONS, (given) => {
    const { model, tools, specialists, context, budget, board, limits = {}, graph } = given;
    return [
      ...modelFaults("model", model, { router: true }),
      ...(isRegistry(tools) ? [] : toolsFaults("tools", tools)),
      ...(specialists === undefined ? [] : teamFaults("specialists", specialists, ALONE)),
      ...(specialists?.length === 0
        ? [{ path: "specialists", problem: "must have at least one; left out, there is one for each server" }]
        : []),
      ...(specialists === undefined && Array.isArray(tools) && tools.length === 0
        ? [{ path: "tools", problem: "must have at least one where there are no specialists" }]
        : []),
      ...contextFaults("context", context),
      ...budgetFaults("budget", budget),
      ...(board === undefined || board === true || typeof board?.post === "function"
        ? []
        : [{ path: "board", problem: "must be true, or what createBoard() makes" }]),
      ...limitFaults(limits, LEAST),
      ...graphFaults("graph", graph, ["checkpointer", "store", "name"]),
    ];
  });
}

/** Tools that can be searched. */
export function isRegistry(tools: ConductorOptions["tools"]): tools is Registry {
  return typeof tools === "object" && tools !== null && "search" in tools;
}
