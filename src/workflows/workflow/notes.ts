import { randomUUID } from "node:crypto";
import type { BaseCheckpointSaver, LangGraphRunnableConfig } from "@langchain/langgraph";
import { stateAt, stepOf, writtenInStep } from "../../agents/work/in-step.js";
import type { DoneRecord, RunRecord } from "./record.js";

/** What has to outlive the process before a step has come to its end. Keys are idempotency keys. */
export interface Notes {
  /** Whether an earlier process began this, so that it may have been done. */
  wasBegun(key: string): Promise<boolean>;
  /** How many items of a step's list, counted up to the last one that was begun. */
  itemsBegun(key: string): Promise<number>;
  /** What became of an item, from before its run was carried over to another checkpoint. */
  doneOf(key: string): Promise<DoneRecord | undefined>;
  /** To be told before the first attempt. */
  begin(key: string): Promise<void>;
  /** How often somebody said that it ran and failed: the next key comes from it. */
  refusalsOf(key: string): Promise<number>;
  refuse(key: string, count: number): Promise<void>;
}

type Note =
  | { readonly begun: string }
  | { readonly refused: string; readonly count: number }
  /** An item that was done before its run was carried over to another checkpoint. */
  | KeptItem;

/** An item of a list that is done, as LangGraph keeps it. */
export interface KeptItem {
  readonly itemKey: string;
  readonly record: DoneRecord;
}

/** No channel of the graph has this name, so LangGraph keeps what is written to it with the checkpoint and leaves it alone. */
const CHANNEL = "langbaton:note";

/** The notes of a node, beside the checkpoint that it runs from. Without a checkpointer nothing outlives the process. */
export function notesOf(config: LangGraphRunnableConfig): Notes {
  let reading: Promise<readonly Note[]> | undefined;
  const read = (): Promise<readonly Note[]> => {
    reading ??= readNotes(config);
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
    async doneOf(key) {
      const kept = (await read()).find((note) => "itemKey" in note && note.itemKey === key);
      return kept && "record" in kept ? kept.record : undefined;
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

async function readNotes(config: LangGraphRunnableConfig): Promise<readonly Note[]> {
  const carried = (stateAt<RunRecord>(config, "run")?.notes ?? []) as readonly Note[];
  return [...carried, ...(await writtenInStep<Note>(config, CHANNEL))];
}

type Writes = readonly (readonly [string, string, unknown])[];

/** What lies beside a checkpoint: the notes, and items that are done. */
export function notesIn(
  writes: Writes,
  run?: RunRecord,
): {
  readonly begun: readonly string[];
  readonly items: readonly KeptItem[];
} {
  const written = writes.flatMap(([, channel, value]) => (channel === CHANNEL ? [value as Note] : []));
  const notes = [...((run?.notes ?? []) as readonly Note[]), ...written];
  const returned = writes.flatMap(([, channel, value]) =>
    channel === "__return__" && isKept(value) ? [value] : [],
  );
  return {
    begun: notes.flatMap((note) => ("begun" in note ? note.begun : [])),
    items: [...notes.filter(isKept), ...returned],
  };
}

/** What a run has to keep of them when its state is changed, so that its steps begin at another checkpoint. */
export function notesToCarry({ notes = [] }: RunRecord, writes: Writes): unknown[] {
  const written = writes.flatMap(([, channel, value]) => (channel === CHANNEL ? [value as Note] : []));
  const all = [...(notes as readonly Note[]), ...written];
  const items = notesIn(writes).items.filter(
    ({ itemKey }) => !all.some((note) => isKept(note) && note.itemKey === itemKey),
  );
  return [...all, ...items];
}

function isKept(value: unknown): value is KeptItem {
  return typeof value === "object" && value !== null && "itemKey" in value;
}
