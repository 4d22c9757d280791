import { graphFaults, modelFaults } from "../../agents/check-options.js";
import { limitFaults } from "../../agents/work/check-limits.js";
import { checkOptions, type Fault, unknownKeys } from "../../core/faults.js";
import type { ResearchOptions } from "../research.js";

export interface ResearchLimits {
  /** Most passages of each search. @default 10 */
  readonly perSource?: number;
  /** Most passages that are analysed: with a model, a call for each, beside one to plan and one to write. @default 10 */
  readonly top?: number;
  /** Longest time of all searches together, in milliseconds; a source that is late is named as such. @default 30_000 */
  readonly timeoutMs?: number;
}

export const RESEARCH_LIMITS = { perSource: 10, top: 10, timeoutMs: 30_000 } as const;

const OPTIONS = ["sources", "model", "limits", "graph", "clock"];
const SOURCE = ["name", "description", "search"];

/** @throws {BatonError} `CONFIG_INVALID` with every fault that the options have */
export function checkResearch(options: ResearchOptions): void {
  checkOptions("createResearch()", options, OPTIONS, ({ sources, model, limits = {}, graph, clock }) => [
    ...sourcesFaults(sources),
    ...(model === undefined ? [] : modelFaults("model", model)),
    ...limitFaults(limits, { perSource: 1, top: 1, timeoutMs: 1 }),
    ...graphFaults("graph", graph, ["checkpointer", "store", "name"]),
    ...(clock === undefined || typeof clock?.now === "function"
      ? []
      : [{ path: "clock", problem: "must be a Clock, such as systemClock" }]),
  ]);
}

function sourcesFaults(sources: unknown): readonly Fault[] {
  if (!Array.isArray(sources) || sources.length === 0) {
    const problem =
      "must be a list of at least one source: toolSource(tool), folderSource(tools), researchSources(tools)";
    return [{ path: "sources", problem }];
  }
  const names = sources.map((source: { name?: unknown } | null) => source?.name);
  return sources.flatMap((source: unknown, index): readonly Fault[] => {
    const path = `sources[${index}]`;
    if (
      typeof source !== "object" ||
      source === null ||
      !("search" in source) ||
      typeof source.search !== "function"
    )
      return [{ path, problem: `must be an object of ${SOURCE.join(", ")}` }];
    const { name, description } = source as { readonly name?: unknown; readonly description?: unknown };
    return [
      ...unknownKeys(path, source, SOURCE),
      ...(isText(name) ? [] : [{ path: `${path}.name`, problem: "must be a text" }]),
      ...(isText(description)
        ? []
        : [{ path: `${path}.description`, problem: "must be a text: what it knows" }]),
      ...(names.indexOf(name) < index
        ? [{ path: `${path}.name`, problem: `is '${String(name)}' like another's: give it one of its own` }]
        : []),
    ];
  });
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}
