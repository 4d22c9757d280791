import { Command } from "@langchain/langgraph";
import { ToolMessage, type ToolRuntime, tool } from "langchain";
import { z } from "zod";
import { isBatonError } from "../../core/errors.js";
import type { Memory } from "../../memory/memory.js";
import type { WorkingUpdate } from "../../memory/working.js";
import type { Run } from "./scope.js";
import { MEMORIES_ARE_DATA, toSection } from "./sections.js";

const MOST_FOUND = 20;
/** As MCP servers say of their tools what they do. */
const WRITES = { annotations: { readOnlyHint: false } };

/** The tools by which a model uses memory on purpose. None of them can name a user: the run does. */
export function memoryTools(memoryOf: (run: Run) => Memory) {
  const remember = tool(
    ({ content, replaces }, runtime: ToolRuntime) =>
      reporting(async () => {
        const [item] = await memoryOf(runtime).remember(content, {
          origin: { tool: "remember" },
          ...(replaces !== undefined && { supersedes: replaces }),
        });
        return item
          ? `Remembered, under the id ${item.id}: ${item.text}`
          : "Nothing was said that could be remembered.";
      }),
    {
      name: "remember",
      description:
        "Keeps a fact for all later conversations with this user. Conversations are kept anyway: use it for what must hold from now on, such as a preference or a correction.",
      schema: z.object({
        content: z
          .string()
          .min(1)
          .describe("One full sentence that will be understood without this conversation."),
        replaces: z
          .string()
          .optional()
          .describe("The id of the memory that this one corrects, as recall shows it."),
      }),
      metadata: WRITES,
    },
  );

  const recall = tool(
    ({ query, limit, after, before }, runtime: ToolRuntime) =>
      reporting(async () => {
        const found = await memoryOf(runtime).recall(query, {
          limit,
          where: { ...(after !== undefined && { after }), ...(before !== undefined && { before }) },
        });
        if (found.length === 0) return "Nothing in memory fits.";
        return [MEMORIES_ARE_DATA, ...found.map(toSection)].join("\n");
      }),
    {
      name: "recall",
      description:
        "Searches everything remembered of this user, from this and earlier conversations. Shows the id of each memory.",
      schema: z.object({
        query: z.string().min(1).describe("What to look for: a question or key words."),
        limit: z.number().int().min(1).max(MOST_FOUND).default(8).describe("Most memories to return."),
        after: z.iso.date().optional().describe("Only what was said on or after this day, as in 2026-01-31."),
        before: z.iso.date().optional().describe("Only what was said before this day."),
      }),
      metadata: { annotations: { readOnlyHint: true } },
    },
  );

  const forget = tool(
    ({ id }, runtime: ToolRuntime) =>
      reporting(async () => {
        const removed = await memoryOf(runtime).forget({ id });
        return removed === 0 ? `There is no memory with the id ${id}.` : "Forgotten.";
      }),
    {
      name: "forget",
      description: "Removes a memory for good. Only when the user asks for it.",
      schema: z.object({ id: z.string().min(1).describe("The id of the memory, as recall shows it.") }),
      metadata: { annotations: { readOnlyHint: false, destructiveHint: true } },
    },
  );

  return [remember, recall, forget, note, finishTask] as const;
}

const note = tool(
  ({ key, value }, runtime: ToolRuntime) =>
    updating(runtime, "note", { [key]: value ?? null }, value ? `Noted: ${key}.` : `Removed: ${key}.`),
  {
    name: "note",
    description:
      "Keeps something in view while you work on the current task: the goal, a decision, what is left to do. Gone when the task is finished.",
    schema: z.object({
      key: z.string().min(1).describe("A short name; a note with the same name is replaced."),
      value: z.string().optional().describe("What to keep; leave it out to remove the note."),
    }),
    metadata: WRITES,
  },
);

const finishTask = tool(
  (_, runtime: ToolRuntime) => updating(runtime, "finish_task", null, "All notes are cleared."),
  {
    name: "finish_task",
    description: "Clears all notes. Call it when the task that they are about is done or given up.",
    schema: z.object({}),
    metadata: WRITES,
  },
);

/** The names of the tools: what they return is in memory already, and must not be remembered again. */
export const MEMORY_TOOLS: ReadonlySet<string> = new Set([
  "remember",
  "recall",
  "forget",
  "note",
  "finish_task",
]);

function updating(runtime: ToolRuntime, name: string, working: WorkingUpdate, content: string): Command {
  const message = new ToolMessage({ name, content, tool_call_id: runtime.toolCallId });
  return new Command({ update: { working, messages: [message] } });
}

/** A model can do without memory and must know that it does; whatever else goes wrong is for the agent to tell. */
async function reporting(work: () => Promise<string>): Promise<string> {
  try {
    return await work();
  } catch (error) {
    if (isBatonError(error, "STORE")) return "Memory is unavailable right now: nothing was read or changed.";
    throw error;
  }
}
