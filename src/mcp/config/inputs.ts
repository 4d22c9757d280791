import { isObject, kindOf } from "./fields.js";
import type { Findings } from "./findings.js";
import { quote } from "./findings.js";
import type { Scope } from "./interpolate.js";
import { nearest } from "./keys.js";

/** One of VS Code's `inputs`: a value that the file names and does not hold. */
interface DeclaredInput {
  readonly description: string | undefined;
  readonly default: string | undefined;
  readonly password: boolean;
}

const types = ["promptString", "pickString", "command"];

/**
 * Reads `inputs` and returns how to find one's value: in `values`, else in the environment variable `INPUT_<ID>`
 * (capitals, `_` for all but letters and digits), else its own default. Nothing is ever asked: no one may be there.
 */
export function readInputs(
  list: unknown,
  values: Readonly<Record<string, string>>,
  env: Scope["env"],
  findings: Findings,
): Scope["input"] {
  const declared = readDeclarations(list, findings);
  return (id) => {
    const input = declared.get(id);
    const variable = `INPUT_${id
      .slice(0, 100)
      .toUpperCase()
      .replace(/[^A-Z\d]/g, "_")}`;
    const given = Object.hasOwn(values, id) ? values[id] : undefined;
    const value = given ?? (Object.hasOwn(env, variable) ? env[variable] : undefined) ?? input?.default;
    if (value !== undefined) return { value, secret: input?.password ?? false };
    const near = nearest(id, [...declared.keys()]);
    const hint = input === undefined && near !== undefined ? ` (did you mean ${quote(near)}?)` : "";
    const about = input?.description === undefined ? "" : ` (${quote(input.description.slice(0, 100))})`;
    return { missing: `Give it in the option inputs, or set ${variable}${about}${hint}` };
  };
}

function readDeclarations(list: unknown, findings: Findings): Map<string, DeclaredInput> {
  const declared = new Map<string, DeclaredInput>();
  if (list === undefined) return declared;
  if (!Array.isArray(list)) {
    findings.fault(
      ["inputs"],
      `is ${kindOf(list)}, not a list`,
      'Write "inputs": [{ "id": "...", "type": "promptString" }]',
    );
    return declared;
  }
  for (const [index, input] of (list as unknown[]).entries()) {
    const path = ["inputs", index];
    if (!isObject(input)) {
      findings.fault(
        path,
        `is ${kindOf(input)}, not an object`,
        'Write { "id": "...", "type": "promptString" }',
      );
      continue;
    }
    const { id, type } = input;
    if (typeof type !== "string" || !types.includes(type)) {
      const near = typeof type === "string" ? nearest(type, types) : undefined;
      const fix = near === undefined ? `Write one of ${types.join(", ")}` : `Did you mean ${near}?`;
      findings.fault(
        [...path, "type"],
        type === undefined ? "is missing" : "is not a known type of input",
        fix,
      );
    }
    if (typeof id !== "string" || id === "") {
      findings.fault([...path, "id"], "is missing or no text", 'Write "id": "..." as ${input:id} names it');
    } else if (declared.has(id)) {
      findings.fault([...path, "id"], "is the id of an earlier input too", "Give each input its own id");
    } else {
      declared.set(id, {
        description: typeof input.description === "string" ? input.description : undefined,
        default: typeof input.default === "string" ? input.default : undefined,
        password: input.password === true,
      });
    }
  }
  return declared;
}
