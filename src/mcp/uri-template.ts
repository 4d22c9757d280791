import { UriTemplate } from "@modelcontextprotocol/client";
import { BatonError } from "../core/errors.js";

/**
 * The URI of a template (RFC 6570) with these values.
 *
 * @throws {BatonError} `INVALID_ARGUMENTS` when a variable has no value, or a value no variable
 */
export function expandTemplate(template: string, values: Readonly<Record<string, string>>): string {
  const parsed = new UriTemplate(template);
  const missing = parsed.variableNames.filter((name) => !Object.hasOwn(values, name));
  const unknown = Object.keys(values).filter((name) => !parsed.variableNames.includes(name));
  if (missing.length > 0 || unknown.length > 0) {
    const problems = [
      ...missing.map((name) => `'${name}' has no value`),
      ...unknown.map((name) => `there is no variable '${name}'`),
    ];
    throw new BatonError("INVALID_ARGUMENTS", `resource template '${template}': ${problems.join(", ")}`, {
      data: { template, missing, unknown },
    });
  }
  return parsed.expand({ ...values });
}
