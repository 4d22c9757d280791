import { BatonError } from "./errors.js";
import { isToolPattern } from "./pattern.js";

/** A part of the standard stack that options, or a configuration file, can set. */
export type Part = keyof typeof PARTS;

/** Options by part, or `false` for a tool that goes without one. */
export type Settings = Readonly<Partial<Record<Part, unknown>>>;

/** What one option may be. `must` continues "must be". */
interface Rule {
  readonly must: string;
  readonly test: (value: unknown) => boolean;
  /** What is wrong inside of a value that passed the test; paths start at the value. */
  readonly within?: (value: unknown) => readonly OptionFault[];
}

/** One thing that is wrong with a part's options; `path` starts at the part. */
export interface OptionFault {
  readonly path: readonly (string | number)[];
  readonly problem: string;
  readonly fix: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;

const whole = (from: number, to: number, unit = ""): Rule => ({
  must: `a whole number${unit} from ${from} to ${to}`,
  test: (value) => Number.isInteger(value) && (value as number) >= from && (value as number) <= to,
});
const milliseconds = whole(1, DAY_MS, " of milliseconds");
const between = (from: number, to: number): Rule => ({
  must: `a number from ${from} to ${to}`,
  test: (value) => typeof value === "number" && value >= from && value <= to,
});
const share: Rule = {
  must: "a share above 0 and at most 1, as in 0.5",
  test: (value) => typeof value === "number" && value > 0 && value <= 1,
};
const oneOf = (...words: readonly string[]): Rule => ({
  must: `one of ${words.join(", ")}`,
  test: (value) => typeof value === "string" && words.includes(value),
});
const text: Rule = { must: "text", test: (value) => typeof value === "string" && value !== "" };
const texts: Rule = {
  must: "a list of texts",
  test: (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
};

const flag: Rule = { must: "true or false", test: (value) => typeof value === "boolean" };

/** A file can only name a path; a program may give a log. */
const auditTarget: Rule = {
  must: "a file's path, or in a program a log or a function",
  test: (value) => text.test(value) || (typeof value === "object" && value !== null && "append" in value),
};
const patterns: Rule = {
  must: "a tool pattern such as 'files.read_*', or a list of at least one",
  test: (value) => typeof value === "string" || (Array.isArray(value) && value.length > 0),
  within: (value) =>
    (Array.isArray(value) ? value : [value]).flatMap((pattern: unknown, index): OptionFault[] => {
      if (typeof pattern === "string" && isToolPattern(pattern)) return [];
      const fix = "Write server.tool, with * for any characters: 'files.read_file', 'files.*' or '*.*'";
      return [{ path: Array.isArray(value) ? [index] : [], problem: "is no tool pattern", fix }];
    }),
};
/** These are named beside what holds anyway: none is a choice as well. */
const patternsOrNone: Rule = {
  ...patterns,
  must: "a tool pattern such as 'files.read_*', or a list of them",
  test: (value) => typeof value === "string" || Array.isArray(value),
};
const names: Rule = {
  must: "a list of at least one name; leave it out to mean everybody",
  test: (value) => texts.test(value) && (value as string[]).length > 0 && !(value as string[]).includes(""),
};
const ruleKeys = {
  allow: patterns,
  deny: patterns,
  agents: names,
  users: names,
  tenants: names,
  permissions: names,
};

const permitRules: Rule = {
  must: 'a list of at least one rule such as { "allow": "files.read_*" }; for no rules at all, write false for the part',
  test: (value) => Array.isArray(value) && value.length > 0,
  within: (value) =>
    (value as readonly unknown[]).flatMap((rule, index) => atPath([index], findRuleFaults(rule))),
};

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unknownKeys(keys: Readonly<Record<string, Rule>>, rule: object): OptionFault[] {
  const fix = `It has ${Object.keys(keys).join(", ")}`;
  return Object.keys(rule)
    .filter((key) => !Object.hasOwn(keys, key))
    .map((key) => ({ path: [key], problem: "is not a key of a rule", fix }));
}

function findRuleFaults(rule: unknown): readonly OptionFault[] {
  const fix = 'Write { "allow": "files.read_*" } or { "deny": "files.delete_*" }';
  if (!isObject(rule)) return [{ path: [], problem: "is no rule", fix }];
  const { allow, deny } = rule;
  const faults = unknownKeys(ruleKeys, rule);
  if (allow === undefined && deny === undefined)
    faults.push({ path: [], problem: "neither allows nor denies", fix });
  if (allow !== undefined && deny !== undefined)
    faults.push({ path: [], problem: "both allows and denies", fix: "Make two rules of it" });
  return [...faults, ...findFaults(ruleKeys, rule)];
}

const paths: Rule = {
  must: "a list of at least one path such as 'employees.*.salary'",
  test: (value) =>
    names.test(value) &&
    (value as string[]).every((path) => /^[^.\s]/.test(path) && !/\.(?:\.|$)/.test(path)),
};
const maskNames = ["email", "phone", "card", "iban", "ip", "secret"];
const masks: Rule = {
  must: `a list of ${maskNames.join(", ")}, or of regular expressions between slashes such as '/EMP-\\d{6}/'`,
  test: (value) =>
    names.test(value) &&
    (value as string[]).every((mask) => maskNames.includes(mask) || /^\/.+\/i?$/s.test(mask)),
};
const minimiseKeys = {
  tools: patterns,
  removeArguments: paths,
  removeResults: paths,
  mask: masks,
  in: oneOf("arguments", "results", "both"),
};
const minimiseRules: Rule = {
  must: 'a list of rules such as { "tools": ["crm.*"], "removeResults": ["employees.*.salary"], "mask": ["email"] }',
  test: Array.isArray,
  within: (value) =>
    (value as readonly unknown[]).flatMap((rule, index) => atPath([index], findMinimiseFaults(rule))),
};

function findMinimiseFaults(rule: unknown): readonly OptionFault[] {
  const fix = 'Write { "tools": ["crm.*"], "removeResults": ["employees.*.salary"], "mask": ["email"] }';
  if (!isObject(rule)) return [{ path: [], problem: "is no rule", fix }];
  const faults = unknownKeys(minimiseKeys, rule);
  if (!("tools" in rule)) faults.push({ path: [], problem: "names no tools", fix });
  if (!("removeArguments" in rule || "removeResults" in rule || "mask" in rule))
    faults.push({ path: [], problem: "neither removes nor masks", fix });
  return [...faults, ...findFaults(minimiseKeys, rule)];
}

/**
 * The options of each part that a JSON file can write. Programs may give more, functions and stores for example.
 * One table, so that a file and a program are held to the same limits.
 */
const PARTS = {
  timeout: { totalMs: milliseconds, factor: between(1, 100), minMs: milliseconds, maxMs: milliseconds },
  retry: {
    attempts: whole(1, 20),
    baseMs: milliseconds,
    maxDelayMs: milliseconds,
    reserve: whole(0, 10_000),
    perSuccess: between(0, 1),
  },
  breaker: {
    per: oneOf("server", "tool"),
    consecutive: whole(1, 10_000),
    failureRate: share,
    window: whole(1, 10_000),
    minCalls: whole(1, 10_000),
    openMs: milliseconds,
    halfOpen: whole(1, 1000),
  },
  limit: { per: oneOf("server", "tool"), concurrent: whole(1, 10_000), queue: whole(0, 100_000) },
  rateLimit: {
    per: oneOf("server", "tool", "caller"),
    calls: whole(1, 1_000_000),
    perMs: milliseconds,
    burst: whole(1, 1_000_000),
    whenStoreFails: oneOf("open", "closed"),
  },
  hedge: { percentile: between(0.5, 0.999), extra: share, minDelayMs: milliseconds, to: text },
  fallback: { to: text, result: text },
  cache: { ttlMs: milliseconds, maxEntries: whole(1, 10_000_000), tools: texts },
  idempotency: {
    ttlMs: whole(1, 30 * DAY_MS, " of milliseconds"),
    derive: oneOf("never", "tool-call"),
    leaseMs: milliseconds,
  },
  permit: { rules: permitRules },
  approve: { from: oneOf("low", "medium", "high"), tools: patternsOrNone, expiresMs: milliseconds },
  minimise: { rules: minimiseRules },
  audit: { to: auditTarget, whenBroken: oneOf("refuse", "warn") },
  trace: { content: flag },
  measure: {},
} as const satisfies Readonly<Record<string, Readonly<Record<string, Rule>>>>;

export const partNames = Object.keys(PARTS) as readonly Part[];

/** The options of a part that a file can write. */
export function optionNames(part: Part): readonly string[] {
  return Object.keys(PARTS[part]);
}

/** What is wrong with a part's options. An option that the table does not have is the caller's to judge. */
export function findOptionFaults(
  part: Part,
  options: Readonly<Record<string, unknown>>,
): readonly OptionFault[] {
  return findFaults(PARTS[part], options);
}

function findFaults(
  rules: Readonly<Record<string, Rule>>,
  values: Readonly<Record<string, unknown>>,
): readonly OptionFault[] {
  return Object.entries(values).flatMap(([name, value]): readonly OptionFault[] => {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined || value === undefined || typeof value === "function") return [];
    if (rule.test(value)) return atPath([name], rule.within?.(value) ?? []);
    return [{ path: [name], problem: "cannot be used", fix: `It must be ${rule.must}` }];
  });
}

function atPath(start: OptionFault["path"], faults: readonly OptionFault[]): readonly OptionFault[] {
  return faults.map((fault) => ({ ...fault, path: [...start, ...fault.path] }));
}

/**
 * Checks options that a program gives to a part.
 *
 * @throws {BatonError} `CONFIG_INVALID` that names the part, the option, and what it may be
 */
export function checkOptions(part: Part, options: object): void {
  const [fault] = findOptionFaults(part, options as Readonly<Record<string, unknown>>);
  if (fault === undefined) return;
  const value = fault.path.reduce<unknown>(
    (inner, key) => (inner as Readonly<Record<string | number, unknown>>)[key],
    options,
  );
  const shown = typeof value === "number" || typeof value === "string" ? ` ${JSON.stringify(value)}` : "";
  const place = fault.path.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("");
  throw new BatonError(
    "CONFIG_INVALID",
    `${part}(): the option ${place.slice(1)}${shown} ${fault.problem}. ${fault.fix}`,
    { data: { part, faults: [fault] } },
  );
}
