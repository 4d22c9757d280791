import { readFile } from "node:fs/promises";
import { type ParseError, parse } from "jsonc-parser";
import { BatonError, reasonOf } from "../../core/errors.js";
import type { WorkflowDefinition } from "../../workflows/workflow.js";
import { parsePairs } from "../pairs.js";

/**
 * The input of a run, of a file or of the command line; undefined when nothing is given.
 *
 * @throws {BatonError} `INVALID_ARGUMENTS` for what cannot be read
 */
export async function readInput(
  { input: schema = {} }: WorkflowDefinition,
  words: readonly string[],
  file: string | undefined,
): Promise<unknown> {
  if (file === undefined)
    return words.length === 0 ? undefined : parsePairs(words, schema as Readonly<Record<string, unknown>>);
  if (words.length > 0)
    throw new BatonError(
      "INVALID_ARGUMENTS",
      `the input comes from '${file}', and from the command line too: give one of the two`,
    );
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new BatonError("INVALID_ARGUMENTS", `the input '${file}' cannot be read: ${reasonOf(cause)}`, {
      cause,
    });
  });
  const errors: ParseError[] = [];
  const value: unknown = parse(text.replace(/^\uFEFF/u, ""), errors, { allowTrailingComma: true });
  if (errors.length > 0)
    throw new BatonError("INVALID_ARGUMENTS", `the input '${file}' is not JSON: check quotes and commas`);
  return value;
}

/** A run that is begun without an input gets what its schema says by default. */
export function usualInput({ input: schema }: WorkflowDefinition): unknown {
  return schema === undefined || ("type" in schema && schema.type === "object") ? {} : undefined;
}
