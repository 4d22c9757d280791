import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { BaseCheckpointSaver, BaseStore, CompiledStateGraph } from "@langchain/langgraph";
import { END, START, StateGraph } from "@langchain/langgraph";
import { nestable } from "../agents/nestable.js";
import { limitsWith } from "../agents/work/check-limits.js";
import { type Clock, systemClock } from "../core/clock.js";
import { checkResearch, RESEARCH_LIMITS, type ResearchLimits } from "./research/check.js";
import { researchNodes } from "./research/nodes.js";
import type { ResearchSource } from "./research/source.js";
import { type ResearchState, researchInput, researchState } from "./research/state.js";

export type { ResearchLimits } from "./research/check.js";
export { type FolderSourceOptions, folderSource } from "./research/folder-source.js";
export type { StepEvent } from "./research/nodes.js";
export type { SearchResult } from "./research/read-result.js";
export type { SearchEvent } from "./research/search.js";
export type { Passage, ResearchSource, SearchOptions } from "./research/source.js";
export { researchSources } from "./research/sources-of-tools.js";
export type { Failure, Finding, Point, ResearchQuery } from "./research/state.js";
export { type ToolSourceOptions, toolSource } from "./research/tool-source.js";

export interface ResearchOptions {
  /** What is searched: `toolSource()`, `folderSource()`, `researchSources()`, or any object with a `search` of its own. */
  readonly sources: readonly ResearchSource[];
  /**
   * `"openai:NAME"`, or any LangChain chat model that can call tools: plans, reads each passage and writes. With
   * `"offline"` all of it goes by rules: the answer is then made of the sources' own sentences. @default "offline"
   */
  readonly model?: string | BaseChatModel;
  readonly limits?: ResearchLimits;
  /** LangGraph's own memory and name. A graph for LangGraph's server has neither: it brings them. */
  readonly graph?: {
    readonly checkpointer?: BaseCheckpointSaver | boolean;
    readonly store?: BaseStore;
    readonly name?: string;
  };
  /** What "this year" is counted from. @default systemClock */
  readonly clock?: Clock;
}

/**
 * Answers a question from several sources, with citations. The question is taken apart into searches, which go to all
 * sources at once; what comes back is merged, the best passages are read for what they say to the question, and the answer
 * cites them by number. A citation of what is not there, or a quotation that stands in no passage, does not get through.
 *
 * A source that fails or is late is named below the answer; only when none answers the run fails. With a model a run makes at
 * most `limits.top` + 2 calls of it.
 *
 * @throws {BatonError} `CONFIG_INVALID` for wrong options. Runs throw `QUORUM_NOT_REACHED` when no source answered,
 *   `INVALID_ARGUMENTS` without a question, and `CONFIG_INVALID` for a model that cannot be loaded.
 * @example
 * ```ts
 * const research = createResearch({ sources: researchSources(await loadTools(servers)) });
 * const { messages, findings } = await research.invoke({ messages: "What changed in our travel policy this year?" });
 * ```
 */
export function createResearch(options: ResearchOptions): ResearchGraph {
  checkResearch(options);
  const { sources, model = "offline", clock = systemClock } = options;
  const limits = limitsWith<Required<ResearchLimits>>(RESEARCH_LIMITS, options.limits);
  const { plan, search, dedupe, analyse, synthesise } = researchNodes({ sources, model, limits, clock });
  const graph = new StateGraph(researchState, { input: researchInput })
    .addNode("plan", plan)
    .addNode("search", search)
    .addNode("dedupe", dedupe)
    .addNode("analyse", analyse)
    .addNode("synthesise", synthesise)
    .addEdge(START, "plan")
    .addEdge("plan", "search")
    .addEdge("search", "dedupe")
    .addEdge("dedupe", "analyse")
    .addEdge("analyse", "synthesise")
    .addEdge("synthesise", END);
  return nestable(graph.compile({ name: NAME, ...options.graph })) as unknown as ResearchGraph;
}

const NAME = "research";

/**
 * The compiled graph. A run is given `messages`, and gives back those with the answer, `queries`, `findings` and
 * `failures`.
 */
export type ResearchGraph = CompiledStateGraph<
  ResearchState,
  typeof researchState.Update,
  "__start__" | "plan" | "search" | "dedupe" | "analyse" | "synthesise",
  typeof researchInput,
  typeof researchState
>;
