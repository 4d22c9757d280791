import { canonicalJson } from "../../core/canonical.js";
import type { BoardRequest, BoardState, Finding, RequestStatus, Source } from "./types.js";

export const EMPTY_BOARD: BoardState = Object.freeze({
  findings: Object.freeze([]),
  requests: Object.freeze([]),
});

/**
 * The reducer of a board in a graph's state: what both know, the oldest first. Order and repetition make no difference,
 * so parallel branches, retries and resumed runs come to the same board.
 *
 * The same finding twice is one, with all sources, the higher confidence and the earlier author; the other confirms it.
 * A request's status only moves forward. Of two that took it the earlier has it, and at the same time the first by name.
 */
export function mergeBoard(state: BoardState, update: Partial<BoardState>): BoardState {
  return {
    findings: mergeById([...state.findings, ...(update.findings ?? [])], mergeFindings),
    requests: mergeById([...state.requests, ...(update.requests ?? [])], mergeRequests),
  };
}

function mergeById<One extends { readonly id: string; readonly time: string }>(
  all: readonly One[],
  merge: (a: One, b: One) => One,
): readonly One[] {
  const merged = new Map<string, One>();
  // One that is alone is merged with itself, which puts its lists in order.
  for (const one of all) merged.set(one.id, merge(merged.get(one.id) ?? one, one));
  return [...merged.values()].sort((a, b) => compare([a.time, a.id], [b.time, b.id]));
}

function mergeFindings(a: Finding, b: Finding): Finding {
  const first = compare([a.time, a.author], [b.time, b.author]) <= 0 ? a : b;
  const { id, key, value, author, time } = first;
  const names = new Set([a.author, b.author, ...(a.confirmedBy ?? []), ...(b.confirmedBy ?? [])]);
  names.delete(author);
  const confidence = Math.max(a.confidence ?? -1, b.confidence ?? -1);
  return {
    id,
    key,
    value,
    author,
    time,
    sources: mergeSources([...a.sources, ...b.sources]),
    ...(confidence >= 0 && { confidence }),
    ...(names.size > 0 && { confirmedBy: [...names].sort() }),
  };
}

/** By label, as that is the first of a source's keys. */
function mergeSources(sources: readonly Source[]): readonly Source[] {
  const byText = new Map(sources.map((source) => [canonicalJson(source), source]));
  return [...byText].sort(([a], [b]) => compare([a], [b])).map(([, source]) => source);
}

function mergeRequests(a: BoardRequest, b: BoardRequest): BoardRequest {
  const further = compare(placeOf(a), placeOf(b)) <= 0 ? a : b;
  const { time } = compare([a.time], [b.time]) <= 0 ? a : b;
  return { ...further, time };
}

/** The smaller, the more it counts. */
function placeOf({ status, takenAt = "", takenBy = "", answer, findings }: BoardRequest): readonly string[] {
  return [RANK[status], takenAt, takenBy, canonicalJson({ answer, findings })];
}

const RANK: Readonly<Record<RequestStatus, string>> = { done: "0", taken: "1", open: "2" };

function compare(a: readonly string[], b: readonly string[]): number {
  for (const [position, text] of a.entries()) {
    const other = b[position] ?? "";
    if (text !== other) return text < other ? -1 : 1;
  }
  return 0;
}
