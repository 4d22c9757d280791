import type { JSONRPCMessage } from "@modelcontextprotocol/client";
import type { Clock } from "../core/clock.js";

/** So many are read in a second, reports of progress and everything else each for themselves. */
const MOST_PER_SECOND = 1000;
const WINDOW_MS = 1000;
const PROGRESS = "notifications/progress";
/** One of these must arrive after a flood, or lists would stay old. */
const LIST_CHANGED = /^notifications\/(?:tools|prompts|resources)\/list_changed$/;
/** The way that the libraries write a notification: the method is the first or second key. */
const METHOD = /^\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"method"\s*:\s*"(notifications\/[\w/]{1,60})"/;
/** How much of a text is looked at to find its method. */
const LOOKED_AT = 200;

export interface FloodOptions {
  readonly clock: Clock;
  readonly deliver: (message: JSONRPCMessage) => void;
  /** Called once. Must not throw. */
  readonly onFlood: () => void;
}

/** Counts what a server sends unasked. */
export interface FloodGate {
  /** False while more came within a second than is read. */
  readonly isOpen: boolean;
  /** Counts a notification or request of the server; true when it is one too many. */
  refuses(method: string): boolean;
  /** The same for a text that was not parsed; false for what is not plainly a notification. */
  refusesText(text: string): boolean;
  close(): void;
}

export function createFloodGate({ clock, deliver, onFlood }: FloodOptions): FloodGate {
  const missed = new Set<string>();
  let windowEnd = Number.NEGATIVE_INFINITY;
  let progress = 0;
  let others = 0;
  let cancel: (() => void) | undefined;
  let told = false;

  const open = (): void => {
    cancel = undefined;
    progress = 0;
    others = 0;
    for (const method of missed) deliver({ jsonrpc: "2.0", method });
    missed.clear();
  };

  const refuses = (method: string): boolean => {
    if (cancel === undefined) {
      const now = clock.now();
      // A clock that was set back starts a window too.
      if (now >= windowEnd || now < windowEnd - WINDOW_MS) {
        windowEnd = now + WINDOW_MS;
        progress = 0;
        others = 0;
      }
    }
    const count = method === PROGRESS ? ++progress : ++others;
    if (count <= MOST_PER_SECOND) return false;
    if (LIST_CHANGED.test(method)) missed.add(method);
    cancel ??= clock.after(WINDOW_MS, open);
    if (!told) onFlood();
    told = true;
    return true;
  };

  return {
    get isOpen() {
      return cancel === undefined;
    },
    refuses,
    refusesText(text) {
      const method = METHOD.exec(text.slice(0, LOOKED_AT))?.[1];
      if (method === undefined) return false;
      // Counted when it is parsed, should it be let through.
      const count = method === PROGRESS ? progress : others;
      return count >= MOST_PER_SECOND && refuses(method);
    },
    close() {
      cancel?.();
      cancel = undefined;
      missed.clear();
    },
  };
}
