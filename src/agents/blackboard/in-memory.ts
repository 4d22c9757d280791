import type { Clock } from "../../core/clock.js";
import {
  checkFindingFilter,
  checkName,
  checkRequestFilter,
  checkRoom,
  checkSources,
  checkTaken,
  requestIn,
  toAnswer,
  toFinding,
  toRequest,
} from "./entries.js";
import { EMPTY_BOARD, mergeBoard } from "./merge.js";
import type { Board, BoardState, Finding, FindingFilter } from "./types.js";

/** A board that ends with the process. Nothing in it waits, so whatever comes at once comes in an order. */
export function inMemory(initial: BoardState, clock: Clock): Board {
  let state = mergeBoard(EMPTY_BOARD, initial);

  return {
    async post(given) {
      const finding = toFinding(given, clock.now());
      checkRoom(state, "findings", finding.id);
      const next = mergeBoard(state, { findings: [finding] });
      const posted = next.findings.find(({ id }) => id === finding.id) ?? finding;
      checkSources(posted);
      state = next;
      return posted;
    },
    async findings(filter) {
      checkFindingFilter(filter);
      return filtered(state.findings, filter);
    },
    async ask(given) {
      const request = toRequest(given, clock.now());
      checkRoom(state, "requests", request.id);
      state = mergeBoard(state, { requests: [request] });
      return requestIn(state, "ask", request.id);
    },
    async requests(filter) {
      checkRequestFilter(filter);
      const { status } = filter ?? {};
      return state.requests.filter((request) => status === undefined || request.status === status);
    },
    async take(id, by) {
      checkName("take", "by", by);
      const request = requestIn(state, "take", id);
      if (request.status !== "open") return request.takenBy === by ? request : undefined;
      const takenAt = new Date(clock.now()).toISOString();
      state = mergeBoard(state, { requests: [{ ...request, status: "taken", takenBy: by, takenAt }] });
      return requestIn(state, "take", id);
    },
    async finish(id, by, given) {
      checkName("finish", "by", by);
      const answer = toAnswer(given, state.findings);
      const request = requestIn(state, "finish", id);
      checkTaken(request, by);
      if (request.status === "done") return request;
      state = mergeBoard(state, { requests: [{ ...request, ...answer, status: "done" }] });
      return requestIn(state, "finish", id);
    },
    async snapshot() {
      return state;
    },
    async merge(other) {
      state = mergeBoard(state, other);
    },
  };
}

export function filtered(
  findings: readonly Finding[],
  { key, author }: FindingFilter = {},
): readonly Finding[] {
  const isBy = (one: Finding) =>
    one.author === author || (author !== undefined && one.confirmedBy?.includes(author));
  return findings.filter(
    (one) => (key === undefined || one.key === key) && (author === undefined || isBy(one)),
  );
}
