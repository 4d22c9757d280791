import { configInvalid, type Fault, throwFaults, unknownKeys } from "../../core/faults.js";

const KEYS = ["maxCalls", "maxAttempts", "clock"] as const;

/** @throws {BatonError} `CONFIG_INVALID` that names each option of `recordTimeline` that cannot be used */
export function checkTimelineOptions(options: unknown): void {
  const what = "recordTimeline()";
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw configInvalid(what, [{ path: "", problem: `options must be an object of ${KEYS.join(", ")}` }]);
  const given: Partial<Record<(typeof KEYS)[number], unknown>> = options;
  const { clock } = given;
  const hasTime = typeof (clock as { now?: unknown } | null | undefined)?.now === "function";
  throwFaults(what, [
    ...unknownKeys("", options, KEYS),
    ...countFaults("maxCalls", given.maxCalls),
    ...countFaults("maxAttempts", given.maxAttempts),
    ...(clock === undefined || hasTime ? [] : [{ path: "clock", problem: "must be a Clock, with now()" }]),
  ]);
}

function countFaults(path: string, value: unknown): readonly Fault[] {
  if (value === undefined || (Number.isSafeInteger(value) && (value as number) > 0)) return [];
  return [{ path, problem: "must be a whole number of at least 1" }];
}
