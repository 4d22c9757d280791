import { hash } from "node:crypto";
import { BatonError } from "../core/errors.js";
import type { MemoryItem } from "./item.js";
import type { ReadTurn } from "./turn.js";
import type { View } from "./view.js";

export interface RememberOptions {
  /** The conversation that messages belong to. Facts belong to none. @default "default" */
  readonly threadId?: string;
  /** Who says it, where a turn or message names nobody. */
  readonly speaker?: string;
  /** When it was said, where a turn does not tell. @default now */
  readonly time?: Date | string | number;
  /** The id of the item that this one corrects: it is found no more, and stays in the history. */
  readonly supersedes?: string;
  /** How long it may be found, in milliseconds from now. @default the memory's own `ttlMs` */
  readonly ttlMs?: number;
  /** Where it comes from, for people who ask later: `{ tool: "remember" }`. */
  readonly origin?: Readonly<Record<string, string>>;
  /** To filter by in `recall`. */
  readonly metadata?: Readonly<Record<string, string | number | boolean>>;
}

interface Composing {
  readonly kind: MemoryItem["kind"];
  readonly root: readonly string[];
  readonly view: View;
  readonly now: number;
  readonly countTokens: (text: string) => number;
  readonly options: RememberOptions;
}

/** Turns as items, those that memory does not have yet; and the ids of all. */
export function composeItems(
  turns: readonly ReadTurn[],
  composing: Composing,
): { readonly items: readonly MemoryItem[]; readonly ids: readonly string[] } {
  const { kind, root, view, now, countTokens, options } = composing;
  const threadId = kind === "fact" ? "" : (options.threadId ?? "default");
  const items: MemoryItem[] = [];
  const ids: string[] = [];
  const batch = new Set<string>();
  const occurrences = new Map<string, number>();
  const groups = new Map<string, string>();
  const nowIso = new Date(now).toISOString();
  let sequence = kind === "fact" ? 0 : view.nextSequence(threadId);

  for (const turn of turns) {
    const speaker = turn.speaker ?? (turn.role === "tool" ? undefined : options.speaker);
    const said = turn.time ?? options.time;
    const time = said === undefined ? undefined : toIso(said);
    const source = [threadId, turn.role, speaker, turn.id, time];
    const address = JSON.stringify([root, kind, normalise(turn.text), source]);
    // The same words twice in one batch are two turns, and the same two when the batch comes again.
    const occurrence = turn.id === undefined && kind === "message" ? (occurrences.get(address) ?? 0) : 0;
    occurrences.set(address, occurrence + 1);
    const { id, isNew } = place(`${address}#${occurrence}`, batch, composing);
    ids.push(id);
    for (const call of turn.calls) groups.set(call, id);
    if (!isNew) continue;
    batch.add(id);
    const group =
      turn.answers === undefined
        ? turn.calls.length > 0 && id
        : (groups.get(turn.answers) ?? view.groupOf(threadId, turn.answers));
    items.push({
      id,
      text: turn.text,
      kind,
      role: turn.role,
      ...(speaker !== undefined && { speaker }),
      threadId,
      time: time ?? nowIso,
      savedAt: now,
      sequence: sequence++,
      tokens: countTokens(turn.text),
      ...(group && { group }),
      ...(turn.calls.length > 0 && { calls: turn.calls }),
      ...(options.supersedes !== undefined && { supersedes: options.supersedes }),
      ...(options.ttlMs !== undefined && { expiresAt: new Date(now + options.ttlMs).toISOString() }),
      origin: { ...(turn.id !== undefined && { messageId: turn.id }), ...options.origin },
      ...((turn.metadata ?? options.metadata) && { metadata: { ...options.metadata, ...turn.metadata } }),
      ...(turn.message !== undefined && { message: turn.message }),
    });
  }
  return { items, ids };
}

/**
 * The id of an item: that of the one which is there, when it still holds and says all. What was corrected or has
 * expired since, and is said again, is a new item.
 */
function place(address: string, batch: ReadonlySet<string>, { view, now, options }: Composing) {
  for (let version = 0; ; version++) {
    const id = hash("sha256", version === 0 ? address : `${address}~${version}`, "hex").slice(0, 32);
    if (batch.has(id)) return { id, isNew: false };
    const entry = view.entries.get(id);
    // What was removed, and is still named as corrected, must not come back under its id.
    if (!entry && view.supersededBy(id) === undefined) return { id, isNew: true };
    if (!entry) continue;
    const holds = view.supersededBy(id) === undefined && entry.expiresAtMs > now;
    // `supersedes` names the newest version: when that is this very item, the same correction came before.
    const { supersedes } = options;
    const saysAll = supersedes === undefined || supersedes === id || supersedes === entry.supersedes;
    if (holds && saysAll) return { id, isNew: false };
  }
}

/** Has one form only, and most text is of it. */
const ASCII = /^\p{ASCII}*$/u;
const UNEVEN_SPACE = /\s\s|[^\S ]/;

/** Two spellings of one sentence: case, white space, the mark at its end, and Unicode's several forms of a letter. */
function normalise(text: string): string {
  const letters = (ASCII.test(text) ? text : text.normalize("NFKC")).toLowerCase();
  const words = (UNEVEN_SPACE.test(letters) ? letters.replace(/\s+/g, " ") : letters).trim();
  let end = words.length;
  // A pattern would look for the end from each of a thousand dots.
  while (end > 0 && ".!".includes(words.charAt(end - 1))) end--;
  return words.slice(0, end);
}

function toIso(time: Date | string | number): string {
  const date = new Date(time);
  if (!Number.isNaN(date.getTime())) return date.toISOString();
  throw new BatonError(
    "INVALID_ARGUMENTS",
    `remember(): ${JSON.stringify(time)} is no time; give a Date, ISO 8601 or ms`,
    {
      data: { issues: [{ path: "time", problem: "is no time" }] },
    },
  );
}
