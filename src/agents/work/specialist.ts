import type { Document } from "@langchain/core/documents";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { BaseMessage, HumanMessage } from "@langchain/core/messages";
import { mergeConfigs, type Runnable } from "@langchain/core/runnables";
import type { StructuredToolInterface } from "@langchain/core/tools";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { type AgentMiddleware, type CreateAgentParams, createAgent, createMiddleware } from "langchain";
import { isBatonError } from "../../core/errors.js";
import { configInvalid, type Fault } from "../../core/faults.js";
import { offline } from "../../models/offline.js";
import type { Router } from "../../models/router.js";
import type { Registry } from "../../registry/registry.js";
import { toolbox } from "../../registry/toolbox.js";
import type { BoardState } from "../blackboard.js";
import { isOverBudget } from "../budget.js";
import { isRouter } from "../choose-model.js";
import { withContext } from "../context.js";
import { lateModel } from "../late-model.js";
import { liveOf, withLive } from "../live.js";
import { type OwnTools, ownTools } from "../own-tools.js";
import { routed } from "../routed.js";
import { onTask } from "./on-task.js";
import { withSections } from "./sections.js";
import type { Task, TaskRecord } from "./task.js";

/** Who does tasks: an agent with tools of its own, a model alone, or any graph. */
export interface Specialist {
  /** Unique. Letters, digits, `_`, `-` and `.`. */
  readonly name: string;
  /** What it is good at. The planner chooses by it. */
  readonly description: string;
  /**
   * The tools that it may call, as `server.tool` patterns, or names of tools that are not of a server; nothing else runs
   * for it, whatever its model names. @default none
   */
  readonly tools?: readonly string[];
  /** @default the conductor's */
  readonly model?: string | BaseChatModel;
  /** Any compiled graph or Runnable that takes `{ messages }`, in place of tools and model. Its tools are its own affair. */
  readonly graph?: Runnable;
  /** Replaces the built-in instructions. */
  readonly systemPrompt?: string;
  /** The form of its answers, a zod or JSON schema; the answer is then JSON, and `structured` in the task's record. */
  readonly output?: CreateAgentParams["responseFormat"];
}

/** What a specialist made of a task. */
export interface Outcome {
  readonly answer: string;
  readonly structured?: unknown;
  /** What was said and done meanwhile. */
  readonly messages: readonly BaseMessage[];
  /** What it posted itself, if it has the tools for that. */
  readonly board?: BoardState;
}

/** A specialist ready to work. */
export interface Worker {
  readonly specialist: Specialist;
  /** Its tools; undefined when they are not ours to know. */
  readonly own: OwnTools | undefined;
  /** Does a task, given the outcomes of those that it needs. */
  run(
    task: Task,
    question: string,
    needed: readonly TaskRecord[],
    config: LangGraphRunnableConfig,
  ): Promise<Outcome>;
}

export interface WorkerOptions {
  /** Of those that have none of their own; a router chooses for each call. */
  readonly model: string | BaseChatModel | Router;
  /** All tools that are known, for the specialist to have some of. */
  readonly all: readonly StructuredToolInterface[];
  /** To find them in, for those that have too many to be shown. */
  readonly registry?: Registry | undefined;
  /** What each agent should know from the start. */
  readonly context?: readonly Document[];
  readonly maxSteps: number;
  /** Of a call whose model does not say how much it may write. */
  readonly maxOutputTokens: number;
  /** Around the model and the loop of a specialist that is an agent. */
  readonly middleware: readonly AgentMiddleware[];
}

const INSTRUCTIONS = `You do one task that is part of a larger question; others do the rest.
- Do this task only, with the tools that you are given. Call independent tools at once.
- Answer from what the tools returned, not from memory. Name the source of each fact: a document's title and date, or the tool.
- When a tool fails, read its message and correct the call; do not repeat the same call.
- When you found nothing, say so plainly and say where you looked.
- Your answer is read by someone who sees neither your tools nor their results: make it complete and short.`;

/** With more, an agent sees those that fit its task and a search for the others. */
const MOST_SHOWN = 20;

export function createWorker(specialist: Specialist, options: WorkerOptions): Worker {
  return specialist.graph === undefined
    ? agentWorker(specialist, options)
    : graphWorker(specialist, specialist.graph);
}

function agentWorker(specialist: Specialist, options: WorkerOptions): Worker {
  return asAgent(specialist, ownToolsOf(specialist, options.all), options);
}

/**
 * One agent that does `parts` tasks of several one after another. It has the tools of all of them, and each is called in
 * the name of the one that it belongs to, within that one's list.
 */
export function joinWorkers(
  name: string,
  members: readonly Worker[],
  parts: number,
  options: WorkerOptions,
): Worker {
  const more = { ...options, maxSteps: options.maxSteps * parts };
  const [first] = members;
  if (first === undefined || members.length === 1)
    return createWorker(first?.specialist ?? { name, description: name }, more);
  const owners = new Map<string, OwnTools>();
  const tools: StructuredToolInterface[] = [];
  for (const { own } of members) {
    for (const tool of own?.tools ?? []) {
      if (own === undefined || owners.has(tool.name)) continue;
      owners.set(tool.name, own);
      tools.push(tool);
    }
  }
  const asOwner = createMiddleware({
    name: "AsOwner",
    wrapToolCall(request, handler) {
      // What is nobody's here is refused by the first, as it would be there.
      const [holding] = (owners.get(request.toolCall.name) ?? first.own)?.middleware ?? [];
      return holding?.wrapToolCall?.(request as never, handler as never) ?? handler(request);
    },
  }) as unknown as AgentMiddleware;
  const description = `does the work of ${members.map(({ specialist }) => specialist.name).join(" and ")}`;
  return asAgent({ name, description }, { tools, middleware: [asOwner] }, more);
}

function asAgent(specialist: Specialist, own: OwnTools, options: WorkerOptions): Worker {
  const {
    name,
    systemPrompt = `You are the specialist "${name}": ${specialist.description}\n${INSTRUCTIONS}`,
  } = specialist;
  const { model, middleware: choosing } = modelOf(specialist.model ?? options.model, name);
  const { registry } = options;
  const isMany = registry !== undefined && own.tools.length > MOST_SHOWN;
  const agent = createAgent({
    name,
    model,
    tools: isMany ? [] : [...own.tools],
    systemPrompt: withContext(systemPrompt, options.context ?? []),
    middleware: [
      ...options.middleware,
      ...choosing,
      onTask(options),
      ...own.middleware,
      ...(isMany ? [toolbox(registry.of(own.tools))] : []),
    ],
    ...(specialist.output === undefined ? {} : { responseFormat: specialist.output }),
  } as CreateAgentParams).graph as unknown as Runnable<object, Record<string, unknown>>;
  // A step is a call of the model and one of its tools, and the limit of steps is ours to keep.
  const recursionLimit = 2 * options.maxSteps + ROOM;

  return {
    specialist,
    own,
    async run(task, question, needed, config) {
      const messages = [new HumanMessage(task.objective)];
      const live = liveOf(config) ?? { agent: name };
      const brief = withSections("", question, needed);
      const state = await agent.invoke(
        { messages },
        { ...withLive(config, { ...live, brief }), recursionLimit },
      );
      const { board } = state as { readonly board?: BoardState };
      return { ...toOutcome(specialist, state), ...(board && { board }) };
    },
  };
}

/** For the nodes around the loop. */
const ROOM = 20;

function ownToolsOf({ name, tools = [] }: Specialist, all: readonly StructuredToolInterface[]): OwnTools {
  try {
    return ownTools({ agent: name, tools, all });
  } catch (error) {
    if (!isBatonError(error, "CONFIG_INVALID")) throw error;
    throw configInvalid(`the tools of specialist '${name}'`, error.data.faults as readonly Fault[]);
  }
}

/** A model for `createAgent`, and what puts the one that is meant in its place: outside of what counts its calls. */
function modelOf(model: string | BaseChatModel | Router, kind: string) {
  if (isRouter(model)) return { model: offline(), middleware: [routed(model, { kind })] };
  const { model: standIn, late } = lateModel(model);
  return { model: standIn, middleware: late };
}

function graphWorker(specialist: Specialist, graph: Runnable): Worker {
  return {
    specialist,
    own: undefined,
    async run(task, question, needed, config) {
      // Its prompts are not ours, so what it has to know stands in the message; of the rest it is told nothing.
      const text = needed.length === 0 ? task.objective : withSections(task.objective, question, needed);
      const messages = [new HumanMessage(text)];
      return toOutcome(specialist, await graph.invoke({ messages }, counted(config)));
    },
  };
}

/** Our own agents count what they spend themselves; to a graph of which nothing is known LangChain's callbacks lead. */
function counted(config: LangGraphRunnableConfig): LangGraphRunnableConfig {
  const { account, agent } = liveOf(config) ?? {};
  if (account === undefined || agent === undefined) return config;
  return mergeConfigs(config, { callbacks: [account.handler(agent)] });
}

/** A graph gives its state, a model a message, a function whatever it likes. */
function toOutcome({ name, output: form }: Specialist, output: unknown): Outcome {
  if (typeof output === "string") return { answer: whole(name, output), messages: [] };
  const state = (output ?? {}) as Readonly<Record<string, unknown>>;
  if (BaseMessage.isInstance(output)) return { answer: whole(name, output.text), messages: [output] };
  const { structuredResponse: structured } = state;
  const messages = Array.isArray(state.messages) ? (state.messages as BaseMessage[]) : [];
  const last = messages.at(-1);
  if (structured !== undefined) return { answer: JSON.stringify(structured), structured, messages };
  if (form !== undefined && !(last && isOverBudget(last)))
    throw new Error(`specialist '${name}' gave no answer in the form of its output`);
  if (last !== undefined || "messages" in state) return { answer: whole(name, last?.text), messages };
  return { answer: whole(name, Object.keys(state).length === 0 ? "" : JSON.stringify(output)), messages };
}

function whole(name: string, answer = ""): string {
  if (answer.trim() === "") throw new Error(`specialist '${name}' gave an empty answer`);
  return answer;
}
