import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import type { BaseStore } from "@langchain/langgraph-checkpoint";
import { estimateTokenCount } from "tokenx";
import { type Clock, systemClock } from "../core/clock.js";
import { invalidOption } from "./check.js";
import type { MemoryOptions } from "./memory.js";
import { encodeNamespace } from "./namespace.js";
import type { ShortTermLimits } from "./short-term.js";
import { modelOf } from "./vectors.js";
import { type View, viewOf } from "./view.js";

/** A hundred years: what would end later has no end. */
export const LONGEST_TTL_MS = 100 * 365 * 86_400_000;

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
  checkOptions(options);
  const { store, embeddings, shortTerm = {}, ttlMs, clock = systemClock } = options;
  if (typeof (store as Partial<BaseStore> | undefined)?.batch !== "function") {
    throw invalidOption("store", store, 'a LangGraph store, such as sqliteStore("memory.db")');
  }
  const root = encodeNamespace(options.namespace);
  checkCount("shortTerm.maxMessages", shortTerm.maxMessages);
  checkCount("shortTerm.maxTokens", shortTerm.maxTokens);
  checkCount("ttlMs", ttlMs, LONGEST_TTL_MS);
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

const OPTIONS = ["store", "namespace", "shortTerm", "embeddings", "ttlMs", "countTokens", "clock"];

function checkOptions(options: MemoryOptions | undefined): void {
  const expected = `an object of ${OPTIONS.join(", ")}`;
  if (typeof options !== "object" || options === null) throw invalidOption("options", options, expected);
  for (const key of Object.keys(options)) {
    if (!OPTIONS.includes(key))
      throw invalidOption(key, "given", `one of ${OPTIONS.join(", ")}, as others are not known`);
  }
  const { embeddings, countTokens } = options;
  if (embeddings !== undefined && typeof embeddings?.embedDocuments !== "function") {
    throw invalidOption("embeddings", embeddings, "LangChain Embeddings, such as new OpenAIEmbeddings()");
  }
  if (countTokens !== undefined && typeof countTokens !== "function") {
    throw invalidOption("countTokens", countTokens, "a function of a text");
  }
}

function checkCount(path: string, value: number | undefined, most = Number.MAX_SAFE_INTEGER): void {
  if (value === undefined || (value > 0 && value <= most)) return;
  throw invalidOption(path, value, `a number above 0 and at most ${most}`);
}
