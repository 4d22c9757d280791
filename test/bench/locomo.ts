import { readFileSync } from "node:fs";
import { z } from "zod";
import type { IndexedItem } from "../../src/memory/recall/ranked.js";

/** The categories of LoCoMo's questions; the last has no answer in the conversation. */
export const CATEGORIES = ["multi", "temporal", "open", "single", "adversarial"] as const;
export type Category = (typeof CATEGORIES)[number];

export interface Question {
  readonly text: string;
  readonly category: Category;
  /** Turns that hold the answer. */
  readonly evidence: readonly string[];
}

export interface Conversation {
  readonly name: string;
  readonly turns: readonly IndexedItem[];
  readonly questions: readonly Question[];
  /** A day after the last session, in milliseconds since the epoch. */
  readonly now: number;
}

export interface Locomo {
  readonly conversations: readonly Conversation[];
  /** Questions without any evidence that is in the conversation. */
  readonly dropped: number;
}

const DAY_MS = 86_400_000;
const turnSchema = z.object({
  speaker: z.string(),
  dia_id: z.string(),
  text: z.string(),
  blip_caption: z.string().optional(),
});
const fileSchema = z.array(
  z.object({
    sample_id: z.string(),
    conversation: z.record(z.string(), z.unknown()),
    qa: z.array(
      z.object({
        question: z.string(),
        evidence: z.array(z.string()).default([]),
        category: z.int().min(1).max(5),
      }),
    ),
  }),
);

/** Reads conversations in LoCoMo's form: one thread per session, one item per turn, captions part of its text. */
export function readLocomo(file: string): Locomo {
  let dropped = 0;
  const conversations = fileSchema
    .parse(JSON.parse(readFileSync(file, "utf8")))
    .map((sample): Conversation => {
      const turns: IndexedItem[] = [];
      for (const [key, value] of Object.entries(sample.conversation)) {
        if (!/^session_\d+$/.test(key)) continue;
        const time = new Date(parseTime(String(sample.conversation[`${key}_date_time`]))).toISOString();
        z.array(turnSchema)
          .parse(value)
          .forEach((turn, sequence) => {
            turns.push({
              id: turn.dia_id,
              text: turn.blip_caption === undefined ? turn.text : `${turn.text} [${turn.blip_caption}]`,
              kind: "message",
              role: "user",
              speaker: turn.speaker,
              threadId: key,
              time,
              sequence,
            });
          });
      }
      const known = new Set(turns.map(({ id }) => id));
      const questions = sample.qa.flatMap((each): Question[] => {
        const evidence = [...new Set(each.evidence.flatMap(parseEvidence))].filter((id) => known.has(id));
        if (evidence.length === 0) {
          dropped++;
          return [];
        }
        return [{ text: each.question, category: CATEGORIES[each.category - 1] as Category, evidence }];
      });
      const now = Math.max(...turns.map(({ time }) => Date.parse(time))) + DAY_MS;
      return { name: sample.sample_id, turns, questions, now };
    });
  return { conversations, dropped };
}

/** "D8:6; D9:17", "D:11:26" and "D9:1 D4:4" are among them. */
function parseEvidence(text: string): string[] {
  return [...text.matchAll(/D:?(\d+):0*(\d+)/g)].map(([, session, turn]) => `D${session}:${turn}`);
}

/** "1:56 pm on 8 May, 2023" */
function parseTime(text: string): number {
  const match = /^(\d+):(\d+) (am|pm) on (\d+ \w+), (\d+)$/.exec(text);
  if (match === null) throw new Error(`no time of a session: "${text}"`);
  const [, hour, minute, half, day, year] = match;
  const hours = (Number(hour) % 12) + (half === "pm" ? 12 : 0);
  return Date.parse(`${day} ${year} ${hours}:${minute} UTC`);
}
