import { ReducedValue, StateSchema, UntrackedValue } from "@langchain/langgraph";
import { z } from "zod";
import { mergeWorking, type Working, type WorkingUpdate } from "../../memory/working.js";
import { deltaMessages } from "../delta-messages.js";

/** What a recall was for: it serves all model calls of a turn, as long as nothing of this changes. */
export interface RecalledFor {
  /** The id of the message that the turn began with. */
  readonly turn: string | undefined;
  /** The id of the message that the window began with. */
  readonly from: string | undefined;
  readonly working: Working;
}

const working = z.record(z.string(), z.unknown()).meta({
  title: "Current task",
  description: "What the agent keeps in mind for the task at hand. null removes a key, or all of it.",
});

const memoryWarning = z.string().nullable().optional().meta({
  title: "Memory warning",
  description: "Why the last turn had no full use of long-term memory; null when it had.",
  readOnly: true,
});

/** What a thread of the memory agent keeps. Names that begin with `_` are its own affair. */
export const memoryState = new StateSchema({
  messages: deltaMessages,
  working: new ReducedValue(working.default({}) as unknown as z.ZodType<Working>, {
    inputSchema: working.nullable() as unknown as z.ZodType<WorkingUpdate>,
    reducer: mergeWorking,
  }),
  memoryWarning,
  /** The id of the last message that long-term memory has. */
  _remembered: z.string().optional(),
  // Not stored: a run that is resumed recalls again.
  _context: new UntrackedValue<RecalledFor>(),
});

/** The same for the middleware, which reads it and must not say again how it is stored. */
export const memoryStateRead = z.object({
  working: z.custom<Working>().optional(),
  memoryWarning,
  _remembered: z.string().optional(),
  _context: z.custom<RecalledFor>().optional(),
});
