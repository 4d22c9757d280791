import { BatonError } from "../core/errors.js";
import type { Result } from "../core/result.js";
import { compileSchema, describeIssues, type JsonSchema, type SchemaValidator } from "./json-schema.js";
import { redact } from "./redact.js";
import type { ServerConfig } from "./server-config.js";

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
export function checkOutput(
  { name: server, secrets }: Pick<ServerConfig, "name" | "secrets">,
  definition: Definition | undefined,
  result: Result,
): void {
  const schema = definition?.outputSchema;
  if (definition === undefined || schema === undefined || result.isError) return;
  const where = `server '${server}', tool '${definition.name}'`;
  const data = { server, tool: definition.name };
  if (result.structuredContent === undefined) {
    const problem = `${where}: it declares an output schema and returned no structured content`;
    throw new BatonError("INVALID_RESULT", problem, { effect: "possible", data });
  }
  const found = compiled(schema as JsonSchema)?.(result.structuredContent) ?? [];
  if (found.length === 0) return;
  // A server that got to know a credential may name a property by it.
  const issues = found.map(({ path, problem }) => ({
    path: redact(path, secrets),
    problem: redact(problem, secrets),
  }));
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

/** How a result was obtained is ours to say: a server that says it for us could pass for a cache. */
export function withoutClaims(result: Result): Result {
  if (!("obtained" in result)) return result;
  const { obtained: _, ...rest } = result;
  return rest;
}
