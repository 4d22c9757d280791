import type { RunnableConfig } from "@langchain/core/runnables";
import type { Account } from "../models/budget.js";
import type { Board } from "./blackboard.js";
import { withoutReplay } from "./nestable.js";

/** What the parts of one run share while it runs in this process. None of it is stored. */
export interface Live {
  /** Who runs: the name of an agent or a specialist. */
  readonly agent: string;
  /** The id of the task that it does, as it may do several at once. */
  readonly task?: string;
  /** What it is told beside the task: for its system prompt. */
  readonly brief?: string;
  /** How many conductors stand around it. */
  readonly depth?: number;
  readonly board?: Board;
  /** What the run may still spend. */
  readonly account?: Account;
}

/** LangGraph keeps keys with two underscores out of metadata and checkpoints, and hands them to all that runs inside. */
const KEY = "__langbaton";

/** What {@link withLive} put into the config of a node, a tool or a graph; undefined outside of such a run. */
export function liveOf(config: Pick<RunnableConfig, "configurable"> | undefined): Live | undefined {
  return config?.configurable?.[KEY] as Live | undefined;
}

/** The config with which something is run inside: it, and all that it runs, finds `live` there. */
export function withLive<Config extends RunnableConfig>(config: Config, live: Live): Config {
  return { ...config, configurable: { ...withoutReplay(config.configurable), [KEY]: live } };
}
