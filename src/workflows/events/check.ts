import { Cron } from "croner";
import * as z from "zod";
import { isBatonError, reasonOf } from "../../core/errors.js";
import { compileExpression, type Expression } from "../expression.js";
import { secretKey } from "./signature.js";
import type { EventLimits, EventRule, EventSchedule } from "./types.js";

const DAY_MS = 24 * 60 * 60_000;

export const LIMITS = {
  bodyBytes: 1024 * 1024,
  bodyMs: 10_000,
  perMinute: Number.POSITIVE_INFINITY,
  queue: 10_000,
  concurrent: 8,
  attempts: 5,
  baseMs: 1000,
  runMs: 60 * 60_000,
  waitingMs: 30_000,
  keepMs: 30 * DAY_MS,
} as const satisfies Required<EventLimits>;

/** What is wrong, where, and what to do about it. */
export interface EventFault {
  readonly path: readonly (string | number)[];
  readonly problem: string;
  readonly fix: string;
}

const whole = (least: number, most: number) =>
  z
    .int(`is no whole number. Write one from ${least} to ${most}`)
    .min(least, `is below ${least}. Write at least that`)
    .max(most, `is above ${most}. Write at most that`)
    .optional();
const text = z.string("is no text. Write it in quotes").min(1, "is empty. Write it, or leave the key out");
const name = z
  .string("is missing, or no text. Give it a name of its own")
  .regex(/^[\w.-]{1,64}$/, "cannot be a name. Write up to 64 letters, digits, _, - and full stops");

const rule = z.strictObject({
  name,
  on: z
    .string("is missing, or no text. Write a type of event")
    .regex(
      /^(\*|[\w.-]{1,128}|[\w.-]{1,126}\.\*)$/,
      'is no type of event. Write one as in "laptop.requested", all under one as in "laptop.*", or "*"',
    ),
  when: text.optional(),
  workflow: z
    .string("is missing, or no text. Write the workflow's name")
    .min(1, "is empty. Write the workflow's name"),
  input: text.optional(),
});
const schedule = rule.omit({ on: true, when: true }).extend({
  cron: z.string('is missing, or no text. Write it as in "0 9 * * 1"'),
  timezone: text.optional(),
  missed: z.enum(["skip", "once"], 'is not known. Write "skip" or "once"').optional(),
});
const limits = z.strictObject({
  bodyBytes: whole(1, 64 * 1024 * 1024),
  bodyMs: whole(1, 10 * 60_000),
  perMinute: whole(1, 1_000_000),
  queue: whole(1, 10_000_000),
  concurrent: whole(1, 1000),
  attempts: whole(1, 100),
  baseMs: whole(1, DAY_MS),
  runMs: whole(1, 7 * DAY_MS),
  waitingMs: whole(1, DAY_MS),
  keepMs: whole(1, 3650 * DAY_MS),
});

/** What a program and a file give alike. */
export const partsSchema = z.strictObject({
  rules: z.array(rule, "is no list. Write [ ]").optional(),
  schedules: z.array(schedule, "is no list. Write [ ]").optional(),
  secrets: z
    .union(
      [
        z
          .array(z.string("is no text. Write it in quotes"))
          .min(1, "is empty. Name at least one, or leave the key out"),
        z.literal("unsigned"),
      ],
      'cannot be used. Write a list of at least one secret, or "unsigned" for this machine alone',
    )
    .optional(),
  limits: limits.optional(),
});

/** Faults of shape, as {@link EventFault}; each of the schema's messages is a problem, a full stop, and what to do. */
export function shapeFaults(error: z.ZodError): readonly EventFault[] {
  return error.issues.flatMap((issue): readonly EventFault[] => {
    const path = issue.path.map((key) => (typeof key === "number" ? key : String(key)));
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => {
        return { path: [...path, key], problem: "is not known", fix: "Correct its name, or take it out" };
      });
    const [problem = "", fix = "Correct it"] = issue.message.split(". ");
    return [{ path, problem, fix }];
  });
}

/** A rule or a schedule that is ready for use. */
export interface CompiledRule {
  readonly name: string;
  readonly workflow: string;
  readonly when?: Expression;
  readonly input: Expression;
}

export interface CompiledSchedule {
  readonly name: string;
  readonly cron: Cron;
  readonly missed: "skip" | "once";
}

export interface Compiled {
  /** Rules and schedules by name. */
  readonly rules: ReadonlyMap<string, CompiledRule>;
  readonly schedules: readonly CompiledSchedule[];
  readonly faults: readonly EventFault[];
}

/**
 * Reads the expressions of rules and schedules, and finds what no schema can. One that does not fit the schema is left out: it
 * is for {@link partsSchema} to say so, and no reason to keep quiet about the others.
 */
export function compileParts(
  {
    rules,
    schedules,
  }: { readonly rules?: readonly EventRule[]; readonly schedules?: readonly EventSchedule[] },
  isWorkflow: (name: string) => boolean = () => true,
): Compiled {
  const compiled = new Map<string, CompiledRule>();
  const faults: EventFault[] = [];
  const expression = (path: EventFault["path"], source: string): Expression => {
    try {
      return compileExpression(source, pathOf(path));
    } catch (error) {
      if (!isBatonError(error, "CONFIG_INVALID")) throw error;
      const problem = String((error.data.faults as readonly { problem?: unknown }[])[0]?.problem);
      faults.push({ path, problem: `is no JSONata: ${problem}`, fix: "Correct the expression" });
      return compileExpression("null");
    }
  };
  const add = (path: EventFault["path"], given: EventRule | EventSchedule): void => {
    if (compiled.has(given.name)) {
      const fix = "Rules and schedules each need a name of their own";
      faults.push({ path: [...path, "name"], problem: `'${given.name}' is there twice`, fix });
    }
    if (!isWorkflow(given.workflow)) {
      const fix = "Correct the name, or add the workflow";
      faults.push({
        path: [...path, "workflow"],
        problem: `'${given.workflow}' is no workflow that was given`,
        fix,
      });
    }
    const when =
      "when" in given && given.when !== undefined ? expression([...path, "when"], given.when) : undefined;
    compiled.set(given.name, {
      name: given.name,
      workflow: given.workflow,
      ...(when !== undefined && { when }),
      input: expression([...path, "input"], given.input ?? "data"),
    });
  };
  for (const [index, each] of listOf(rules).entries())
    if (rule.safeParse(each).success) add(["rules", index], each);
  const timed = listOf(schedules).flatMap((each, index): readonly CompiledSchedule[] => {
    if (!schedule.safeParse(each).success) return [];
    add(["schedules", index], each);
    const { name: of, cron: pattern, timezone = "UTC", missed = "skip" } = each;
    // The parser would take a date too.
    if (!/^(@\w+|\S+(\s+\S+){4,5})$/.test(pattern.trim())) {
      const problem = "has not five fields, or six with seconds first";
      faults.push({ path: ["schedules", index, "cron"], problem, fix: 'Write it as in "0 9 * * 1"' });
      return [];
    }
    try {
      const cron = new Cron(pattern, { timezone, paused: true, mode: "5-or-6-parts" });
      if (cron.nextRun() !== null) return [{ name: of, cron, missed }];
      faults.push({
        path: ["schedules", index, "cron"],
        problem: "is never due",
        fix: "Correct day and month",
      });
    } catch (error) {
      const key = /timezone/i.test(reasonOf(error)) ? "timezone" : "cron";
      const fix = key === "cron" ? 'Write it as in "0 9 * * 1"' : 'Write it as in "Europe/Berlin"';
      faults.push({ path: ["schedules", index, key], problem: `cannot be used (${reasonOf(error)})`, fix });
    }
    return [];
  });
  return { rules: compiled, schedules: timed, faults };
}

function listOf<T>(list: readonly T[] | undefined): readonly T[] {
  return Array.isArray(list) ? list : [];
}

/** The keys of secrets; a secret that is none is a fault. */
export function secretKeys(secrets: readonly string[]): {
  readonly keys: readonly Buffer[];
  readonly faults: readonly EventFault[];
} {
  const keys = secrets.map(secretKey);
  const faults = keys.flatMap((key, index): readonly EventFault[] => {
    if (key !== undefined) return [];
    const fix =
      "Write whsec_ and the base64 of at least 24 random bytes, as `openssl rand -base64 32` makes them";
    return [{ path: ["secrets", index], problem: "is no secret of Standard Webhooks", fix }];
  });
  return { keys: keys.filter((key) => key !== undefined), faults };
}

/** As in `rules[0].when`. */
export function pathOf(path: EventFault["path"]): string {
  return path
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`))
    .join("")
    .replace(/^\./, "");
}
