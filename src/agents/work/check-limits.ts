import { type Fault, unknownKeys } from "../../core/faults.js";

/** What holds for tasks where a program says nothing else. */
export const TASK_LIMITS = { parallel: 8, steps: 12, taskMs: 300_000 } as const;

/** The limits that hold: one given as undefined is not given. */
export function limitsWith<Limits extends object>(usual: Limits, given: Partial<Limits> = {}): Limits {
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...usual, ...Object.fromEntries(said) };
}

/** What is wrong with limits, each a whole number; `least` has the names that there are. */
export function limitFaults(given: object, least: Readonly<Record<string, number>>): readonly Fault[] {
  if (typeof given !== "object" || given === null)
    return [{ path: "limits", problem: `must be an object of ${Object.keys(least).join(", ")}` }];
  const wrong = Object.entries(given).filter(([name, value]) => {
    const isCount = typeof value === "number" && Number.isSafeInteger(value) && value >= (least[name] ?? 0);
    return value !== undefined && name in least && !isCount;
  });
  return [
    ...unknownKeys("limits", given, Object.keys(least)),
    ...wrong.map(([name]) => ({
      path: `limits.${name}`,
      problem: `must be a whole number, ${least[name]} or more`,
    })),
  ];
}
