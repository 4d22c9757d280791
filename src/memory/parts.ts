import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import type { BaseStore } from "@langchain/langgraph-checkpoint";
import { estimateTokenCount } from "tokenx";
import { type Clock, systemClock } from "../core/clock.js";
import { BatonError } from "../core/errors.js";
import type { MemoryOptions } from "./memory.js";
import { encodeNamespace } from "./namespace.js";
import type { ShortTermLimits } from "./short-term.js";
import { modelOf } from "./vectors.js";
import { type View, viewOf } from "./view.js";

/** What the methods of a memory work with. */
export interface Parts {
  readonly store: BaseStore;
  /** The namespace in the form that the store has it. */
  readonly root: readonly string[];
  readonly embeddings: EmbeddingsInterface | undefined;
  /** The name of the embedding model. */
  readonly model: string | undefined;
  readonly limits: ShortTermLimits;
  readonly ttlMs: number | undefined;
  readonly countTokens: (text: string) => number;
  readonly clock: Clock;
  /** What the process knows of the namespace, read anew where the store has changed. */
  view(): Promise<View>;
}

export function toParts(options: MemoryOptions): Parts {
  const { store, embeddings, shortTerm = {}, ttlMs, clock = systemClock } = options;
  if (typeof (store as Partial<BaseStore> | undefined)?.batch !== "function") {
    throw invalid("store", store, 'a LangGraph store, such as sqliteStore("memory.db")');
  }
  const root = encodeNamespace(options.namespace);
  checkCount("shortTerm.maxMessages", shortTerm.maxMessages);
  checkCount("shortTerm.maxTokens", shortTerm.maxTokens);
  checkCount("ttlMs", ttlMs);
  const model = embeddings && modelOf(embeddings);
  return {
    store,
    root,
    embeddings,
    model,
    limits: shortTerm,
    ttlMs,
    countTokens: options.countTokens ?? estimateTokenCount,
    clock,
    async view() {
      const view = viewOf(store, root, model, clock);
      await view.refresh();
      return view;
    },
  };
}

function checkCount(path: string, value: number | undefined): void {
  if (value === undefined || (Number.isFinite(value) && value > 0)) return;
  throw invalid(path, value, "a number above 0");
}

function invalid(path: string, value: unknown, expected: string): BatonError {
  const problem = `must be ${expected}`;
  return new BatonError("CONFIG_INVALID", `createMemory(): ${path} is ${String(value)}; it ${problem}`, {
    data: { faults: [{ path, problem }] },
  });
}
