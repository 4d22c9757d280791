import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, type BaseMessage, isToolMessage } from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";
import type { StructuredToolInterface } from "@langchain/core/tools";
import { MultiServerMCPClient } from "@langchain/mcp-adapters";
import { createAgent, tool } from "langchain";
import { z } from "zod";
import type { Connectable } from "../../src/mcp/in-process.js";
import type { Benchmark, BenchmarkOptions } from "./benchmark.js";
import { type Blocks, type Figure, figure, interleave, ratio, type Sample, time } from "./blocks.js";
import { builtFolder, importInProcess, importPackage, importStandard } from "./built.js";
import { createEchoServer } from "./fixtures/echo-server.mjs";
import { fixture } from "./paths.js";
import { loadPeerTools } from "./peer-in-process.js";

type React = typeof import("../../src/agents/react.js");

/** Model and tool calls in one run, before the answer. */
const STEPS = 10;
const RUNS = { small: { blocks: 9, samples: 10 }, full: { blocks: 21, samples: 30 } };
/** Of the SDK's first line: both sides speak 2025-11-25. */
const stdioServer = { command: process.execPath, args: [fixture("echo-stdio-v1.mjs")] };

/**
 * One step of an agent, a model call and a tool call: ours with the whole standard stack around the tools, and LangChain's
 * `createAgent` with the peer's tools of the same server and no policy. The model is the same and answers at once.
 */
export const run: Benchmark = async (options) => {
  const { size, progress } = options;
  const langbaton = await importPackage(progress);
  const { createReact } = (await import(new URL("agents/react.js", builtFolder()).href)) as React;
  const { standard } = await importStandard();
  const { inProcess } = await importInProcess();
  const { blocks, samples } = RUNS[size];

  const ours = async (source: object): Promise<Sample> => {
    const servers = await langbaton.connect(source);
    options.defer(() => servers.close());
    const tools = await langbaton.loadTools(servers, { use: standard() });
    const agent = createReact({ model: new Scripted({}), tools, systemPrompt: PROMPT });
    return step((messages) => agent.invoke({ messages }, LIMIT));
  };
  const places = {
    stdio: {
      ours: await ours({ mcpServers: { echo: stdioServer } }),
      peer: bare(await overStdio(options)),
    },
    inprocess: {
      ours: await ours([inProcess("echo", () => createEchoServer() as Connectable)]),
      peer: bare(await loadPeerTools(createEchoServer() as Connectable, options)),
      // What is left when a tool costs nothing: LangGraph's own loop.
      plain: bare([plainTool()]),
    },
  };

  const figures: Record<string, Figure> = {};
  const measure = <Name extends string>(contenders: Readonly<Record<Name, Sample>>): Promise<Blocks<Name>> =>
    interleave(contenders, { blocks, samples, warmup: samples });
  const stdio = await measure(places.stdio);
  const inprocess = await measure(places.inprocess);
  figures.step_vs_create_agent = ratio(stdio.ours, stdio.peer);
  figures.inprocess_step_vs_create_agent = ratio(inprocess.ours, inprocess.peer);
  figures.step_vs_create_agent_plain_tool = ratio(inprocess.ours, inprocess.plain);
  for (const [place, costs] of Object.entries({ stdio, inprocess }))
    for (const [name, values] of Object.entries(costs)) figures[`${place}_step_us_${name}`] = figure(values);
  for (const key of Object.keys(figures).filter((name) => name.includes("_vs_")))
    progress(`${key}: ${figures[key]?.value.toFixed(3)}`);
  return { figures, runs: blocks };
};

const PROMPT = "You answer questions with the tools that you are given.";
/** Two supersteps for each step, and those around. */
const LIMIT = { recursionLimit: 2 * STEPS + 10 };

/** LangChain's own agent: no middleware around the tools, none around the model. */
function bare(tools: StructuredToolInterface[]): Sample {
  const { graph } = createAgent({ model: new Scripted({}), tools, systemPrompt: PROMPT, name: "react" });
  return step((messages) => graph.invoke({ messages }, LIMIT));
}

/** One step in microseconds: a run of them, divided. */
function step(ask: (messages: string) => Promise<{ readonly messages: readonly BaseMessage[] }>): Sample {
  return async () => {
    let answers = 0;
    const ms = await time(async () => {
      const { messages } = await ask("Go!");
      answers = messages.filter((message) => isToolMessage(message) && message.status !== "error").length;
    });
    if (answers !== STEPS) throw new Error(`expected ${STEPS} answers of the tool, got ${answers}`);
    return (ms * 1000) / STEPS;
  };
}

async function overStdio({ defer }: BenchmarkOptions): Promise<StructuredToolInterface[]> {
  const client = new MultiServerMCPClient({ mcpServers: { echo: { transport: "stdio", ...stdioServer } } });
  defer(() => client.close());
  return await client.getTools();
}

function plainTool(): StructuredToolInterface {
  const schema = z.object({ text: z.string(), size: z.number() });
  return tool(async () => "a".repeat(100), { name: "echo", description: "Answers a text.", schema });
}

/** Calls the tool once in each turn, then answers; it goes by the messages alone, so runs may overlap. */
class Scripted extends BaseChatModel {
  override _llmType(): string {
    return "scripted";
  }

  override bindTools(): this {
    return this;
  }

  override async _generate(messages: BaseMessage[]): Promise<ChatResult> {
    const done = messages.filter((message) => isToolMessage(message)).length;
    const args = { text: "a", size: 100 };
    const message =
      done === STEPS
        ? new AIMessage("Done.")
        : new AIMessage({
            content: "",
            tool_calls: [{ id: `call ${done}`, name: "echo", args, type: "tool_call" }],
          });
    return { generations: [{ text: message.text, message }] };
  }
}
