import { BatonError } from "../../core/errors.js";
import { checkOptions } from "../../core/faults.js";
import type { DrawMemoryOptions } from "../draw-memory.js";

const WHAT = "drawMemory()";

/** @throws {BatonError} `CONFIG_INVALID` that names each option of `drawMemory` that cannot be used */
export function checkMemoryOptions(options: DrawMemoryOptions): void {
  checkOptions(WHAT, options, ["found", "working"], ({ found = [], working = {} }) => [
    ...(Array.isArray(found) && found.every(hasId)
      ? []
      : [{ path: "found", problem: "must be a list of items with an id, as recall() gave" }]),
    ...(isObject(working) ? [] : [{ path: "working", problem: "must be an object of notes" }]),
  ]);
}

/** @throws {BatonError} `INVALID_ARGUMENTS` for what `memory.map()` did not give, and for a time that is none */
export function checkMemoryMap(map: unknown): void {
  const { threads, facts, leftOut }: Readonly<Record<string, unknown>> = isObject(map) ? map : {};
  if (!Array.isArray(threads) || !Array.isArray(facts) || !isObject(leftOut))
    throw invalid("the map must have threads, facts and leftOut: pass what memory.map() gave");
  const messages = threads.flatMap((thread: unknown) => {
    if (!isObject(thread) || !Array.isArray(thread.messages) || !isObject(thread.window))
      throw invalid("each thread of the map must have messages and a window: pass what memory.map() gave");
    return thread.messages;
  });
  for (const item of [...facts, ...messages]) {
    if (!hasId(item) || typeof item.text !== "string")
      throw invalid("each item of the map must have an id and a text: pass what memory.map() gave");
    if (typeof item.time !== "string" || Number.isNaN(Date.parse(item.time)))
      throw invalid(`the time of item '${item.id}' is '${String(item.time)}'; it must be ISO 8601`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function hasId(value: unknown): value is Readonly<Record<string, unknown>> & { readonly id: string } {
  return isObject(value) && typeof value.id === "string";
}

function invalid(problem: string): BatonError {
  return new BatonError("INVALID_ARGUMENTS", `${WHAT}: ${problem}`);
}
