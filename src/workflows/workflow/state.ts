import { ReducedValue, StateSchema } from "@langchain/langgraph";
import { z } from "zod";
import { type RunRecord, type StepRecord, schemas, type UndoRecord } from "./record.js";

type Steps = Readonly<Record<string, StepRecord>>;

const steps = z.record(z.string(), schemas.step) as unknown as z.ZodType<Steps>;
const undone = z.array(schemas.undone) as unknown as z.ZodType<readonly UndoRecord[]>;
const run = schemas.run.optional().meta({
  title: "Run",
  description: "How far the run has come, and what it was begun under.",
}) as unknown as z.ZodType<RunRecord | undefined>;
const output = z.unknown().meta({ title: "Output", description: "What the workflow gives." });

/** What a thread keeps of a workflow, for an input of any form. */
export function workflowState(input: z.ZodType) {
  return new StateSchema({
    // Not checked again at each step: the first one does, and says what is wrong in the words of its schema.
    input: z.unknown().meta({ title: "Input", ...input.meta() }),
    output,
    run,
    steps: new ReducedValue(steps.default({}).meta({ title: "Steps" }), {
      inputSchema: steps,
      reducer: (current: Steps, update: Steps): Steps => ({ ...current, ...update }),
    }),
    undone: new ReducedValue(undone.default([]).meta({ title: "Undone" }), {
      inputSchema: undone,
      reducer: (current: readonly UndoRecord[], update: readonly UndoRecord[]): readonly UndoRecord[] => [
        ...current,
        ...update,
      ],
    }),
  });
}

/** What a run is given. */
export function workflowInput(input: z.ZodType) {
  return new StateSchema({ input });
}

/** The state of the graph that a workflow is: `input` is given, the rest is what became of it. */
export interface WorkflowState {
  readonly input: unknown;
  readonly output?: unknown;
  readonly run?: RunRecord | undefined;
  readonly steps: Steps;
  readonly undone: readonly UndoRecord[];
}
