import { checkOptions, type Fault } from "../../core/faults.js";
import type { TimelineOptions } from "../timeline.js";

/** @throws {BatonError} `CONFIG_INVALID` that names each option of `recordTimeline` that cannot be used */
export function checkTimelineOptions(options: TimelineOptions): void {
  checkOptions("recordTimeline()", options, ["maxCalls", "maxAttempts", "clock"], (given) => {
    const { maxCalls, maxAttempts, clock } = given;
    const hasTime = clock === undefined || typeof clock?.now === "function";
    return [
      ...countFaults("maxCalls", maxCalls),
      ...countFaults("maxAttempts", maxAttempts),
      ...(hasTime ? [] : [{ path: "clock", problem: "must be a Clock, with now()" }]),
    ];
  });
}

function countFaults(path: string, value: unknown): readonly Fault[] {
  if (value === undefined || (Number.isSafeInteger(value) && (value as number) > 0)) return [];
  return [{ path, problem: "must be a whole number of at least 1" }];
}
