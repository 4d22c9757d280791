import { StateSchema } from "@langchain/langgraph";
import { z } from "zod";
import { deltaMessages } from "../../agents/delta-messages.js";
import type { Passage } from "./source.js";

const query = z.object({
  question: z.string().describe("The part of the question that it answers"),
  search: z.string().describe("What is looked for"),
  changes: z.boolean().describe("Whether it is asked what changed"),
  from: z.string().optional().describe("The first day of the time that is asked about"),
  to: z.string().optional().describe("The day after its last"),
});

const passage = z.object({
  text: z.string(),
  title: z.string().optional(),
  heading: z.string().optional(),
  uri: z.string().optional(),
  updated: z.string().optional(),
});

const point = z.object({
  query: z.number().describe("Which of the queries it answers, from 0"),
  quote: z.string().describe("Word for word from the passage"),
  date: z.string().optional().describe("The day that it speaks of"),
  supersededBy: z.number().optional().describe("The number of the document that says otherwise and is newer"),
});

const finding = passage.extend({
  id: z.string(),
  number: z.number().describe("Of its document; several findings may be of one"),
  sources: z.array(z.string()),
  score: z.number(),
  why: z.array(z.string()).describe("Where it was found, and at which place"),
  points: z.array(point).describe("What it says to the question"),
});

const failure = z.object({
  source: z.string(),
  code: z.string(),
  message: z.string(),
  failed: z.number().describe("Of the searches; 0 where each answered in part"),
  searches: z.number(),
});

const found = z.object({ source: z.string(), query: z.number(), passages: z.array(passage) });

/** One thing to look for. */
export interface ResearchQuery {
  /** The part of the question that it answers. */
  readonly question: string;
  /** The words to look for; empty for changes of anything. */
  readonly search: string;
  /** Whether it is asked what changed. */
  readonly changes: boolean;
  /** The first day of the time that is asked about, `YYYY-MM-DD`. */
  readonly from?: string;
  /** The day after its last. */
  readonly to?: string;
}

/** What a passage says to a query, word for word. */
export interface Point {
  /** Its place among the queries, from 0. */
  readonly query: number;
  readonly quote: string;
  /** The day that it speaks of, `YYYY-MM-DD`. */
  readonly date?: string;
  /** The number of the document that says otherwise and is newer. */
  readonly supersededBy?: number;
}

/** A passage that was found, with where, and what it says to the question. */
export interface Finding extends Passage {
  /** The same for the same passage of the same document. */
  readonly id: string;
  /** Of its document, by rank: several findings may be of one. The answer numbers what it cites in its own order. */
  readonly number: number;
  /** Names of all sources that have it. */
  readonly sources: readonly string[];
  /** By which it was chosen; compares within one run. */
  readonly score: number;
  /** The searches that brought it, and at which place. */
  readonly why: readonly string[];
  readonly points: readonly Point[];
}

/** A source that gave no answer to some of the searches. */
export interface Failure {
  readonly source: string;
  readonly code: string;
  readonly message: string;
  /** How many of its searches failed; 0 where each answered, and not from all that the source has. */
  readonly failed: number;
  readonly searches: number;
}

/** What one search brought. */
export interface Found {
  readonly source: string;
  /** Its place among the queries. */
  readonly query: number;
  readonly passages: readonly Passage[];
}

function listOf<Item>(item: z.ZodType, title: string, description: string): z.ZodType<readonly Item[]> {
  return z.array(item).default([]).meta({ title, description }) as unknown as z.ZodType<readonly Item[]>;
}

/** What a thread keeps: all of the last question. */
export const researchState = new StateSchema({
  messages: deltaMessages,
  queries: listOf<ResearchQuery>(query, "Queries", "What the question was taken apart into."),
  found: listOf<Found>(found, "Found", "What each search brought, until it is merged."),
  findings: listOf<Finding>(
    finding,
    "Findings",
    "The best passages, each with its source and what it says to the question.",
  ),
  failures: listOf<Failure>(failure, "Failures", "The sources that failed or were late."),
});

export type ResearchState = typeof researchState.State;
export type ResearchUpdate = typeof researchState.Update;

/** What a run is given. */
export const researchInput = new StateSchema({ messages: deltaMessages });
