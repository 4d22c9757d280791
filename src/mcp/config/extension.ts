import { findOptionFaults, optionNames, type Part, partNames } from "../../core/settings.js";
import {
  type Fields,
  isObject,
  type JsonObject,
  kindOf,
  type Rule,
  readBytes,
  readList,
  readMilliseconds,
  rules,
} from "./fields.js";
import type { Findings } from "./findings.js";
import { nearest } from "./keys.js";

const key = "x-langbaton";
const ofTools = ["hints", ...partNames];
const ours = ["connectTimeoutMs", "maxTimeoutMs", "maxResultBytes", "allow", "tools", ...ofTools];
const hintNames = ["readOnly", "idempotent", "destructive", "openWorld"];

interface Extension {
  readonly connectTimeoutMs?: number;
  readonly maxTimeoutMs?: number;
  readonly maxResultBytes?: number;
  readonly allowed: ReadonlySet<Rule>;
  /** The whole object, as other parts read keys of their own there. */
  readonly extension: JsonObject;
}

/** Reads the object that only Langbaton looks at, so that every other host can read the same file. */
export function readExtension({ value: entry, findings }: Fields): Extension {
  const value = entry[key];
  const allowed = new Set<Rule>();
  if (value === undefined) return { allowed, extension: {} };
  if (!isObject(value)) {
    findings.fault([key], `is ${kindOf(value)}, not an object`, 'Write { "connectTimeoutMs": 30000 }');
    return { allowed, extension: {} };
  }
  const fields: Fields = {
    value,
    findings: {
      fault: (path, ...rest) => findings.fault([key, ...path], ...rest),
      warn: (path, sentence) => findings.warn([key, ...path], sentence),
    },
  };
  checkPolicy(fields, ours);
  checkTools(fields);
  for (const [index, word] of readList(fields, "allow").entries()) {
    const rule = rules.find((known) => known === word);
    if (rule !== undefined) allowed.add(rule);
    else if (word !== undefined) {
      const near = nearest(word, rules);
      const fix = near === undefined ? `Write one of ${rules.join(", ")}` : `Did you mean ${near}?`;
      fields.findings.fault(["allow", index], "is not a rule that can be switched off", fix);
    }
  }
  const connectTimeoutMs = readMilliseconds(fields, "connectTimeoutMs");
  const maxTimeoutMs = readMilliseconds(fields, "maxTimeoutMs");
  const maxResultBytes = readBytes(fields, "maxResultBytes");
  return {
    ...(connectTimeoutMs !== undefined && { connectTimeoutMs }),
    ...(maxTimeoutMs !== undefined && { maxTimeoutMs }),
    ...(maxResultBytes !== undefined && { maxResultBytes }),
    allowed,
    extension: value,
  };
}

/** Everything that may stand for a server as well as for a tool. Keys of others are left alone. */
function checkPolicy({ value, findings }: Fields, known: readonly string[]): void {
  for (const name of Object.keys(value)) {
    const near = known.includes(name) ? undefined : nearest(name, known);
    if (near !== undefined) findings.fault([name], "is not a known key", `Did you mean ${near}?`);
  }
  for (const part of partNames) if (value[part] !== undefined) checkPart(part, value[part], findings);
  const { hints } = value;
  if (hints === undefined) return;
  if (!isObject(hints)) {
    findings.fault(["hints"], `is ${kindOf(hints)}, not an object`, 'Write { "readOnly": true }');
    return;
  }
  for (const [name, hint] of Object.entries(hints)) {
    const fix = `Write one of ${hintNames.join(", ")}, with true or false`;
    if (!hintNames.includes(name)) findings.fault(["hints", name], "is not a hint", fix);
    else if (typeof hint !== "boolean")
      findings.fault(["hints", name], `is ${kindOf(hint)}, not true or false`, fix);
  }
}

function checkPart(part: Part, options: unknown, findings: Findings): void {
  if (options === false) return;
  if (!isObject(options)) {
    findings.fault(
      [part],
      `is ${kindOf(options)}, not an object`,
      `Write its options, or false to go without`,
    );
    return;
  }
  const names = optionNames(part);
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    const near = nearest(name, names);
    const fix = near === undefined ? `It has ${names.join(", ") || "no options"}` : `Did you mean ${near}?`;
    findings.fault([part, name], "is not an option of it", fix);
  }
  for (const { path, problem, fix } of findOptionFaults(part, options))
    findings.fault([part, ...path], problem, fix);
}

function checkTools({ value, findings }: Fields): void {
  const { tools } = value;
  if (tools === undefined) return;
  if (!isObject(tools)) {
    findings.fault(
      ["tools"],
      `is ${kindOf(tools)}, not an object`,
      'Write { "tool_name": { "retry": false } }',
    );
    return;
  }
  for (const [name, options] of Object.entries(tools)) {
    const within: Findings = {
      fault: (path, ...rest) => findings.fault(["tools", name, ...path], ...rest),
      warn: (path, sentence) => findings.warn(["tools", name, ...path], sentence),
    };
    if (isObject(options)) checkPolicy({ value: options, findings: within }, ofTools);
    else within.fault([], `is ${kindOf(options)}, not an object`, 'Write { "retry": false }');
  }
}
