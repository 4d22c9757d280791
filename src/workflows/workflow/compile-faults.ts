import type { Fault } from "../../core/faults.js";
import { findCircle } from "../../execution/order.js";
import { nearest } from "../../mcp/config/keys.js";
import type { CompiledStep } from "./compile.js";
import type { WorkflowStep } from "./step.js";

/** That something that is named is not there, and what may have been meant. */
export function notFound(what: string, name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  const hint =
    near === undefined
      ? `; there are: ${known.slice(0, 20).join(", ") || "none"}`
      : `; did you mean '${near}'?`;
  return `there is no ${what} '${name}'${hint}`;
}

/** Names that are there twice, or not at all, and circles. */
export function orderFaults(
  compiled: readonly CompiledStep[],
  steps: readonly WorkflowStep[],
): readonly Fault[] {
  // Also of those whose form is wrong, for which the others are not to blame.
  const names = steps.map((step) => (step as Partial<WorkflowStep> | null)?.name ?? "");
  const faults = compiled.flatMap(({ name, needs, step }): readonly Fault[] => {
    const index = steps.indexOf(step);
    const path = `steps[${index}]`;
    const isTwice = names.indexOf(name) < index;
    const twice = isTwice ? [{ path: `${path}.name`, problem: `'${name}' is the name of another step` }] : [];
    const unknown = needs.filter((need) => !names.includes(need));
    return [
      ...twice,
      ...unknown.map((need) => ({ path: `${path}.needs`, problem: notFound("step", need, names) })),
    ];
  });
  if (faults.length > 0) return faults;
  const circle = findCircle(ordered(compiled));
  if (circle === undefined) return [];
  const problem = `need each other in a circle, so that none can begin: ${circle.join(" -> ")}`;
  return [{ path: "steps", problem }];
}

/** What is agreed to must be known when people are asked. */
export function guardFaults(
  { name, guarded, before }: CompiledStep,
  steps: readonly CompiledStep[],
): readonly Fault[] {
  return steps
    .filter((one) => guarded.includes(one.name))
    .flatMap((one): readonly Fault[] => {
      const path = `steps '${one.name}'`;
      if (one.step.each !== undefined) {
        const problem = `has each, so that '${name}' cannot show what is agreed to: give the approval args`;
        return [{ path, problem }];
      }
      const late = one.needs.filter((need) => need !== name && !before.has(need));
      if (late.length === 0) return [];
      const problem = `also needs ${late.join(", ")}, which '${name}' does not wait for, so that nobody could know its arguments when they agree: have '${name}' need them, or give the approval args`;
      return [{ path, problem }];
    });
}

const REFERENCE = /\bsteps\.(?:`([^`]+)`|(\w+))/g;

/** An expression that names a step which does not come before would always find nothing. */
export function referenceFaults(
  { name, expressions, before, guarded }: CompiledStep,
  steps: readonly CompiledStep[],
): readonly Fault[] {
  const names = steps.map((one) => one.name);
  return Object.entries(expressions).flatMap(([key, expression]) =>
    [...expression.text.matchAll(REFERENCE)].flatMap(([, quoted, plain]): readonly Fault[] => {
      const named = quoted ?? plain ?? "";
      // What undoes a step is given what the step was: itself, and all before it.
      if (before.has(named) || (key === "undoArgs" && named === name) || guarded.includes(named)) return [];
      const problem = names.includes(named)
        ? `names the result of '${named}', which does not come before: add it to needs`
        : notFound("step", named, names);
      return [{ path: `steps '${name}', ${key}`, problem }];
    }),
  );
}

/** As what has to be ordered. */
export function ordered(steps: readonly CompiledStep[]): readonly (CompiledStep & { readonly id: string })[] {
  return steps.map((step) => ({ ...step, id: step.name }));
}
