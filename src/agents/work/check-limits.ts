import { type Fault, unknownKeys } from "../../core/faults.js";

/** What is wrong with limits, each a whole number; `least` has the names that there are. */
export function limitFaults(
  given: Readonly<Record<string, unknown>>,
  least: Readonly<Record<string, number>>,
): readonly Fault[] {
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
