import { configInvalid, type Fault, throwFaults, unknownKeys } from "../../core/faults.js";

const WHAT = "drawGraph()";
const KEYS = ["direction", "xray", "ran", "waiting"] as const;

/** @throws {BatonError} `CONFIG_INVALID` that names each option of `drawGraph` that cannot be used */
export function checkGraphOptions(options: unknown): void {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw configInvalid(WHAT, [{ path: "", problem: `options must be an object of ${KEYS.join(", ")}` }]);
  const { direction, xray, ran, waiting }: Partial<Record<(typeof KEYS)[number], unknown>> = options;
  const fault = (isWrong: boolean, path: string, problem: string): readonly Fault[] =>
    isWrong ? [{ path, problem }] : [];
  const isLevel = typeof xray === "boolean" || (Number.isInteger(xray) && (xray as number) >= 0);
  throwFaults(WHAT, [
    ...unknownKeys("", options, KEYS),
    ...fault(
      direction !== undefined && direction !== "down" && direction !== "right",
      "direction",
      'must be "down" or "right"',
    ),
    ...fault(xray !== undefined && !isLevel, "xray", "must be true, false or a whole number of levels"),
    ...fault(ran !== undefined && !isNames(ran), "ran", "must be a list of names of nodes"),
    ...fault(waiting !== undefined && !isNames(waiting), "waiting", "must be a list of names of nodes"),
  ]);
}

function isNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === "string");
}
