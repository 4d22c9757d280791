import type { Findings, Path } from "./findings.js";

export type JsonObject = Readonly<Record<string, unknown>>;

/** An object of the file, and the findings whose paths start at it. */
export interface Fields {
  readonly value: JsonObject;
  readonly findings: Findings;
}

/** One server's entry while it is checked. */
export interface Entry extends Fields {
  /** A text with its variables replaced; `undefined` after a fault. `name` says what it is, for redaction. */
  readonly expand: (text: string, path: Path, name?: string) => string | undefined;
  /** Whether a rule that protects people is switched off for this entry. */
  readonly allows: (rule: Rule) => boolean;
  readonly workspaceFolder: string;
  /** Nothing of it will run, so what only matters on this machine is not checked. */
  readonly disabled: boolean;
}

/** Rules that `"x-langbaton": { "allow": [...] }` can switch off. */
export const rules = [
  "unpinned",
  "insecure-http",
  "link-local",
  "env",
  "secret-in-url",
  "outside-workspace",
] as const;
export type Rule = (typeof rules)[number];

/** How to switch a rule off, for the end of a fix. */
export function orAllow(rule: Rule): string {
  return `, or accept it with "x-langbaton": { "allow": ["${rule}"] }`;
}

/** True for a JSON object: no list, not null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The kind of a JSON value in plain words, for "is …". Never the value. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return "text";
  if (typeof value === "object") return "an object";
  return typeof value === "boolean" ? "true or false" : `a ${typeof value}`;
}

/** A text, as it stands in the file; `undefined` when the key is absent or after a fault. */
export function readText(fields: Fields, key: string, fix = `Write "${key}": "..."`): string | undefined {
  const value = fields.value[key];
  if (value === undefined || typeof value === "string") return value;
  fields.findings.fault([key], `is ${kindOf(value)}, not text`, fix);
  return undefined;
}

/** `true` or `false`. */
export function readFlag(fields: Fields, key: string): boolean | undefined {
  const value = fields.value[key];
  if (value === undefined || typeof value === "boolean") return value;
  fields.findings.fault(
    [key],
    `is ${kindOf(value)}, not true or false`,
    `Write "${key}": true, without quotes`,
  );
  return undefined;
}

/** A list of texts, empty when the key is absent; `undefined` holds the place of an item that is a fault. */
export function readList(fields: Fields, key: string): (string | undefined)[] {
  const value = fields.value[key];
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    fields.findings.fault([key], `is ${kindOf(value)}, not a list`, `Write a list: "${key}": ["one", "two"]`);
    return [];
  }
  return value.flatMap((item: unknown, index) => {
    if (typeof item === "string") return [item];
    fields.findings.fault(
      [key, index],
      `is ${kindOf(item)}, not text`,
      'Put it in double quotes, as in "8080"',
    );
    return [];
  });
}

/** An object of texts, empty when the key is absent. Values that are no text are faults and left out. */
export function readTexts(fields: Fields, key: string): [name: string, text: string][] {
  const value = fields.value[key];
  if (value === undefined) return [];
  if (!isObject(value)) {
    fields.findings.fault([key], `is ${kindOf(value)}, not an object`, `Write "${key}": { "NAME": "value" }`);
    return [];
  }
  return Object.entries(value).flatMap(([name, text]): [string, string][] => {
    if (typeof text === "string") return [[name, text]];
    const fix = 'Put the value in double quotes, as in "8080"; remove the line if it has none';
    if (text !== undefined) fields.findings.fault([key, name], `is ${kindOf(text)}, not text`, fix);
    return [];
  });
}

const dayMs = 24 * 60 * 60 * 1000;

/** A whole number of milliseconds, from 1 to those of a day. */
export function readMilliseconds({ value: object, findings }: Fields, key: string): number | undefined {
  const value = object[key];
  if (value === undefined) return undefined;
  if (typeof value !== "number") {
    const problem = `is ${kindOf(value)}, not a number of milliseconds`;
    findings.fault([key], problem, "Write it without quotes, as in 30000");
  } else if (!Number.isInteger(value) || value < 1 || value > dayMs) {
    const problem = `is not a whole number of milliseconds from 1 to ${dayMs} (24 hours)`;
    findings.fault([key], problem, "Write 30000 for half a minute");
  } else return value;
  return undefined;
}

/** A whole number of bytes, from a kibibyte to a gibibyte. */
export function readBytes({ value: object, findings }: Fields, key: string): number | undefined {
  const value = object[key];
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 1024 && value <= 2 ** 30) return value;
  findings.fault(
    [key],
    "is not a whole number of bytes from 1024 to 1073741824 (1 GiB)",
    "Write 16777216 for 16 MiB",
  );
  return undefined;
}
