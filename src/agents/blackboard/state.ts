import { ReducedValue } from "@langchain/langgraph";
import { z } from "zod";
import { EMPTY_BOARD, mergeBoard } from "./merge.js";
import type { BoardRequest, BoardState, Finding } from "./types.js";

const source = z.object({
  label: z.string(),
  tool: z.string().optional(),
  uri: z.string().optional(),
  toolCallId: z.string().optional(),
});

export const findingSchema = z.object({
  id: z.string(),
  key: z.string(),
  value: z.unknown(),
  author: z.string(),
  time: z.string(),
  sources: z.array(source),
  confidence: z.number().min(0).max(1).optional(),
  confirmedBy: z.array(z.string()).optional(),
}) as unknown as z.ZodType<Finding>;

export const requestSchema = z.object({
  id: z.string(),
  need: z.string(),
  by: z.string(),
  time: z.string(),
  status: z.enum(["open", "taken", "done"]),
  takenBy: z.string().optional(),
  takenAt: z.string().optional(),
  answer: z.string().optional(),
  findings: z.array(z.string()).optional(),
}) as unknown as z.ZodType<BoardRequest>;

const findings = z.array(findingSchema).describe("What agents found out, each with its author and sources");
const requests = z.array(requestSchema).describe("What an agent needs to know from the others");
const meta = { title: "Blackboard", description: "Findings and requests that agents share." };

/** The channel of a board for a `StateSchema`: updates are merged, however many come at once. */
export const boardState = new ReducedValue(
  z
    .object({ findings, requests })
    .default({ ...EMPTY_BOARD } as never)
    .meta(meta) as unknown as z.ZodType<BoardState>,
  {
    // LangChain asks for a value of each channel of a middleware when an agent starts: nothing is one.
    inputSchema: z.object({ findings, requests }).partial().default({}).meta(meta) as unknown as z.ZodType<
      Partial<BoardState>
    >,
    reducer: mergeBoard,
  },
);
