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

/**
 * The input as it is kept: plain JSON, with the defaults of its schema.
 *
 * @throws {BatonError} `INVALID_ARGUMENTS` when it does not fit
 */
export function checkInput(workflow: string, schema: z.ZodType, input: unknown): unknown {
  const parsed = schema.safeParse(input ?? undefined);
  // Nothing at all is said by null, too.
  const checked = parsed.success || input !== null ? parsed : schema.safeParse(null);
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
