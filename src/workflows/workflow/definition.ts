import { hashJson } from "../../core/canonical.js";
import { BatonError } from "../../core/errors.js";
import type { CompiledStep } from "./compile.js";
import type { WorkflowDefinition } from "./options.js";
import type { DefinitionRecord, RunRecord } from "./record.js";
import type { WorkflowStep } from "./step.js";

/** How a step is tried says nothing of what it means: these may change while runs are on their way. */
const TUNING = new Set(["retry", "timeoutMs", "concurrency"]);
const SHORT = 16;

/** What runs are begun under. Of code only that it is there: its changes are told by the version. */
export function definitionOf(
  { version = FIRST_VERSION, output = "" }: Pick<WorkflowDefinition, "version" | "output">,
  steps: readonly CompiledStep[],
): DefinitionRecord {
  const hashes = steps.map(({ name, needs, step }) => [name, shortHash(meaningOf(step, needs))] as const);
  return { version, output: shortHash(output), steps: Object.fromEntries(hashes) };
}

const FIRST_VERSION = "1";

function meaningOf(step: WorkflowStep, needs: readonly string[]): unknown {
  const { compensate } = step;
  const undoing = typeof compensate === "object" ? untuned(compensate) : compensate;
  return toPlain(untuned({ ...step, needs, compensate: undoing }));
}

function untuned(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !TUNING.has(key)));
}

function toPlain(value: unknown): unknown {
  if (typeof value === "function") return "code";
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== "object" || value === null) return value;
  if ("invoke" in value) return "graph";
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(entries.map(([key, part]) => [key, toPlain(part)]));
}

function shortHash(value: unknown): string {
  return hashJson(value).slice(0, SHORT);
}

/** What differs, in words; empty when nothing does. */
export function changesBetween(old: DefinitionRecord, now: DefinitionRecord): readonly string[] {
  const names = new Set([...Object.keys(old.steps), ...Object.keys(now.steps)]);
  const changed = [...names].flatMap((name) => {
    if (!(name in now.steps)) return [`step '${name}' is gone`];
    if (!(name in old.steps)) return [`step '${name}' is new`];
    return old.steps[name] === now.steps[name] ? [] : [`step '${name}' has changed`];
  });
  if (old.output !== now.output) changed.push("the output has changed");
  return old.version === now.version ? changed : [`version ${old.version} became ${now.version}`, ...changed];
}

/** @throws {BatonError} `DEFINITION_CHANGED` when the run was begun under another definition */
export function holdTo(now: DefinitionRecord, { id, workflow, definition }: RunRecord): void {
  const changes = changesBetween(definition, now);
  if (changes.length === 0) return;
  const fix = "go on with the definition that it was begun under, or give the workflow a migrate function";
  throw new BatonError(
    "DEFINITION_CHANGED",
    `run '${id}' of the workflow '${workflow}' was begun under another definition: ${changes.join("; ")}. Nothing was done: ${fix}`,
    { data: { run: id, workflow, changes } },
  );
}
