import { ReducedValue, StateSchema } from "@langchain/langgraph";
import { z } from "zod";
import { mergeSpent, type Spent } from "../../models/budget.js";
import { boardState } from "../blackboard.js";
import { deltaMessages } from "../delta-messages.js";
import { mergeWork, NO_WORK, type Work, type WorkUpdate } from "./task.js";

const work = z.custom<Work>().meta({
  title: "Work",
  description: "The tasks of the last question, each with who does it and what became of it.",
});

const spent = z
  .custom<Spent>()
  .optional()
  .meta({ title: "Spent", description: "Tokens and money of the last question, by agent and model." });

/** What a thread keeps of a graph that has tasks done. */
export const workState = new StateSchema({
  messages: deltaMessages,
  work: new ReducedValue(work.default(NO_WORK), { inputSchema: z.custom<WorkUpdate>(), reducer: mergeWork }),
  board: boardState,
  spent: new ReducedValue(spent, { inputSchema: spent, reducer: mergeSpent }),
});

export type WorkState = typeof workState.State;
export type WorkStateUpdate = typeof workState.Update;

/** What a run is given. */
export const workInput = new StateSchema({ messages: deltaMessages });
