import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import * as z from "zod";
import { BatonError } from "../../core/errors.js";
import { collectFindings, toConfigError } from "../../mcp/config/findings.js";
import { readText } from "../../mcp/config/text.js";
import { compileParts, type EventFault, partsSchema, secretKeys, shapeFaults } from "./check.js";
import type { EventLimits, EventRule, EventSchedule } from "./types.js";

/** What a file says of events: the options of `createEvents()`, and the files of the workflows. */
export interface EventsFile {
  /** Absolute paths. */
  readonly workflows: readonly string[];
  readonly rules: readonly EventRule[];
  readonly schedules: readonly EventSchedule[];
  readonly secrets?: readonly string[] | "unsigned";
  readonly limits: EventLimits;
}

const fileSchema = partsSchema.extend({
  $schema: z.string().optional(),
  workflows: z
    .array(
      z.string("is no text. Write the path of a workflow's file"),
      "is missing, or no list. List the files of workflows",
    )
    .min(1, "is empty. List the files of workflows"),
});
type Parts = Pick<EventsFile, "rules" | "schedules" | "secrets">;

const START = { line: 1, column: 1 };
const FORM = 'Write the rules and nothing else, at least { "workflows": ["provision.json"] }';
const SECRET_PLACE = /^\$\{(?:env:)?([A-Za-z_]\w*)\}$/;

/**
 * Reads a file of rules, JSON or JSONC. Paths in it start at its folder; secrets are names of variables, as in
 * `"${env:WEBHOOK_SECRET}"`, and never stand in the file.
 *
 * @throws {BatonError} `CONFIG_INVALID` with everything that is wrong, each at its line
 */
export async function readEventsFile(
  file: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<EventsFile> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const message = `the rules '${file}' cannot be read: check the path and its permissions`;
    throw new BatonError("CONFIG_INVALID", message, { cause: error, data: { file, faults: [] } });
  }
  const findings = collectFindings();
  const document = readText(text, findings);
  const add = ({ path, problem, fix }: EventFault): void => findings.fault(path, problem, fix);
  for (const { path, second, first } of document?.duplicates ?? [])
    findings.fault(
      path,
      "is given twice, and only one of the two would count",
      `Keep one; the first is in line ${first.line}`,
      second,
    );
  const shape = document === undefined ? undefined : fileSchema.safeParse(document.value);
  if (shape?.error) for (const fault of shapeFaults(shape.error)) add(fault);
  // Of a file with one wrong key the rest is checked too.
  const given = (typeof document?.value === "object" ? (document.value ?? {}) : {}) as Readonly<Parts>;
  const places = fileSchema.shape.secrets.safeParse(given.secrets);
  const secrets = places.success ? secretsOf(places.data, env, add) : undefined;
  for (const fault of compileParts(given).faults) add(fault);
  if (findings.faults.length > 0 || !shape?.success)
    throw toConfigError(file, findings.faults.map(ofRules), (path) => document?.locate(path) ?? START);
  const { workflows, limits = {} } = shape.data;
  return {
    workflows: workflows.map((path) => resolve(dirname(file), path)),
    ...partsOf(shape.data),
    ...(secrets !== undefined && { secrets }),
    limits: limits as EventLimits,
  };
}

/** What is said of a file that is none in the words of rules, as the reader's are of MCP servers. */
function ofRules<Fault extends { readonly fix: string }>(fault: Fault): Fault {
  return /mcp|readConfig/i.test(fault.fix) ? { ...fault, fix: FORM } : fault;
}

function partsOf(data: z.infer<typeof fileSchema>): {
  readonly rules: readonly EventRule[];
  readonly schedules: readonly EventSchedule[];
} {
  // Zod's optional keys may be undefined; a file cannot say that.
  return {
    rules: (data.rules ?? []) as readonly EventRule[],
    schedules: (data.schedules ?? []) as readonly EventSchedule[],
  };
}

function secretsOf(
  secrets: readonly string[] | "unsigned" | undefined,
  env: Readonly<Record<string, string | undefined>>,
  add: (fault: EventFault) => void,
): readonly string[] | "unsigned" | undefined {
  if (secrets === undefined || secrets === "unsigned") return secrets;
  const path = (index: number) => ["secrets", index];
  return secrets.flatMap((place, index) => {
    const [, name] = SECRET_PLACE.exec(place) ?? [];
    if (name === undefined) {
      const fix = 'Put the secret into an environment variable and write "${env:WEBHOOK_SECRET}"';
      add({ path: path(index), problem: "stands in the file itself", fix });
      return [];
    }
    const value = env[name];
    if (value === undefined || value === "") {
      add({
        path: path(index),
        problem: `names ${name}, which is not set`,
        fix: `Set ${name} in the environment`,
      });
      return [];
    }
    for (const { problem, fix } of secretKeys([value]).faults)
      add({ path: path(index), problem: `names ${name}, whose value ${problem}`, fix });
    return [value];
  });
}
