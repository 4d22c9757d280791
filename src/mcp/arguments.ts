import { BatonError } from "../core/errors.js";
import { compileSchema, describeIssues, type JsonSchema, type SchemaValidator } from "./json-schema.js";

/** What a tool's definition says about its arguments. */
interface Definition {
  readonly name: string;
  readonly inputSchema: object;
}

/**
 * Holds arguments against the server's own schema of its tool. Compiled at the first use: most of a thousand
 * tools are never called.
 *
 * @throws {BatonError} `INVALID_ARGUMENTS` with `issues`; `PROTOCOL` when the schema itself cannot be used
 */
export function checkArguments(
  server: string,
  { name: tool, inputSchema }: Definition,
  args: unknown,
): asserts args is Record<string, unknown> {
  const where = `server '${server}', tool '${tool}'`;
  const data = { server, tool };
  let validate: SchemaValidator;
  try {
    validate = compileSchema(inputSchema as JsonSchema);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BatonError("PROTOCOL", `${where}: its input schema cannot be used: ${reason}`, { cause, data });
  }
  const issues = validate(args);
  if (issues.length === 0) return;
  const problem = `${where}: the arguments do not fit its schema:\n${describeIssues(issues, "the arguments")}`;
  throw new BatonError("INVALID_ARGUMENTS", problem, { data: { ...data, issues } });
}
