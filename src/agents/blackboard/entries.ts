import { hashJson } from "../../core/canonical.js";
import { BatonError } from "../../core/errors.js";
import { checkKeys, invalidArgument } from "../../memory/check.js";
import { toJsonValue } from "./json-value.js";
import type {
  Answer,
  BoardRequest,
  BoardState,
  Finding,
  FindingFilter,
  NewFinding,
  NewRequest,
  RequestFilter,
  Source,
} from "./types.js";

/** What a board takes, in characters and in entries: what agents read costs them tokens each time. */
export const LIMITS = {
  name: 200,
  need: 2000,
  /** Of a value as JSON, and of an answer. */
  value: 8000,
  label: 500,
  sources: 20,
  findings: 500,
  requests: 500,
} as const;

const STATUSES = ["open", "taken", "done"];

/** 96 bits: short enough for a model to repeat, long enough that nobody makes two of one id. */
const ID_LENGTH = 24;

/** A finding as it is kept, a copy. @throws BatonError `INVALID_ARGUMENTS` */
export function toFinding(given: NewFinding, now: number): Finding {
  checkKeys("post", "finding", given, ["key", "value", "author", "sources", "confidence"]);
  const { key, author, sources = [], confidence } = given;
  checkName("post", "key", key);
  checkName("post", "author", author);
  const value = toJsonValue(given.value, LIMITS.value);
  const isShare = typeof confidence === "number" && confidence >= 0 && confidence <= 1;
  if (confidence !== undefined && !isShare)
    throw invalidArgument("post", "confidence", confidence, "a number from 0 to 1");
  if (!Array.isArray(sources) || sources.length > LIMITS.sources)
    throw invalidArgument("post", "sources", sources, `a list of at most ${LIMITS.sources} sources`);
  return {
    id: idOf([key, value]),
    key,
    value,
    author,
    time: new Date(now).toISOString(),
    sources: sources.map(toSource),
    ...(confidence !== undefined && { confidence }),
  };
}

/** @throws BatonError `INVALID_ARGUMENTS` */
export function toRequest(given: NewRequest, now: number): BoardRequest {
  checkKeys("ask", "request", given, ["need", "by"]);
  const { need, by } = given;
  checkText("ask", "need", need, LIMITS.need);
  checkName("ask", "by", by);
  return { id: idOf([by, need]), need, by, time: new Date(now).toISOString(), status: "open" };
}

/** @throws BatonError `INVALID_ARGUMENTS` for a text that is too long, and for findings that the board does not have */
export function toAnswer(given: Answer, known: readonly Finding[]): Answer {
  checkKeys("finish", "answer", given, ["answer", "findings"]);
  const { answer, findings } = given;
  checkText("finish", "answer", answer, LIMITS.value);
  if (findings === undefined) return { answer };
  if (!Array.isArray(findings)) throw invalidArgument("finish", "findings", findings, "a list of ids");
  const unknown = findings.find((id) => known.every((one) => one.id !== id));
  if (unknown !== undefined)
    throw invalidArgument("finish", "findings", unknown, "the id of a finding on the board");
  return { answer, findings: [...new Set(findings)] };
}

/** Whether there is room; a repetition needs none. @throws BatonError `OVERLOADED` */
export function checkRoom(board: BoardState, kind: "findings" | "requests", id: string): void {
  const limit = LIMITS[kind];
  if (board[kind].length < limit || board[kind].some((one) => one.id === id)) return;
  throw full(
    `the board holds ${limit} ${kind}, which is all it takes: work with those that are there`,
    limit,
  );
}

/** @throws BatonError `OVERLOADED` */
export function checkSources({ id, sources }: Finding): void {
  if (sources.length <= LIMITS.sources) return;
  throw full(
    `the finding ${id} would have more than ${LIMITS.sources} sources: those suffice`,
    LIMITS.sources,
  );
}

/** @throws BatonError `INVALID_ARGUMENTS` for a request that is not there */
export function requestIn(
  { requests }: Pick<BoardState, "requests">,
  method: string,
  id: string,
): BoardRequest {
  const request = requests.find((one) => one.id === id);
  if (request === undefined) throw invalidArgument(method, "id", id, "the id of a request on the board");
  return request;
}

/** @throws BatonError `INVALID_ARGUMENTS` for a request that somebody else has, or nobody */
export function checkTaken({ status, takenBy, id }: BoardRequest, by: string): void {
  if (takenBy === by) return;
  const problem = status === "open" ? "nobody took it: take it first" : `'${takenBy}' took it`;
  throw new BatonError("INVALID_ARGUMENTS", `finish(): '${by}' cannot finish the request ${id}: ${problem}`, {
    data: { issues: [{ path: "by", problem }] },
  });
}

/** @throws BatonError `INVALID_ARGUMENTS`: a slip would find nothing, or everything */
export function checkFindingFilter(filter: FindingFilter = {}): void {
  checkKeys("findings", "filter", filter, ["key", "author"]);
  for (const [path, value] of Object.entries(filter))
    if (value !== undefined && typeof value !== "string")
      throw invalidArgument("findings", path, value, "a text");
}

/** @throws BatonError `INVALID_ARGUMENTS` */
export function checkRequestFilter(filter: RequestFilter = {}): void {
  checkKeys("requests", "filter", filter, ["status"]);
  const { status } = filter;
  if (status !== undefined && !STATUSES.includes(status))
    throw invalidArgument("requests", "status", status, `one of ${STATUSES.join(", ")}`);
}

export function checkName(method: string, path: string, value: unknown): asserts value is string {
  checkText(method, path, value, LIMITS.name);
  if (!isLine(value)) throw invalidArgument(method, path, value, "a text of one line");
}

export function isName(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "" && value.length <= LIMITS.name && isLine(value);
}

/** Names stand in lists that people and models read by line. */
function isLine(text: string): boolean {
  return !/[\p{Cc}\p{Cs}]/u.test(text);
}

function checkText(method: string, path: string, value: unknown, most: number): asserts value is string {
  if (typeof value === "string" && value.trim() !== "" && value.length <= most) return;
  throw invalidArgument(method, path, value, `a text of 1 to ${most} characters`);
}

function toSource(given: Source, position: number): Source {
  const path = `sources[${position}]`;
  checkKeys("post", path, given, ["label", "tool", "uri", "toolCallId"]);
  const { label, tool, uri, toolCallId } = given;
  checkText("post", `${path}.label`, label, LIMITS.label);
  const rest = Object.entries({ tool, uri, toolCallId }).filter(([, value]) => value !== undefined);
  for (const [key, value] of rest) checkText("post", `${path}.${key}`, value, LIMITS.need);
  return { label, ...Object.fromEntries(rest) };
}

function idOf(content: unknown): string {
  return hashJson(content).slice(0, ID_LENGTH);
}

function full(message: string, limit: number): BatonError {
  return new BatonError("OVERLOADED", message, { data: { limit } });
}
