import { z } from "zod";

const error = z.object({ code: z.string().optional(), message: z.string(), step: z.string().optional() });

const item = z.object({
  status: z.enum(["done", "failed"]),
  order: z.number().describe("When it was settled, among all of the run: for the way back"),
  args: z.unknown().optional(),
  result: z.unknown().optional(),
  error: error.optional(),
  effect: z.literal("possible").optional().describe("It failed, and may have done something all the same"),
  attempts: z.number(),
});

const listed = item.extend({ index: z.number().describe("In the list") });

const step = item.extend({
  status: z.enum(["done", "failed", "skipped"]),
  items: z.array(listed).optional().describe("Of a step with each"),
  approvals: z
    .array(z.object({ by: z.string().optional(), at: z.number() }))
    .optional()
    .describe("Who agreed"),
  agreed: z.record(z.string(), z.unknown()).optional().describe("Arguments that people agreed to, by step"),
  startedAt: z.number(),
  endedAt: z.number(),
});

const undone = z.object({
  step: z.string(),
  index: z.number().optional(),
  status: z.enum(["undone", "failed"]),
  error: error.optional(),
  attempts: z.number(),
  at: z.number(),
  round: z.number().describe("Of undoing: what could not be undone may be tried in another one"),
  refusals: z.number().describe("How often it was said that it ran and failed, under a key each"),
});

const run = z.object({
  id: z.string(),
  workflow: z.string(),
  number: z.number().describe("Of the runs in this thread"),
  key: z.string().describe("What idempotency keys begin with"),
  input: z.string().describe("Hash of the input as it was given"),
  definition: z.object({ version: z.string(), output: z.string(), steps: z.record(z.string(), z.string()) }),
  status: z.enum(["running", "undoing", "done", "undone", "failed"]),
  error: error.optional(),
  startedAt: z.number(),
  endedAt: z.number().optional(),
  round: z.number().describe("Of undoing"),
  notes: z
    .array(z.unknown())
    .optional()
    .describe("Of a process that ended, from before the state was changed"),
});

/** Why something failed, as it is kept. */
export type RecordedError = z.infer<typeof error>;
/** What became of one item of a list. */
export type ItemRecord = z.infer<typeof listed>;
/** What became of one thing to do. */
export type DoneRecord = z.infer<typeof item>;
/** What became of a step. */
export type StepRecord = z.infer<typeof step>;
/** What became of a compensation. */
export type UndoRecord = z.infer<typeof undone>;
/**
 * A run of a workflow. `done`: all steps are. `undone`: one failed, and what was done before it was undone. `failed`: one
 * failed, and something could not be undone, which `undone` names.
 */
export type RunRecord = z.infer<typeof run>;
/** What the run was begun under: a version, and a hash of each step. */
export type DefinitionRecord = RunRecord["definition"];

export const schemas = { run, step, undone };

/** Whether a run has come to its end. */
export function isOver(run: RunRecord | undefined): boolean {
  return run !== undefined && run.status !== "running" && run.status !== "undoing";
}
