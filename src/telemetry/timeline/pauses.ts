import type { Call } from "../../core/call.js";
import { hashJson } from "../../core/canonical.js";

/** A call that an interrupt stopped, and when, in milliseconds since the epoch. */
interface Pause {
  readonly id: string;
  readonly sinceMs: number;
}

interface Waiting extends Pause {
  readonly call: Pick<Call, "server" | "tool" | "threadId" | "toolCallId">;
  /** Of its arguments; absent where the model's id of the call tells it. */
  readonly hash?: string;
}

/** Which interrupted calls wait to be made again. */
export interface Pauses {
  begin(call: Call, nowMs: number): void;
  /** The longest pause that this call ends. */
  end(call: Call, nowMs: number): Pause | undefined;
}

/** Later nobody goes on with a call; without an end each wait would be looked at for as long as the process runs. */
const LONGEST_MS = 30 * 24 * 60 * 60 * 1000;
/** As each call is compared with all of them. */
const MOST = 1000;

/** At most so many pauses; the oldest is forgotten first. */
export function createPauses(most: number): Pauses {
  // In the order of their beginning.
  const waiting = new Set<Waiting>();
  return {
    begin(call, nowMs) {
      const { id, server, tool, threadId, toolCallId } = call;
      // Equal calls of two people would be taken for one that waited.
      if (threadId === undefined && toolCallId === undefined) return;
      const hash = toolCallId === undefined ? hashOf(call) : undefined;
      if (toolCallId === undefined && hash === undefined) return;
      const told = {
        server,
        tool,
        ...(threadId !== undefined && { threadId }),
        ...(toolCallId !== undefined && { toolCallId }),
      };
      waiting.add({ id, sinceMs: nowMs, call: told, ...(hash !== undefined && { hash }) });
      const [oldest] = waiting;
      if (oldest && waiting.size > Math.min(most, MOST)) waiting.delete(oldest);
    },
    end(call, nowMs) {
      // A hash costs more than all the rest, and nearly always nobody waits.
      let hash: string | undefined;
      for (const each of waiting) {
        if (nowMs - each.sinceMs > LONGEST_MS) waiting.delete(each);
        else if (isSameTask(each.call, call)) {
          if (each.hash !== undefined) hash ??= hashOf(call);
          if (each.hash !== hash && each.hash !== undefined) continue;
          waiting.delete(each);
          return { id: each.id, sinceMs: each.sinceMs };
        }
      }
      return undefined;
    },
  };
}

function isSameTask(a: Waiting["call"], b: Waiting["call"]): boolean {
  return (
    a.threadId === b.threadId && a.toolCallId === b.toolCallId && a.server === b.server && a.tool === b.tool
  );
}

function hashOf({ args }: Call): string | undefined {
  try {
    return hashJson(args);
  } catch {
    // A cycle: such arguments equal no others.
    return undefined;
  }
}
