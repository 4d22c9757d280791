import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { type ParseError, parse, printParseErrorCode } from "jsonc-parser";
import { z } from "zod";
import { BatonError, reasonOf } from "../core/errors.js";
import { throwFaults } from "../core/faults.js";
import { fileFaults, fileSchema } from "./workflow/schema.js";
import type { WorkflowDefinition } from "./workflow.js";

/**
 * Reads a workflow from a JSON file; comments are allowed. What it names, tools for example, is looked for by
 * `createWorkflow`.
 *
 * @throws {BatonError} `CONFIG_INVALID` with all that is wrong, by path
 * @example
 * ```ts
 * const workflow = createWorkflow({ ...(await readWorkflow("provision.json")), tools, graph: { checkpointer } });
 * ```
 */
export async function readWorkflow(file: string): Promise<WorkflowDefinition> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    const problem = `the workflow file '${file}' cannot be read: ${reasonOf(cause)}`;
    throw new BatonError("CONFIG_INVALID", problem, { cause, data: { file } });
  });
  return parseWorkflow(text, basename(file));
}

/** The same of a text. `name` is for errors. */
export function parseWorkflow(text: string, name = "the workflow"): WorkflowDefinition {
  const errors: ParseError[] = [];
  const value: unknown = parse(text.replace(/^\uFEFF/u, ""), errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error) {
    const before = text.slice(0, error.offset).split("\n");
    const at = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
    throwFaults(name, [{ path: "", problem: `is not JSON: ${printParseErrorCode(error.error)} at ${at}` }]);
  }
  throwFaults(name, fileFaults(value));
  const { $schema: _, ...definition } = value as WorkflowDefinition & { readonly $schema?: string };
  return definition;
}

/** JSON Schema of such a file, for editors. */
export function workflowFileSchema(): Record<string, unknown> {
  return z.toJSONSchema(fileSchema) as Record<string, unknown>;
}
