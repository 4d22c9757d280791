import { z } from "zod";
import type { Fault } from "../../core/faults.js";
import { KINDS, type Kind } from "./step.js";

const NAME = /^[A-Za-z][\w-]{0,63}$/;
const LONGEST_MS = 2 ** 31 - 1;
const DAY_MS = 86_400_000;

/** LangGraph has one space for the names of nodes and of what the state has; the nodes of ours have a space in theirs. */
const TAKEN = new Set([
  "input",
  "output",
  "run",
  "steps",
  "undone",
  ...Object.getOwnPropertyNames(Object.prototype),
]);
const stepName = z
  .string()
  .regex(NAME, "must be letters, digits, _ and -, beginning with a letter, at most 64")
  .refine((value) => !TAKEN.has(value), "is a name that has another meaning: take another one")
  .describe("Unique in the workflow");
const name = z
  .string()
  .regex(NAME, "must be letters, digits, _ and -, beginning with a letter, at most 64")
  .describe("Unique in the workflow");
const text = z.string().min(1);
const ms = z.int().min(1).max(LONGEST_MS);
const args = z
  .union([text, z.record(z.string(), z.unknown())])
  .describe("JSONata that gives them, or the arguments as they are");
const risk = z.enum(["low", "medium", "high"]);
const code = z.custom<(scope: never) => unknown>((value) => typeof value === "function");
const runnable = z.custom<object>(
  (value) => typeof value === "object" && value !== null && "invoke" in value,
);

const retry = z
  .union([
    z.int().min(0).max(100),
    z.strictObject({
      times: z.int().min(0).max(100),
      delayMs: ms
        .optional()
        .describe("Before the second attempt; doubles each time. 250 when it is left out"),
      maxDelayMs: ms.optional().describe("30000 when it is left out"),
    }),
  ])
  .describe("Attempts after the first");

const approve = z.strictObject({
  risk: text.optional().describe('"low", "medium", "high", or JSONata that gives one of them'),
  from: risk.optional().describe("Nobody is asked about what is of less risk"),
  preview: z
    .union([text, z.strictObject({ call: text, args: text.optional() })])
    .optional()
    .describe("A read-only tool that says what would happen"),
  args: args.optional().describe("What is agreed to; else the arguments of the calls that need this step"),
  by: z.array(text).min(1).optional().describe("Names of those who may decide, with * for any characters"),
  notBy: text.optional().describe("JSONata that gives the names of those who may not"),
  people: z.int().min(1).max(20).optional().describe("How many different people must agree"),
  timeoutMs: z
    .int()
    .min(1)
    .max(365 * DAY_MS)
    .optional()
    .describe("Rejected when nobody decided by then; a day"),
});

/** The schemas of steps by kind; with code, as TypeScript can have it, or without, as a file. */
function stepSchemas(withCode: boolean): Readonly<Record<Kind, z.ZodObject>> {
  const orCode = <T extends z.ZodType>(schema: T) => (withCode ? z.union([schema, code]) : schema);
  const compensation = z.union([
    text,
    z.strictObject({ call: text, args: args.optional(), retry: retry.optional(), timeoutMs: ms.optional() }),
  ]);
  const base = {
    name: stepName,
    needs: z
      .union([text, z.array(text)])
      .optional()
      .describe("Steps before it; else the one before it in the list"),
    when: orCode(text).optional().describe("JSONata: skipped when it gives false or nothing"),
    optional: z.boolean().optional().describe("The run goes on when it fails"),
  };
  const work = {
    ...base,
    each: text.optional().describe("JSONata that gives a list: done once for each item"),
    concurrency: z.int().min(1).max(1000).optional().describe("Items at a time"),
    retry: retry.optional(),
    timeoutMs: ms.optional().describe("Longest time of one attempt"),
    keep: text.optional().describe("JSONata over `result` and the rest: what is kept"),
    compensate: orCode(compensation).optional().describe("What undoes it when a later step fails"),
  };
  const { compensate: _, ...valued } = work;
  // What is inside of a graph is tried again there; the whole of it would be done twice.
  const { retry: ___, ...once } = work;
  // What people refused must not go on as if they had agreed.
  const { optional: __, ...asked } = base;
  return {
    call: z.strictObject({ ...work, call: text.describe("server.tool"), args: args.optional() }),
    run: z.strictObject({ ...work, run: orCode(text).describe("Name of a function") }),
    graph: z.strictObject({
      ...once,
      graph: (withCode ? z.union([text, runnable]) : text).describe("Name of a graph"),
      args: args.optional(),
    }),
    value: z.strictObject({ ...valued, value: text.describe("JSONata") }),
    approve: z.strictObject({ ...asked, approve }),
  };
}

const inCode = stepSchemas(true);
const inFile = stepSchemas(false);

/** What is wrong with the form of a step, before anything that it names is looked for. */
export function stepFaults(step: unknown, path: string, schemas = inCode): readonly Fault[] {
  if (typeof step !== "object" || step === null) return [{ path, problem: "must be an object" }];
  const kinds = KINDS.filter((kind) => (step as Record<string, unknown>)[kind] !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    const problem = `must have exactly one of ${KINDS.join(", ")}, and has ${kinds.join(" and ") || "none"}`;
    return [{ path, problem }];
  }
  return faultsOf(schemas[kind].safeParse(step).error, path);
}

/** What is wrong with the content of a file. Each step is told by its own kind, not that it is of none. */
export function fileFaults(value: unknown): readonly Fault[] {
  const faults = faultsOf(fileSchema.safeParse(value).error);
  const steps: unknown = (value as { steps?: unknown } | null)?.steps;
  const own = Array.isArray(steps) ? steps.flatMap((step, i) => stepFaults(step, `steps[${i}]`, inFile)) : [];
  return [...faults.filter(({ path }) => !path.startsWith("steps.")), ...own];
}

/** The faults of a value that a schema found, with their paths. */
export function faultsOf(error: z.ZodError | undefined, path = ""): readonly Fault[] {
  return (error?.issues ?? []).map((issue) => ({
    path: [path, ...issue.path.map(String)].filter((part) => part !== "").join("."),
    problem: issue.message.charAt(0).toLowerCase() + issue.message.slice(1),
  }));
}

/** The form of a workflow in a file. */
export const fileSchema = z
  .strictObject({
    $schema: z.string().optional(),
    name,
    description: text.optional(),
    version: text
      .optional()
      .describe("Changes when the meaning of a step does; runs go on only under their own"),
    input: z.record(z.string(), z.unknown()).optional().describe("JSON Schema of the input"),
    steps: z.array(z.union(Object.values(inFile))).min(1),
    output: text.optional().describe("JSONata: what the workflow gives; else the result of its last step"),
    timeoutMs: ms.optional().describe("Longest time of a run, waiting for people included"),
    parallel: z.int().min(1).max(1000).optional().describe("Steps at a time; 8 when it is left out"),
  })
  .meta({ title: "Workflow", description: "A workflow of langbaton." });
