import type { Call } from "../core/call.js";
import { hashJson } from "../core/canonical.js";

/** A call that an interrupt stopped, and when, in milliseconds since the epoch. */
interface Pause {
  readonly id: string;
  readonly sinceMs: number;
}

/** Which interrupted calls wait to be made again. */
export interface Pauses {
  begin(call: Call, nowMs: number): void;
  /** The longest pause that this call ends. */
  end(call: Call): Pause | undefined;
}

/** At most so many pauses; the oldest is forgotten first. */
export function createPauses(most: number): Pauses {
  // Calls that are equal in all of this wait in one line.
  const lines = new Map<string, Pause[]>();
  return {
    begin(call, nowMs) {
      const key = keyOf(call);
      if (key === undefined) return;
      lines.set(key, [...(lines.get(key) ?? []), { id: call.id, sinceMs: nowMs }].slice(-most));
      if (lines.size > most) lines.delete(lines.keys().next().value ?? "");
    },
    end(call) {
      // A hash costs more than all the rest, and nearly always nobody waits.
      const key = lines.size === 0 ? undefined : keyOf(call);
      const [first, ...others] = (key !== undefined && lines.get(key)) || [];
      if (key === undefined || first === undefined) return undefined;
      if (others.length === 0) lines.delete(key);
      else lines.set(key, others);
      return first;
    },
  };
}

function keyOf({ server, tool, args, threadId, toolCallId }: Call): string | undefined {
  try {
    return hashJson([threadId ?? null, server, tool, toolCallId ?? args]);
  } catch {
    // A cycle: such arguments equal no others.
    return undefined;
  }
}
