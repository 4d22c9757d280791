import type { MemoryMap } from "./memory-map.js";

/** How much a memory holds, with what its map leaves out. */
export interface Totals {
  readonly threads: number;
  readonly messages: number;
  readonly facts: number;
  /** Messages that have left the window of their thread. */
  readonly beyond: number;
}

export function totalsOf({ threads, facts, leftOut }: MemoryMap): Totals {
  let messages = leftOut.messages;
  let inWindow = leftOut.inWindow;
  for (const thread of threads) {
    messages += thread.messages.length;
    inWindow += thread.messages.filter(({ isInWindow }) => isInWindow).length;
  }
  return {
    threads: threads.length + leftOut.threads,
    messages,
    facts: facts.length + leftOut.facts,
    beyond: messages - inWindow,
  };
}
