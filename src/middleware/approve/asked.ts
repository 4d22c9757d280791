import type { BaseStore } from "@langchain/langgraph";
import { LRUCache } from "lru-cache";
import type { Call } from "../../core/call.js";
import { BatonError } from "../../core/errors.js";

/** What was asked and is not decided. A decision counts only for a question that is found here, and takes it away. */
export interface Asked {
  /** The request's hash. */
  readonly hash: string;
  readonly expiresAt: number;
  /** Hashes of resume values that lay there before the question was asked, so that none of them can answer it. */
  readonly earlier: readonly string[];
}

export interface AskedQuestions {
  get(hash: string): Promise<Asked | undefined>;
  put(asked: Asked): Promise<void>;
  /** Removes it. False when another run in this process has done so before. */
  take(hash: string): Promise<boolean>;
}

const NAMESPACE = ["langbaton", "approvals"];
const MOST_QUESTIONS = 10_000;

/**
 * Remembers open questions in the graph's own store when it has one, where they outlive the process, and else in
 * this process. A question that was forgotten is asked again: nothing runs for it.
 */
export function createAskedQuestions(): (store: BaseStore | undefined, call: Call) => AskedQuestions {
  const memory = new LRUCache<string, Asked>({ max: MOST_QUESTIONS });
  // A store has no compare-and-set, so two runs of one thread in this process are told apart here.
  const taken = new LRUCache<string, true>({ max: MOST_QUESTIONS });

  return (store, call) => ({
    async get(hash) {
      if (store === undefined) return memory.get(hash);
      const item = await stored(call, () => store.get(NAMESPACE, hash));
      return item?.value as Asked | undefined;
    },
    async put(asked) {
      taken.delete(asked.hash);
      if (store === undefined) memory.set(asked.hash, asked);
      // Not indexed: there is nothing in it to search for.
      else await stored(call, () => store.put(NAMESPACE, asked.hash, { ...asked }, false));
    },
    async take(hash) {
      if (taken.has(hash)) return false;
      taken.set(hash, true);
      if (store === undefined) memory.delete(hash);
      else await stored(call, () => store.delete(NAMESPACE, hash));
      return true;
    },
  });
}

async function stored<T>({ server, tool }: Call, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new BatonError(
      "STORE",
      `server '${server}', tool '${tool}': the graph's store cannot keep track of the approval: repair the store`,
      { cause, retryable: true, data: { server, tool, store: NAMESPACE.join(".") } },
    );
  }
}
