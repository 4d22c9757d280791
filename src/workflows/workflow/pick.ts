import type { Args } from "./perform.js";
import type { BoundTool } from "./tools.js";

/** Those of the values that the tool has parameters for; all when its parameters are not known. Later ones win. */
export function pick({ parameters }: BoundTool, ...values: readonly unknown[]): Args {
  const all = Object.assign({}, ...values.filter(isPlain)) as Record<string, unknown>;
  if (parameters === undefined) return all;
  return Object.fromEntries(Object.entries(all).filter(([key]) => parameters.includes(key)));
}

function isPlain(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
