import { z } from "zod";
import { BatonError } from "../../core/errors.js";
import { configInvalid } from "../../core/faults.js";
import type { WorkflowOptions } from "./options.js";
import { faultsOf } from "./schema.js";

/** The schema of a workflow's input, whichever way it was given. */
export function inputSchema({ name, input }: Pick<WorkflowOptions, "name" | "input">): z.ZodType {
  if (input === undefined) return z.unknown();
  if (input instanceof z.ZodType) return input;
  if ("safeParse" in input) return input as unknown as z.ZodType;
  try {
    return z.fromJSONSchema(input as Parameters<typeof z.fromJSONSchema>[0]);
  } catch (error) {
    const problem = `is no JSON Schema that can be used: ${(error as Error).message}`;
    throw configInvalid(`the workflow '${name}'`, [{ path: "input", problem }]);
  }
}

/** A run that is given no input has `{}` where the schema is of an object, so that its defaults count. */
export function givenInput(schema: z.ZodType, input: unknown): unknown {
  if (input !== undefined && input !== null) return input;
  if (schema.safeParse(undefined).success) return undefined;
  if (input === null && schema.safeParse(null).success) return null;
  const { error } = schema.safeParse({});
  // What is no object says so of the whole, and not of a field.
  return error?.issues.some(({ path }) => path.length === 0) ? undefined : {};
}

/**
 * The input as it is kept: plain JSON, with the defaults of its schema.
 *
 * @throws {BatonError} `INVALID_ARGUMENTS` when it does not fit
 */
export function checkInput(workflow: string, schema: z.ZodType, input: unknown): unknown {
  const checked = schema.safeParse(givenInput(schema, input));
  if (!checked.success) {
    const issues = faultsOf(checked.error, "input");
    const list = issues.map(({ path, problem }) => `${path}: ${problem}`).join("; ");
    throw new BatonError("INVALID_ARGUMENTS", `the workflow '${workflow}' cannot take this input: ${list}`, {
      data: { workflow, issues },
    });
  }
  try {
    const json = JSON.stringify(checked.data);
    return json === undefined ? null : JSON.parse(json);
  } catch (cause) {
    const problem = `the workflow '${workflow}' cannot take this input: it is not JSON`;
    throw new BatonError("INVALID_ARGUMENTS", problem, { cause, data: { workflow } });
  }
}
