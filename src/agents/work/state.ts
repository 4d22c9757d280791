import { ReducedValue, StateSchema } from "@langchain/langgraph";
import { z } from "zod";
import { mergeSpent, type Spent } from "../../models/budget.js";
import { boardState } from "../blackboard.js";
import { deltaMessages } from "../delta-messages.js";
import { mergeWork, NO_WORK, type Work, type WorkUpdate } from "./task.js";

const task = z.object({
  id: z.string(),
  specialist: z.string(),
  objective: z.string(),
  needs: z.array(z.string()).describe("Ids of the tasks that it is given the outcomes of"),
  status: z.enum(["planned", "done", "stopped", "failed", "skipped"]),
  members: z.array(z.string()).optional(),
  parts: z.number().optional(),
  answer: z.string().optional(),
  structured: z.unknown().optional(),
  findings: z.array(z.string()).optional().describe("Ids of findings on the board"),
  error: z.object({ code: z.string().optional(), message: z.string() }).optional(),
  refused: z.array(z.string()).optional().describe("Calls that a person refused"),
  startedAt: z.number().optional(),
  endedAt: z.number().optional(),
});

const work = z
  .object({
    turn: z.string(),
    tasks: z.array(task),
    repairs: z.number(),
    remarks: z.array(z.string()),
    reply: z.string().optional(),
  })
  .meta({
    title: "Work",
    description: "The tasks of the last question, each with who does it and what became of it.",
  });
const workUpdate = work.partial().required({ turn: true });

const count = z.number();
const row = z.object({
  agent: z.string(),
  model: z.string(),
  calls: count,
  inputTokens: count,
  outputTokens: count,
  cachedInputTokens: count,
  costUsd: count.nullable(),
  estimatedCalls: count,
});

const spent = z
  .object({
    id: z.string(),
    rows: z.array(row),
    limits: z.object({ maxTokens: count.optional(), maxUsd: count.optional() }),
    raised: z.boolean(),
    seen: z.array(z.string()),
  })
  .optional()
  .meta({
    title: "Spent",
    description: "Tokens and money of the last question, or of the thread, by agent and model.",
  }) as unknown as z.ZodType<Spent | undefined>;

/** What a thread keeps of a graph that has tasks done. */
export const workState = new StateSchema({
  messages: deltaMessages,
  work: new ReducedValue((work as unknown as z.ZodType<Work>).default(NO_WORK), {
    inputSchema: workUpdate as unknown as z.ZodType<WorkUpdate>,
    reducer: mergeWork,
  }),
  board: boardState,
  spent: new ReducedValue(spent, { inputSchema: spent, reducer: mergeSpent }),
});

export type WorkState = typeof workState.State;
export type WorkStateUpdate = typeof workState.Update;

/** What a run is given. */
export const workInput = new StateSchema({ messages: deltaMessages });
