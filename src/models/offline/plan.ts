import { type Filled, fillArguments } from "./arguments.js";
import { operationOf } from "./choices.js";
import type { Conversation, PastCall } from "./conversation.js";
import type { Ranker } from "./rank.js";
import type { Request } from "./request.js";
import { fits, isRecord } from "./schema.js";
import { textKind } from "./texts.js";
import {
  type BoundTool,
  changesSomething,
  givesOverview,
  isChangingVerb,
  isDeprecated,
  isDrastic,
  isSearch,
} from "./tools.js";
import { isOrder, likeness, stem, termsOf, wordsOf } from "./words.js";

/** A call that could answer a request. */
export interface Candidate {
  readonly tool: BoundTool;
  readonly args: Readonly<Record<string, unknown>>;
  readonly score: number;
}

export interface Call {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** One request of the question and the calls that could answer it, the best first. */
export interface PartPlan {
  readonly request: Request;
  readonly candidates: readonly Candidate[];
}

// The points below were set by hand until the question sets of test/models came out right, then rounded.

/** What speaks against a call for each word of the request that it leaves unexplained. */
const UNEXPLAINED_POINTS = -0.4;
/** What the share of a tool's name that the request says is worth: all of "read_file" beats half of it. */
const NAME_SHARE_POINTS = 1.5;
/** An operation of the request that a call carries out, such as a count. */
const OPERATION_POINTS = 1.5;
/** A report on the subject, when a judgement is asked for that no single fact holds. */
const OVERVIEW_POINTS = 1.5;
/** A search takes any words, so it is tried even when nothing in its description matches. */
const SEARCH_POINTS = 0.8;
/** How far another wording of a search stands behind the first. */
const SECOND_SEARCH_POINTS = 0.5;
/** A deprecated tool, or one for files where a directory is named: only when nothing better is there. */
const SECOND_CHOICE_POINTS = -1;
/** Below this a call is a guess. One full match of a name's word, or one value named outright, passes. */
const LEAST_POINTS = 1;

/** The calls that could answer a request, the best first; equal ones in the order in which the tools were bound. */
export function candidatesFor(request: Request, tools: readonly BoundTool[], rank: Ranker): Candidate[] {
  return tools
    .flatMap((tool) => candidatesOf(tool, request, rank))
    .filter(({ score }) => score >= LEAST_POINTS)
    .sort((one, other) => other.score - one.score);
}

function candidatesOf(tool: BoundTool, request: Request, rank: Ranker): Candidate[] {
  const { parameters } = tool.function;
  const order = orderedVerb(request);
  const obeys = order !== undefined && namesAction(tool, order);
  // Nothing is changed unasked, and an order to delete is not answered by reading.
  if (!obeys && (changesSomething(tool) || (order !== undefined && isDrastic(order)))) return [];
  const filled = fillArguments(parameters, request);
  if (filled.missing.length > 0 || !fits(filled.args, parameters)) return [];

  const match = rank(request, tool);
  const searches = filled.carries && isSearch(tool);
  if (filled.evidence === 0 && match.name === 0 && !searches) return [];
  const overview = request.judged !== undefined && givesOverview(tool);
  const needNoWord = overview ? termsOf(request.judged ?? "") : [];
  const terms = [...new Set([...request.terms, ...match.points.keys()])].map((term) => {
    const points = Math.max(match.points.get(term) ?? 0, filled.points.get(term) ?? 0);
    return points || (isOrder(term) || needNoWord.includes(term) ? 0 : UNEXPLAINED_POINTS);
  });
  const score =
    terms.reduce((total, points) => total + points, 0) +
    NAME_SHARE_POINTS * match.name +
    (hasOperation(filled, request) ? OPERATION_POINTS : 0) +
    (overview ? OVERVIEW_POINTS : 0) +
    (searches ? SEARCH_POINTS : 0) +
    (isDeprecated(tool) || match.misfit ? SECOND_CHOICE_POINTS : 0);
  const others = searches ? otherSearches(tool, filled, request) : [];
  return [filled.args, ...others.filter((args) => fits(args, parameters))].map((args, index) => ({
    tool,
    args,
    score: score - index * SECOND_SEARCH_POINTS,
  }));
}

/** Other ways to search, for when the first finds nothing: without its filters, and for the names alone. */
function otherSearches(
  tool: BoundTool,
  { args }: Filled,
  { evidence: { names } }: Request,
): Record<string, unknown>[] {
  const required = new Set(tool.function.parameters.required ?? []);
  const kept = Object.entries(args).filter(([name]) => required.has(name));
  const wider = kept.length > 0 && kept.length < Object.keys(args).length ? [Object.fromEntries(kept)] : [];
  const query = Object.keys(args).find(
    (name) => textKind(name, {}) === "query" && typeof args[name] === "string",
  );
  // "VPN" and "EUR" are subjects and units rather than names.
  const name = names.filter((one) => /\p{Ll}/u.test(one)).join(" ");
  const byName =
    query !== undefined && name !== "" && args[query] !== name ? [{ ...args, [query]: name }] : [];
  return [...wider, ...byName];
}

function hasOperation({ args }: Filled, { operation, wantsRow }: Request): boolean {
  return (
    operation !== undefined &&
    !wantsRow &&
    Object.values(args).some((value) => operationOf(value) === operation)
  );
}

const POLITE =
  /^\W*(?:(?:please|kindly|now|then|also|and|i want you to|i'd like you to|(?:can|could|would|will) you)\s+)*/iu;
const ASKS_A_FAVOUR = /^\W*(?:please\s+)?(?:can|could|would|will) you\b/iu;

/**
 * The verb that a request opens with when it is an order: "delete" in "please delete the file". A question is no
 * order, "could you ...?" apart: the end of "how do I stop it, and also delete it?" must delete nothing.
 */
function orderedVerb({ text }: Request): string | undefined {
  if (/\?\s*$/.test(text) && !ASKS_A_FAVOUR.test(text)) return undefined;
  return wordsOf(text.replace(POLITE, ""))[0];
}

/** True when a tool is named after a verb; its nouns do not count: "file the report" orders no `delete_file`. */
function namesAction(tool: BoundTool, verb: string): boolean {
  const words = wordsOf(tool.function.name);
  const changing = words.filter(isChangingVerb);
  const verbs = changing.length > 0 ? changing : words.length > 1 ? words.slice(0, -1) : words;
  return verbs.some((word) => likeness(stem(verb), stem(word)) > 0);
}

export interface CallLimits {
  readonly maxCalls: number;
  readonly maxRounds: number;
}

/**
 * The calls to make next: for each part its best call, and one other try when the first failed or found nothing.
 * Empty when it is time to answer.
 */
export function nextCalls(
  parts: readonly PartPlan[],
  conversation: Conversation,
  found: (part: PartPlan, call: PastCall) => boolean,
  { maxCalls, maxRounds }: CallLimits,
): Call[] {
  if (conversation.rounds >= maxRounds) return [];
  const known = new Set(parts.flatMap(({ candidates }) => candidates.map(keyOf)));
  const next = new Map<string, Call>();
  for (const part of parts) {
    // A person may have edited the arguments before the call ran: then the name alone says that it was tried.
    const triesOf = (candidate: Candidate) =>
      conversation.calls.filter(
        (call) =>
          keyOf(call) === keyOf(candidate) || (call.name === nameOf(candidate) && !known.has(keyOf(call))),
      );
    const tries = part.candidates.flatMap(triesOf);
    const tried = new Set(tries.map((call) => call.id)).size;
    const settled = tries.some((call) => !call.result || found(part, call));
    if (settled || tried >= MOST_TRIES) continue;
    const candidate = part.candidates.find((one) => triesOf(one).length === 0);
    // Whatever changes something is tried as it was ordered, or not at all.
    if (!candidate || (tried > 0 && part.candidates.some((one) => changesSomething(one.tool)))) continue;
    next.set(keyOf(candidate), { name: nameOf(candidate), args: candidate.args });
  }
  return [...next.values()].slice(0, maxCalls);
}

/** The calls with those of this part first, its best before the others: of equal findings its own counts. */
export function ownFirst({ candidates }: PartPlan, calls: readonly PastCall[]): PastCall[] {
  const order = candidates.map(keyOf);
  const place = (call: PastCall) => (order.includes(keyOf(call)) ? order.indexOf(keyOf(call)) : order.length);
  return [...calls].sort((one, other) => place(one) - place(other));
}

/** The first call of a part and one alternative. */
const MOST_TRIES = 2;

const nameOf = (call: Candidate | Call): string => ("tool" in call ? call.tool.function.name : call.name);
const keyOf = (call: Candidate | Call): string => `${nameOf(call)} ${stableJson(call.args)}`;

/** JSON with sorted keys: a checkpointer may hand arguments back in another order. */
function stableJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isRecord(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}
