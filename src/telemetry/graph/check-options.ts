import { checkOptions, type Fault } from "../../core/faults.js";
import type { DrawGraphOptions } from "../draw-graph.js";

/** @throws {BatonError} `CONFIG_INVALID` that names each option of `drawGraph` that cannot be used */
export function checkGraphOptions(options: DrawGraphOptions): void {
  checkOptions("drawGraph()", options, ["direction", "xray", "ran", "waiting"], (given) => {
    const { direction = "down", xray = false, ran = [], waiting = [] } = given;
    const isLevel = typeof xray === "boolean" || (Number.isInteger(xray) && xray >= 0);
    return [
      ...unless(direction === "down" || direction === "right", "direction", 'must be "down" or "right"'),
      ...unless(isLevel, "xray", "must be true, false or a whole number of levels"),
      ...unless(isNames(ran), "ran", "must be a list of names of nodes"),
      ...unless(isNames(waiting), "waiting", "must be a list of names of nodes"),
    ];
  });
}

function unless(holds: boolean, path: string, problem: string): readonly Fault[] {
  return holds ? [] : [{ path, problem }];
}

function isNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === "string");
}
