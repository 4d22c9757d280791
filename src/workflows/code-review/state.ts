import { ReducedValue, StateSchema } from "@langchain/langgraph";
import { z } from "zod";
import { deltaMessages } from "../../agents/delta-messages.js";
import { type Answers, answerSchemas } from "./answers.js";
import { ANALYSES, SEVERITIES } from "./types.js";

const place = { file: z.string(), line: z.number() };

const finding = z.object({
  severity: z.enum(SEVERITIES),
  kind: z.string(),
  ...place,
  title: z.string(),
  evidence: z.string(),
  recommendation: z.string(),
});
const action = z.object({ title: z.string(), ...place, effort: z.enum(["small", "medium", "large"]) });
const answers = z.object(answerSchemas).partial();

const asked = {
  path: z.string().nullish().meta({
    title: "Path",
    description: "A file or folder, relative to the code server's; read from the message if missing",
  }),
  focus: z.array(z.enum(ANALYSES)).nullish().meta({
    title: "Focus",
    description: "Which analyses; read from the message if missing, and all if that names none",
  }),
};

/** What a thread keeps of a review. */
export const reviewState = new StateSchema({
  messages: deltaMessages,
  ...asked,
  request: z.object({ path: z.string(), analyses: z.array(z.enum(ANALYSES)) }).optional(),
  answers: new ReducedValue((answers as unknown as z.ZodType<Answers>).default({}), {
    inputSchema: answers as unknown as z.ZodType<Answers>,
    reducer: (all, some) => ({ ...all, ...some }),
  }),
  /** The lines around a place, by `file:line`. */
  quotes: z.record(z.string(), z.string()).default({}),
  /** What was not looked at, and why. */
  notes: new ReducedValue(z.array(z.string()).default([]), {
    inputSchema: z.array(z.string()),
    reducer: (all, some) => [...all, ...some],
  }),
  findings: z.array(finding).default([]),
  /** Found as well, and not worth a place in the report. */
  leftOut: z.number().default(0),
  actions: z.array(action).default([]),
});

export type ReviewState = typeof reviewState.State;
export type ReviewUpdate = typeof reviewState.Update;

/** What a run is given: a message, or the path and the analyses themselves. */
export const reviewInput = new StateSchema({ messages: deltaMessages, ...asked });
