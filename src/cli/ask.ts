import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { McpResourceLoader } from "../adapters/documents.js";
import { loadTools } from "../adapters/tools.js";
import type { Middleware } from "../core/call.js";
import { BatonError } from "../core/errors.js";
import { connect } from "../mcp/connect.js";
import type { Servers } from "../mcp/servers.js";
import { standard } from "../middleware/standard.js";
import { GRAPHS } from "./ask/graphs.js";
import { note, print, printJson } from "./output.js";
import { type SessionOptions, withInterrupt, withServers, withSessionOptions } from "./session.js";

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
  const graph = GRAPHS[options.graph as keyof typeof GRAPHS];
  const ownServers = await graph.serversFor?.(question);
  // LangGraph takes a while to load, so it loads while the servers start.
  const loadingGraph = graph.load();
  const loadingModel = import("../models/resolve.js").then(({ resolveModel }) => resolveModel(options.model));
  loadingGraph.catch(() => {});
  const model = await loadingModel;
  const answer = async (servers: Servers, signal: AbortSignal): Promise<void> => {
    const calls: CallReport[] = [];
    const onWarning = (warning: string): void => note(`warning: ${warning}`);
    const [answerWith, tools, context] = await Promise.all([
      loadingGraph,
      loadTools(servers, {
        use: [report(calls, graph.hasSteps !== true), ...standard()],
        signal,
        onWarning,
      }),
      options.context && !graph.hasSteps
        ? new McpResourceLoader(servers, { include: options.context, onWarning, signal }).load()
        : [],
    ]);
    const { answer, ...rest } = await answerWith(
      { model, modelName: options.model, tools, context },
      question,
      signal,
    );
    if (options.json) printJson({ question, answer, model: options.model, ...rest, calls });
    else print(answer);
  };
  if (ownServers === undefined) return withServers({ ...options, ...configIn(options) }, answer);
  await withInterrupt(async (signal) => {
    await using servers = await connect(ownServers, { signal });
    await answer(servers, signal);
  });
}

/** Of a folder the graph's own configuration, `research.json` for example, or else its `mcp.json`. */
function configIn({ config, graph }: AskOptions): Pick<SessionOptions, "config"> {
  if (config === undefined || !statSync(config, { throwIfNoEntry: false })?.isDirectory()) return {};
  const own = join(config, `${graph}.json`);
  return { config: existsSync(own) ? own : join(config, "mcp.json") };
}

/** Of each call, as it ends; with a line when they are shown. */
function report(calls: CallReport[], isShown: boolean): Middleware {
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
      if (isShown) note(`${ok ? "✓" : "✗"} ${call.server}  ${call.tool}  ${durationMs} ms`);
    }
  };
}
