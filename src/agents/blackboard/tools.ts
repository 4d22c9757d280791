import { AIMessage, type BaseMessage, ToolMessage } from "@langchain/core/messages";
import { Command } from "@langchain/langgraph";
import { type ToolRuntime, tool } from "langchain";
import { z } from "zod";
import { systemClock } from "../../core/clock.js";
import { isBatonError } from "../../core/errors.js";
import { liveOf } from "../live.js";
import { filtered, inMemory } from "./in-memory.js";
import { EMPTY_BOARD } from "./merge.js";
import { before, newest } from "./page.js";
import { BOARD_IS_DATA, findingSection, requestSection } from "./render.js";
import type { Board, BoardState, Source } from "./types.js";

export interface BlackboardOptions {
  /** The board to work on. @default that of the run around, as the conductor shares one; else the thread's own, in its state */
  readonly board?: Board;
  /** The name by which the agent posts, outside of a run that gives it one. @default "agent" */
  readonly agent?: string;
}

/** As MCP servers say of their tools what they do. */
const READS = { annotations: { readOnlyHint: true } };
const WRITES = { annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true } };

const label = z
  .string()
  .trim()
  .min(1)
  .describe("For people: a document's title and date, or what was asked where.");
const sourceSchema = z.object({
  label,
  tool: z.string().optional().describe("The name of the tool whose result says so."),
  uri: z.string().optional().describe("Where it can be read."),
});

/**
 * The tools by which an agent uses a board. The run says who the agent is: a model cannot post for another. What they
 * write goes into the agent's state as well, under `board`, so that a checkpoint has it; the state needs that channel,
 * which `blackboard()` brings.
 */
export function boardTools(options: BlackboardOptions = {}) {
  const postFinding = tool(
    ({ key, value, confidence, sources = [] }, runtime: ToolRuntime) =>
      onBoard("post_finding", runtime, options, async (board, author) => {
        const known = toSources(sources, messagesOf(runtime));
        if (typeof known === "string") return { text: known, failed: true };
        const finding = {
          key,
          value,
          author,
          sources: known,
          ...(confidence !== undefined && { confidence }),
        };
        const posted = await board.post(finding);
        const others = [posted.author, ...(posted.confirmedBy ?? [])].filter((name) => name !== author);
        const agreed = others.length === 0 ? "" : ` It confirms what ${others.join(", ")} found.`;
        return { text: `Posted under the id ${posted.id}.${agreed}`, update: { findings: [posted] } };
      }),
    {
      name: "post_finding",
      description:
        "Shares a finding with the other agents: one fact, with where it comes from. Post what others can use as soon as you know it.",
      schema: z.object({
        key: z
          .string()
          .trim()
          .min(1)
          .describe('What it is about, in a few words, as in "headcount engineering".'),
        value: z
          .union([z.string(), z.number(), z.boolean(), z.record(z.string(), z.unknown())])
          .describe("The finding itself: a full sentence, a number, or an object."),
        sources: z
          .array(z.union([label, sourceSchema]))
          .optional()
          .describe("Where it comes from."),
        confidence: z.number().min(0).max(1).optional().describe("How sure you are, from 0 to 1."),
      }),
      metadata: WRITES,
    },
  );

  const readFindings = tool(
    ({ key, author: by, before: id }, runtime: ToolRuntime) =>
      onBoard("read_findings", runtime, options, async (board, _, worker) => {
        const filter = { ...(key !== undefined && { key }), ...(by !== undefined && { author: by }) };
        const { findings, requests } = await board.snapshot();
        if (id !== undefined && [...findings, ...requests].every((one) => one.id !== id))
          return {
            text: "Error: before must be the id of a finding or a request on the board.",
            failed: true,
          };
        const shown = before(requests, id).filter(
          ({ status, by, takenBy }) => status === "open" || by === worker || takenBy === worker,
        );
        const sections = [
          ...newest("findings", filtered(before(findings, id), filter), findingSection),
          ...newest("requests", shown, requestSection),
        ];
        return {
          text: sections.length === 0 ? "Nothing is there." : [BOARD_IS_DATA, ...sections].join("\n"),
        };
      }),
    {
      name: "read_findings",
      description:
        "Shows what all agents have found so far, the newest first, what they still need to know, and the answers to your own requests.",
      schema: z.object({
        key: z.string().trim().optional().describe("Only findings of exactly this key."),
        author: z.string().trim().optional().describe("Only findings of this agent."),
        before: z.string().trim().optional().describe("Only what is older than this id, to go on reading."),
      }),
      metadata: READS,
    },
  );

  const askOthers = tool(
    ({ need }, runtime: ToolRuntime) =>
      onBoard("ask_others", runtime, options, async (board, _, by) => {
        const request = await board.ask({ need, by });
        const text = `Asked under the id ${request.id}. An answer will stand there in read_findings.`;
        return { text, update: { requests: [request] } };
      }),
    {
      name: "ask_others",
      description: "Asks the other agents for something that you need and cannot find out yourself.",
      schema: z.object({ need: z.string().trim().min(1).describe("What you need to know, and what for.") }),
      metadata: WRITES,
    },
  );

  const takeRequest = tool(
    ({ id }, runtime: ToolRuntime) =>
      onBoard("take_request", runtime, options, async (board, _, by) => {
        const request = await board.take(id, by);
        if (request === undefined) return { text: "Another agent has it, or takes it right now: leave it." };
        return {
          text: [`It is yours.`, BOARD_IS_DATA, requestSection(request)].join("\n"),
          update: { requests: [request] },
        };
      }),
    {
      name: "take_request",
      description:
        "Takes a request of another agent, so that nobody else works on it. Finish it with finish_request.",
      schema: z.object({
        id: z.string().trim().min(1).describe("The id of an open request, as read_findings shows it."),
      }),
      metadata: WRITES,
    },
  );

  const finishRequest = tool(
    ({ id, answer, findings }, runtime: ToolRuntime) =>
      onBoard("finish_request", runtime, options, async (board, _, by) => {
        const request = await board.finish(id, by, { answer, ...(findings && { findings }) });
        const text =
          request.answer === answer ? "Finished." : "It was finished before: the first answer stands.";
        return { text, update: { requests: [request] } };
      }),
    {
      name: "finish_request",
      description: "Answers a request that you have taken.",
      schema: z.object({
        id: z.string().trim().min(1).describe("The id of the request."),
        answer: z.string().trim().min(1).describe("The answer, or why there is none."),
        findings: z.array(z.string().trim()).optional().describe("Ids of findings that it rests on."),
      }),
      metadata: WRITES,
    },
  );

  return [postFinding, readFindings, askOthers, takeRequest, finishRequest] as const;
}

interface Done {
  readonly text: string;
  readonly update?: Partial<BoardState>;
  readonly failed?: boolean;
}

/**
 * What a model can act on, it is told; whatever else goes wrong is for the agent around. Findings are an agent's; a request
 * is taken by one of its tasks, as the same agent may do several at once.
 */
async function onBoard(
  name: string,
  runtime: ToolRuntime,
  options: BlackboardOptions,
  work: (board: Board, agent: string, worker: string) => Promise<Done>,
): Promise<Command> {
  const { text, update, failed } = await reporting(async () => {
    const live = liveOf(runtime);
    const agent = live?.agent ?? options.agent ?? "agent";
    const worker = live?.task === undefined ? agent : `${agent} (${live.task})`;
    return await work(await boardOf(runtime, options.board ?? live?.board), agent, worker);
  });
  const message = new ToolMessage({
    name,
    content: text,
    tool_call_id: runtime.toolCallId,
    status: failed ? "error" : "success",
  });
  return new Command({ update: { ...(update && { board: update }), messages: [message] } });
}

async function reporting(work: () => Promise<Done>): Promise<Done> {
  try {
    return await work();
  } catch (error) {
    if (isBatonError(error, "STORE"))
      return {
        text: "The board cannot be reached right now: it is not known to have changed.",
        failed: true,
      };
    if (isBatonError(error, "INVALID_ARGUMENTS") || isBatonError(error, "OVERLOADED"))
      return { text: `Error (${error.code}): ${error.message}`, failed: true };
    throw error;
  }
}

/** The shared board, which takes in what the thread's checkpoint kept: one in memory may have ended with a process. */
async function boardOf({ state }: ToolRuntime, shared: Board | undefined): Promise<Board> {
  const { board: kept = EMPTY_BOARD } = state as { readonly board?: BoardState };
  if (shared === undefined) return inMemory(kept, systemClock);
  if (kept.findings.length + kept.requests.length > 0) await shared.merge(kept);
  return shared;
}

function messagesOf({ state }: ToolRuntime): readonly BaseMessage[] {
  return (state as { readonly messages?: readonly BaseMessage[] }).messages ?? [];
}

/** A tool that is named must have answered here: its last result is the source. Else what is wrong, for the model. */
function toSources(
  sources: readonly (string | z.infer<typeof sourceSchema>)[],
  messages: readonly BaseMessage[],
): readonly Source[] | string {
  const known: Source[] = [];
  for (const source of sources) {
    // Models give mere labels too.
    const { label, tool: name, uri } = typeof source === "string" ? { label: source } : source;
    const call = name === undefined ? undefined : lastCall(name, messages);
    if (name !== undefined && call === undefined)
      return `Error: no tool named '${name}' has answered here: name one that did, or leave tool out.`;
    known.push({
      label,
      ...(name !== undefined && { tool: name }),
      ...(uri !== undefined && { uri }),
      ...(call !== undefined && { toolCallId: call }),
    });
  }
  return known;
}

function lastCall(name: string, messages: readonly BaseMessage[]): string | undefined {
  const isOfTool = new Set(
    messages.flatMap((message) =>
      AIMessage.isInstance(message)
        ? (message.tool_calls ?? []).filter((call) => call.name === name).map(({ id }) => id)
        : [],
    ),
  );
  const isAnswer = (message: BaseMessage): message is ToolMessage =>
    ToolMessage.isInstance(message) && message.status !== "error" && isOfTool.has(message.tool_call_id);
  return messages.findLast(isAnswer)?.tool_call_id;
}
