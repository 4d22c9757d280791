import { BatonError } from "../core/errors.js";
import type { Result } from "../core/result.js";
import { compileSchema, describeIssues, type JsonSchema, type SchemaValidator } from "./json-schema.js";

/** What a tool's definition says about its results. */
interface Definition {
  readonly name: string;
  readonly outputSchema?: object | undefined;
}

/**
 * Holds a result against the output schema that its tool declared. Ours, as the SDK's own check knows a tool only
 * over the connection that listed it, and refuses to call one whose schema it cannot compile. Such a schema is
 * not checked here: its author's mistake must not cost the tool.
 *
 * @throws {BatonError} `INVALID_RESULT` with `issues`
 */
export function checkOutput(server: string, definition: Definition | undefined, result: Result): void {
  const schema = definition?.outputSchema;
  if (definition === undefined || schema === undefined || result.isError) return;
  const where = `server '${server}', tool '${definition.name}'`;
  const data = { server, tool: definition.name };
  if (result.structuredContent === undefined) {
    const problem = `${where}: it declares an output schema and returned no structured content`;
    throw new BatonError("INVALID_RESULT", problem, { effect: "possible", data });
  }
  const issues = compiled(schema as JsonSchema)?.(result.structuredContent) ?? [];
  if (issues.length === 0) return;
  const problem = `${where}: the result does not fit the tool's own output schema:\n${describeIssues(issues, "the result")}`;
  throw new BatonError("INVALID_RESULT", problem, { effect: "possible", data: { ...data, issues } });
}

function compiled(schema: JsonSchema): SchemaValidator | undefined {
  try {
    return compileSchema(schema);
  } catch {
    return undefined;
  }
}
