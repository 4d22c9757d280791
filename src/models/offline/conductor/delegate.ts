import type { Call } from "../plan.js";
import { fits, plain } from "../schema.js";
import type { BoundTool } from "../tools.js";

/** A task to give away. */
export interface Assignment {
  readonly id: string;
  readonly specialist: string;
  readonly objective: string;
  readonly needs: readonly string[];
}

/** The call that gives a task away, with what the tool's schema takes of it; nothing when it does not fit. */
export function toCall(delegate: BoundTool, assignment: Assignment): Call[] {
  const { name, parameters } = delegate.function;
  const { properties = {} } = plain(parameters, parameters);
  const most = plain(properties.objective, parameters).maxLength;
  const whole = { ...assignment, objective: assignment.objective.slice(0, most) };
  const args = Object.fromEntries(Object.entries(whole).filter(([key]) => key in properties));
  return fits(args, parameters) ? [{ name, args }] : [];
}
