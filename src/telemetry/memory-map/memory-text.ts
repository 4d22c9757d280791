import { counted, shorten } from "../pictures/columns.js";
import { keptRows } from "./kept-rows.js";
import type { Ranks } from "./marks.js";
import { type MappedMessage, type MemoryMap, speakerOf } from "./memory-map.js";
import { totalsOf } from "./totals.js";
import { notesOf } from "./working-band.js";

const MOST_NOTES = 12;
const MOST_THREADS = 20;
const MOST_LETTERS = 40;
const MOST_ROWS = 30;
const COLUMNS = 100;
const LETTERS = { user: "u", assistant: "a", tool: "t" } as const;

/** The same as the picture in words: `[uau]` is a window of two messages of a user and one of an assistant between. */
export function memoryText(
  map: MemoryMap,
  ranks: Ranks,
  working: Readonly<Record<string, unknown>> | undefined,
): string {
  return [
    ...(working ? ["working", ...workingLines(working)] : []),
    "short-term (window)",
    ...threadLines(map),
    "long-term",
    ...longTermLines(map, ranks),
  ].join("\n");
}

function workingLines(working: Readonly<Record<string, unknown>>): string[] {
  const notes = notesOf(working).map((note) => `  ${shorten(note, COLUMNS)}`);
  if (notes.length === 0) return ["  no notes"];
  return notes.length > MOST_NOTES
    ? [...notes.slice(0, MOST_NOTES), `  and ${notes.length - MOST_NOTES} more`]
    : notes;
}

function threadLines({ threads, leftOut }: MemoryMap): string[] {
  if (threads.length === 0) return ["  no message yet"];
  const lines = threads.slice(0, MOST_THREADS).map(({ threadId, messages, window, leftOut: older }) => {
    const beyond = messages.length + older - window.messages;
    const facts = [counted(window.messages, "message"), counted(window.tokens, "token")];
    const before = beyond > 0 ? `, ${beyond.toLocaleString("en-US")} before` : "";
    return `  ${shorten(threadId, 40)} ${beyond > 0 ? "… " : ""}[${lettersOf(messages)}] ${facts.join(", ")}${before}`;
  });
  const more = threads.length - lines.length + leftOut.threads;
  return more > 0 ? [...lines, `  and ${counted(more, "older thread")}`] : lines;
}

function lettersOf(messages: readonly MappedMessage[]): string {
  const window = messages.filter(({ isInWindow }) => isInWindow);
  const letters = window.slice(-MOST_LETTERS).map(({ role }) => LETTERS[role]);
  return `${window.length > letters.length ? "…" : ""}${letters.join("")}`;
}

function longTermLines(map: MemoryMap, ranks: Ranks): string[] {
  const { beyond, facts } = totalsOf(map);
  const rows = keptRows(map, ranks, MOST_ROWS);
  const items = [...map.facts, ...map.threads.flatMap(({ messages }) => messages)];
  const byId = new Map(items.map((item) => [item.id, item]));
  const lines = rows.map(({ item, kind, threadId }) => {
    const rank = ranks.get(item.id);
    const after = item.supersededBy === undefined ? undefined : byId.get(item.supersededBy);
    const notes = [
      item.hits > 0 && `found ${item.hits}×`,
      item.supersededBy !== undefined && (after ? `corrected by "${shorten(after.text, 40)}"` : "corrected"),
      item.isExpired && "its time is over",
    ].filter((note) => note !== false);
    const where = threadId === undefined ? kind : `${speakerOf(item, kind)} in ${shorten(threadId, 20)}`;
    const words = [shorten(item.text, COLUMNS), ...notes].join(" · ");
    return `  ${rank === undefined ? "   " : `${rank}.`.padStart(3)} ${item.time.slice(0, 16).replace("T", " ")} ${where}: ${words}`;
  });
  const more = facts - rows.filter(({ kind }) => kind === "fact").length;
  return [
    `  ${counted(beyond, "message")} beyond the windows, ${counted(facts, "fact")}`,
    ...lines,
    ...(more > 0 ? [`      and ${counted(more, "more fact")}`] : []),
  ];
}
