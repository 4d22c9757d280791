import { randomUUID } from "node:crypto";
import type { BaseCheckpointSaver, LangGraphRunnableConfig } from "@langchain/langgraph";
import { stepOf, writtenInStep } from "../../agents/work/in-step.js";

/** What has to outlive the process before a step has come to its end. Keys are idempotency keys. */
export interface Notes {
  /** Whether an earlier process began this, so that it may have been done. */
  wasBegun(key: string): Promise<boolean>;
  /** How many items of a step's list, counted up to the last one that was begun. */
  itemsBegun(key: string): Promise<number>;
  /** To be told before the first attempt. */
  begin(key: string): Promise<void>;
  /** How often somebody said that it ran and failed: the next key comes from it. */
  refusalsOf(key: string): Promise<number>;
  refuse(key: string, count: number): Promise<void>;
}

type Note = { readonly begun: string } | { readonly refused: string; readonly count: number };

/** No channel of the graph has this name, so LangGraph keeps what is written to it with the checkpoint and leaves it alone. */
const CHANNEL = "langbaton:note";

/** The notes of a node, beside the checkpoint that it runs from. Without a checkpointer nothing outlives the process. */
export function notesOf(config: LangGraphRunnableConfig): Notes {
  let reading: Promise<readonly Note[]> | undefined;
  const read = (): Promise<readonly Note[]> => {
    reading ??= writtenInStep<Note>(config, CHANNEL);
    return reading;
  };
  const write = async (note: Note): Promise<void> => {
    const place = stepOf(config);
    const saver: BaseCheckpointSaver | undefined = config.configurable?.__pregel_checkpointer;
    // Not by a task of LangGraph: that goes on before its writes are on disk.
    if (place && saver)
      await saver.putWrites({ configurable: { ...place } }, [[CHANNEL, note]], randomUUID());
  };
  return {
    wasBegun: async (key) => (await read()).some((note) => "begun" in note && note.begun === key),
    async itemsBegun(key) {
      const begun = (await read()).flatMap((note) => ("begun" in note ? note.begun : []));
      const indexes = begun.flatMap((one) =>
        one.startsWith(`${key}/`) ? Number(one.slice(key.length + 1)) : [],
      );
      return Math.max(0, ...indexes.map((index) => index + 1));
    },
    begin: (begun) => write({ begun }),
    async refusalsOf(key) {
      const counts = (await read()).map((note) =>
        "refused" in note && note.refused === key ? note.count : 0,
      );
      return Math.max(0, ...counts);
    },
    refuse: (refused, count) => write({ refused, count }),
  };
}
