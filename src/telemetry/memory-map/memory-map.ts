import { shorten } from "../pictures/columns.js";

const LONGEST_SPEAKER = 20;

/** One thing that memory keeps, as a map shows it. */
export interface MappedItem {
  readonly id: string;
  /** How it begins: one line of at most 160 columns, `…` where it was cut. */
  readonly text: string;
  readonly role: "user" | "assistant" | "tool";
  /** Who said it, where it is known by name. */
  readonly speaker?: string;
  /** When it was said, ISO 8601 in UTC. */
  readonly time: string;
  readonly tokens: number;
  /** How often recall found it. */
  readonly hits: number;
  /** Its time is over: hidden, and removed by one of the next writes. */
  readonly isExpired: boolean;
  /** The item that corrects this one. */
  readonly supersededBy?: string;
}

/** A message of a thread. */
export interface MappedMessage extends MappedItem {
  /** In short-term memory: the recent part of its thread, word for word. */
  readonly isInWindow: boolean;
}

/** A conversation, its messages in order of time. */
export interface MappedThread {
  readonly threadId: string;
  readonly messages: readonly MappedMessage[];
  /** All of its window, also where the map leaves out the older part of it. */
  readonly window: { readonly messages: number; readonly tokens: number };
  /** Older messages of this thread that are not in the map. */
  readonly leftOut: number;
}

/** What a memory holds at one moment, as plain data. */
export interface MemoryMap {
  /** The thread with the newest message first. */
  readonly threads: readonly MappedThread[];
  /** In order of time. */
  readonly facts: readonly MappedItem[];
  /** What is older than all that is here. */
  readonly leftOut: {
    readonly messages: number;
    /** How many of these messages are in the window of their thread. */
    readonly inWindow: number;
    readonly facts: number;
    /** Threads without any message in the map. */
    readonly threads: number;
  };
}

/** Who is told to have said a message: a name, or the role of one without. */
export function speakerOf({ speaker }: MappedItem, role: string): string {
  return speaker === undefined ? role : shorten(speaker, LONGEST_SPEAKER);
}
