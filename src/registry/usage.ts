import type { BaseStore } from "@langchain/langgraph-checkpoint";
import type { AgentMiddleware } from "langchain";
import type { Middleware } from "../core/call.js";
import { type Clock, systemClock } from "../core/clock.js";
import { checkArguments, checkOptions, having, invalidArgument, text, whole } from "./check.js";
import { createLedger } from "./usage/ledger.js";
import { recordCalls } from "./usage/record-calls.js";
import { type ToolStatistics, toStatistics } from "./usage/records.js";
import { type Suggestion, suggestFrom } from "./usage/suggest.js";
import { watchTasks } from "./usage/watch-tasks.js";

export type { ToolStatistics } from "./usage/records.js";
export type { Suggestion } from "./usage/suggest.js";

export interface UsageOptions {
  /** Any LangGraph store. What cannot be written is kept in the process and tried again; a warning says so. */
  readonly store: BaseStore;
  /** Whose experience: one per tenant, where their tasks must not be mixed. @default ["tool-usage"] */
  readonly namespace?: readonly string[];
  /** @default systemClock */
  readonly clock?: Clock;
}

export interface SuggestOptions {
  /** The tool that was called last, as `server.tool`. */
  readonly after?: string;
  /** @default 10 */
  readonly limit?: number;
}

/** What was learnt from the use of tools. It orders tools; what may be called, permissions decide. */
export interface Usage {
  /** Records every call: success, duration, and which tool follows which on a thread. Belongs into `use` of `loadTools`. */
  middleware(): Middleware;
  /** Records which tools served which task, the user's message. Belongs into an agent's middleware. */
  watch(): AgentMiddleware;
  /**
   * Tools by what similar tasks, the last tool and failures say, best first; a score below 0 advises against.
   * Never throws for a store that fails: what is known in this process is used.
   *
   * @throws {BatonError} `INVALID_ARGUMENTS` for options, as `search()` does
   */
  suggest(task: string, options?: SuggestOptions): Promise<Suggestion[]>;
  /** By `server.tool`. */
  statistics(): Promise<ReadonlyMap<string, ToolStatistics>>;
  /** Resolves when all that was recorded is written, or has failed to be. */
  flush(): Promise<void>;
}

const MOST_SUGGESTED = 100;

/**
 * Learns from calls which tools serve which tasks. Keeps the words of tasks, not their texts, of the newest 500; and
 * figures of 2,000 tools. Processes may share a store: each adds what it saw to what stands there.
 *
 * @throws {BatonError} `CONFIG_INVALID`
 * @example
 * ```ts
 * const usage = createUsage({ store });
 * const registry = createRegistry(await loadTools(servers, { use: [usage.middleware()] }), { usage });
 * const agent = createReact({ model, tools: [], middleware: [toolbox(registry), usage.watch()] });
 * ```
 */
export function createUsage(options: UsageOptions): Usage {
  checkOptions(
    "createUsage",
    options,
    {
      store: having("a LangGraph store", "get", "put", "search", "batch"),
      namespace: {
        must: "a list of at least one text, none of them with a dot",
        test: (value) =>
          Array.isArray(value) &&
          value.length > 0 &&
          value.every((part) => text.test(part) && !part.includes(".")),
      },
      clock: having("a Clock", "now"),
    },
    ["store"],
  );
  const { store, namespace = ["tool-usage"], clock = systemClock } = options;
  const ledger = createLedger(store, namespace);
  // One for all: a thread's calls may go through tools that were loaded apart.
  const recorded = recordCalls(ledger, clock);
  return {
    middleware: () => recorded,
    watch: () => watchTasks(ledger, clock),
    async suggest(task, suggestOptions = {}) {
      if (typeof task !== "string") throw invalidArgument("suggest", "task", "must be a text");
      checkArguments("suggest", suggestOptions, { after: text, limit: whole(1, MOST_SUGGESTED) });
      const { after, limit = 10 } = suggestOptions;
      return suggestFrom(await ledger.read(), task, after).slice(0, limit);
    },
    async statistics() {
      const { tools } = await ledger.read();
      return new Map([...tools].map(([name, record]) => [name, toStatistics(record)]));
    },
    flush: () => ledger.flush(),
  };
}
