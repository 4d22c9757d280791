import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { StructuredToolInterface } from "@langchain/core/tools";
import {
  type BaseCheckpointSaver,
  type BaseStore,
  type CompiledStateGraph,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { resolver } from "../agents/late-model.js";
import { nestable } from "../agents/nestable.js";
import { checkCodeReview } from "./code-review/check.js";
import { reviewNodes } from "./code-review/nodes.js";
import { reviewInput, reviewState } from "./code-review/state.js";
import { ANALYSES, type Analysis } from "./code-review/types.js";

export type { ReviewEvent } from "./code-review/nodes.js";
export { codeReviewServers } from "./code-review/servers.js";
export type { Action, Analysis, Finding, Severity } from "./code-review/types.js";

export interface CodeReviewOptions {
  /** Those of the code server, and of a filesystem server over the same folder, as `loadTools` makes them. */
  readonly tools: readonly StructuredToolInterface[];
  /** Writes the summary: `"openai:NAME"` or any LangChain chat model. @default "offline": it is put together without one */
  readonly model?: string | BaseChatModel;
  /** LangGraph's own memory and name. A graph for LangGraph's server has neither: it brings them. */
  readonly graph?: {
    readonly checkpointer?: BaseCheckpointSaver | boolean;
    readonly store?: BaseStore;
    readonly name?: string;
  };
}

/**
 * Reviews a folder of code: secrets, dependencies, complexity and documentation at once, each by a tool of the code
 * server; then it quotes the worst places, weighs what was found and writes a report. The same code gives the same
 * findings: no model takes part in them. A tool that fails costs a line of the report.
 *
 * A run is given a message, such as "Review src/mcp for secrets", or `path` and `focus`. It gives back `findings`,
 * `actions`, and the report as the last message; with `streamMode: "custom"` it tells of each step (`ReviewEvent`).
 *
 * @throws {BatonError} `CONFIG_INVALID` for options that cannot be used, and tools without any of the four analyses
 * @example
 * ```ts
 * await using servers = await connect(codeReviewServers("."));
 * const review = createCodeReview({ tools: await loadTools(servers, { use: standard() }) });
 * const { findings, messages } = await review.invoke({ messages: "Review src for secrets." });
 * ```
 */
export function createCodeReview(options: CodeReviewOptions): CodeReviewGraph {
  checkCodeReview(options);
  const { tools, model = "offline" } = options;
  const nodes = reviewNodes(tools, model === "offline" ? undefined : resolver(model));
  const graph = new StateGraph(reviewState, { input: reviewInput })
    .addNode("plan", nodes.plan, { ends: [...ANALYSES] })
    .addNode("secrets", nodes.analyse("secrets"))
    .addNode("dependencies", nodes.analyse("dependencies"))
    .addNode("complexity", nodes.analyse("complexity"))
    .addNode("documentation", nodes.analyse("documentation"))
    .addNode("read", nodes.read)
    .addNode("weigh", nodes.weigh)
    .addNode("report", nodes.report)
    .addEdge(START, "plan")
    .addEdge("secrets", "read")
    .addEdge("dependencies", "read")
    .addEdge("complexity", "read")
    .addEdge("documentation", "read")
    .addEdge("read", "weigh")
    .addEdge("weigh", "report");
  return nestable(graph.compile({ name: NAME, ...options.graph })) as unknown as CodeReviewGraph;
}

const NAME = "code-review";

/** The compiled graph. A run is given `messages`, or `path` and `focus`, and gives back `findings` and `actions` as well. */
export type CodeReviewGraph = CompiledStateGraph<
  typeof reviewState.State,
  typeof reviewState.Update,
  "__start__" | "plan" | Analysis | "read" | "weigh" | "report",
  typeof reviewInput,
  typeof reviewState
>;
