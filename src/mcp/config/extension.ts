import {
  type Fields,
  isObject,
  type JsonObject,
  kindOf,
  type Rule,
  readList,
  readMilliseconds,
  rules,
} from "./fields.js";
import { nearest } from "./keys.js";

const key = "x-langbaton";
const ours = ["connectTimeoutMs", "maxTimeoutMs", "allow"];

interface Extension {
  readonly connectTimeoutMs?: number;
  readonly maxTimeoutMs?: number;
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
  for (const name of Object.keys(value)) {
    const near = ours.includes(name) ? undefined : nearest(name, ours);
    if (near !== undefined) fields.findings.fault([name], "is not a known key", `Did you mean ${near}?`);
  }
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
  return {
    ...(connectTimeoutMs !== undefined && { connectTimeoutMs }),
    ...(maxTimeoutMs !== undefined && { maxTimeoutMs }),
    allowed,
    extension: value,
  };
}
