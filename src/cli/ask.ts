import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { type Command, Option } from "commander";
import { McpResourceLoader } from "../adapters/documents.js";
import { loadTools } from "../adapters/tools.js";
import type { ReactOptions } from "../agents/react.js";
import type { Middleware } from "../core/call.js";
import { BatonError } from "../core/errors.js";
import { standard } from "../middleware/standard.js";
import { note, print, printJson } from "./output.js";
import { type SessionOptions, withServers, withSessionOptions } from "./session.js";

interface AskOptions extends SessionOptions {
  readonly model: string;
  readonly graph: string;
  readonly context?: readonly string[];
}

/** What one tool call did, as `--json` prints it. */
interface CallReport {
  readonly server: string;
  readonly tool: string;
  readonly durationMs: number;
  readonly ok: boolean;
}

type Parts = Pick<ReactOptions, "tools" | "context"> & { readonly model: BaseChatModel };
/** What a graph answers, and what `--json` tells beside it. */
type AnswerWith = (
  parts: Parts,
  question: string,
  signal: AbortSignal,
) => Promise<{ readonly answer: string } & Readonly<Record<string, unknown>>>;

/** The graphs that can be asked, loaded when they are. */
const GRAPHS: Readonly<Record<"react" | "conductor", () => Promise<AnswerWith>>> = {
  async react() {
    const { createReact } = await import("../agents/react.js");
    return async (parts, question, signal) => {
      const { messages } = await createReact(parts).invoke({ messages: question }, { signal });
      return { answer: messages.at(-1)?.text ?? "" };
    };
  },
  async conductor() {
    const { createConductor } = await import("../agents/conductor.js");
    const { budgetReport } = await import("../models/budget.js");
    return async (parts, question, signal) => {
      const { messages, work, spent } = await createConductor(parts).invoke(
        { messages: question },
        { signal },
      );
      const tasks = work.tasks.map(({ id, specialist, objective, status }) => ({
        id,
        specialist,
        objective,
        status,
      }));
      return { answer: messages.at(-1)?.text ?? "", tasks, spent: budgetReport(spent).totals };
    };
  },
};

export function addAsk(program: Command): void {
  const command = program
    .command("ask")
    .description("answer a question with the servers' tools")
    .argument("<question...>", "the question")
    .option(
      "-m, --model <name>",
      'the chat model: "offline" (no key, no network), or "openai:NAME"',
      "offline",
    )
    .addOption(
      new Option("-g, --graph <name>", "the graph that answers")
        .choices(Object.keys(GRAPHS))
        .default("react"),
    )
    .option(
      "--context <glob>",
      "resources that the model should know from the start, by URI; may be repeated",
      addGlob,
    );
  withSessionOptions(command).action(async (words: readonly string[], options: AskOptions) => {
    const question = words.join(" ").trim();
    if (question === "")
      throw new BatonError("INVALID_ARGUMENTS", "there is no question: write one in quotes");
    await ask(question, options);
  });
}

function addGlob(glob: string, globs: readonly string[] = []): readonly string[] {
  return [...globs, glob];
}

async function ask(question: string, options: AskOptions): Promise<void> {
  // LangGraph takes a while to load, so it loads while the servers start.
  const loadingGraph = GRAPHS[options.graph as keyof typeof GRAPHS]();
  const loadingModel = import("../models/resolve.js").then(({ resolveModel }) => resolveModel(options.model));
  loadingGraph.catch(() => {});
  const model = await loadingModel;
  await withServers(options, async (servers, signal) => {
    const calls: CallReport[] = [];
    const onWarning = (warning: string): void => note(`warning: ${warning}`);
    const [answerWith, tools, context] = await Promise.all([
      loadingGraph,
      loadTools(servers, {
        use: [report(calls), ...standard()],
        signal,
        onWarning,
      }),
      options.context
        ? new McpResourceLoader(servers, { include: options.context, onWarning, signal }).load()
        : [],
    ]);
    const { answer, ...rest } = await answerWith({ model, tools, context }, question, signal);
    if (options.json) printJson({ question, answer, model: options.model, ...rest, calls });
    else print(answer);
  });
}

/** A line for each call, as it ends. */
function report(calls: CallReport[]): Middleware {
  return async function reportCall(call, next) {
    const startedAt = performance.now();
    let ok = false;
    try {
      const result = await next(call);
      ok = result.isError !== true;
      return result;
    } finally {
      const durationMs = Math.round(performance.now() - startedAt);
      calls.push({ server: call.server, tool: call.tool, durationMs, ok });
      note(`${ok ? "✓" : "✗"} ${call.server}  ${call.tool}  ${durationMs} ms`);
    }
  };
}
