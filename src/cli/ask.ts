import type { Command } from "commander";
import { McpResourceLoader } from "../adapters/documents.js";
import { loadTools } from "../adapters/tools.js";
import type { Middleware } from "../core/call.js";
import { BatonError } from "../core/errors.js";
import { standard } from "../middleware/standard.js";
import { note, print, printJson } from "./output.js";
import { type SessionOptions, withServers, withSessionOptions } from "./session.js";

interface AskOptions extends SessionOptions {
  readonly model: string;
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
  const loadingAgent = import("../agents/react.js");
  const loadingModel = import("../models/resolve.js").then(({ resolveModel }) => resolveModel(options.model));
  loadingAgent.catch(() => {});
  const model = await loadingModel;
  await withServers(options, async (servers, signal) => {
    const calls: CallReport[] = [];
    const onWarning = (warning: string): void => note(`warning: ${warning}`);
    const [{ createReact }, tools, context] = await Promise.all([
      loadingAgent,
      loadTools(servers, {
        use: [report(calls), ...standard()],
        signal,
        onWarning,
      }),
      options.context
        ? new McpResourceLoader(servers, { include: options.context, onWarning, signal }).load()
        : [],
    ]);
    const agent = createReact({ model, tools, context });
    const { messages } = await agent.invoke({ messages: question }, { signal });
    const answer = messages.at(-1)?.text ?? "";
    if (options.json) printJson({ question, answer, model: options.model, calls });
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
