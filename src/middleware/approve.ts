import type { Call, Handler, Hints, Middleware } from "../core/call.js";
import { hashJson } from "../core/canonical.js";
import { type Clock, systemClock } from "../core/clock.js";
import { BatonError, isBatonError } from "../core/errors.js";
import { toolMatcher } from "../core/pattern.js";
import { type Obtained, type Result, withObtained } from "../core/result.js";
import { checkOptions } from "../core/settings.js";
import { createAskedQuestions } from "./approve/asked.js";
import { type Answer, askInGraph, wasAskedInGraph } from "./approve/in-graph.js";
import {
  type ApprovalDecision,
  type ApprovalRequest,
  described,
  type Preview,
  type Risk,
  readDecision,
  rejected,
  toRequest,
} from "./approve/request.js";
import { currentTask } from "./approve/task.js";
import { whileWanted } from "./approve/wanted.js";
import { perTool } from "./shared/per-tool.js";

export type { ApprovalDecision, ApprovalRequest, Preview, Risk } from "./approve/request.js";

export interface ApproveOptions {
  /** A person is asked about calls of this risk or more. @default "high" */
  readonly from?: Risk;
  /** And about these tools whatever their risk: patterns `server.tool`, with `*`. @default none */
  readonly tools?: string | readonly string[];
  /** A decision that comes later than this, in milliseconds, does not count; up to a day. @default 3_600_000 */
  readonly expiresMs?: number;
  /** Must not throw. @default by the hints: readOnly is low, not destructive is medium, everything else is high */
  readonly risk?: (call: Call) => Risk;
  /** What the call would do, for the person to read. Asked of nobody but them, so it must change nothing. @default the arguments */
  readonly preview?: Preview;
  /**
   * Asks where no graph can wait for an answer, at a terminal for example. The signal fires when the answer is no
   * longer wanted. @default such calls fail
   */
  readonly ask?: (request: ApprovalRequest, signal: AbortSignal) => Promise<ApprovalDecision>;
  /** @default systemClock */
  readonly clock?: Clock;
}

const HOUR_MS = 60 * 60 * 1000;

/**
 * Lets a person decide on calls that can do harm, each call for itself: approve it, edit its arguments or reject it.
 * Everything else passes at once. In a graph with a checkpointer it interrupts in the form of LangChain's
 * human-in-the-loop middleware, so that the same clients work.
 *
 * A decision counts once, for exactly the arguments that were shown, in time. Arguments that changed, a fork, a
 * repetition, a decision that does not say for which of several calls it is: all are asked anew and nothing runs.
 * Open questions are kept in the graph's store, or without one in this process. Everything inside of this middleware,
 * its retries for example, happens under the one approval. The result's `obtained`, or the `data` of an error, says
 * `approvedBy` when the decision did, and `ranArgsHash` after an edit.
 *
 * @throws {BatonError} `REJECTED`, with `data.reason` and, when it is known, `data.by`; `CONFIG_INVALID` when there is
 *   nobody to ask; `STORE`; `CANCELLED` and `TIMEOUT` while it waits
 * @example
 * ```ts
 * const tools = await loadTools(servers, { use: [approve({ tools: "mail.send_*" })] });
 * ```
 */
export function approve(options: ApproveOptions = {}): Middleware {
  checkOptions("approve", options);
  const { from = "high", tools = [], expiresMs = HOUR_MS, clock = systemClock } = options;
  const { risk: riskOf = riskOfHints, preview, ask } = options;
  const least = rank(from);
  const named = typeof tools === "string" ? [tools] : tools;
  const isNamed = named.length === 0 ? () => false : perTool(toolMatcher(named));
  const questions = createAskedQuestions();

  return function approving(call, next) {
    const risk = riskOf(call);
    if (rank(risk) >= least || isNamed(call.server, call.tool)) return decided(call, risk, next);
    return call.threadId === undefined ? next(call) : unlessAsked(call, risk, next);
  };

  /** A person who was asked is heard, whatever the rules of this run are: who resumes a thread need not know them. */
  async function unlessAsked(call: Call, risk: Risk, next: Handler): Promise<Result> {
    const task = await currentTask();
    const wasAsked = task?.isResumed === true && (await wasAskedInGraph(task, hashOf(call)));
    return wasAsked ? decided(call, risk, next) : next(call);
  }

  async function decided(call: Call, risk: Risk, next: Handler): Promise<Result> {
    const callHash = hashOf(call);
    const { decision, failed } = await answerTo(call, risk, callHash);
    // The arguments are the model's own object, and whoever holds it could have changed it meanwhile.
    if (hashOf(call) !== callHash)
      throw rejected(call, "changed", "the arguments changed while a person was asked; call the tool again");
    const chosen = carryOut(call, decision);
    const facts = factsOf(decision);
    try {
      const result = await next(chosen);
      return facts ? withObtained(result, { ...facts, ...result.obtained }) : result;
    } catch (error) {
      await failed?.(error);
      throw facts && isBatonError(error) ? withFacts(error, facts) : error;
    }
  }

  async function answerTo(
    call: Call,
    risk: Risk,
    callHash: string,
  ): Promise<Pick<Answer, "decision"> & Partial<Answer>> {
    const write = (hash: string, expiresAt: number, note?: string) =>
      described(toRequest(call, risk, hash, expiresAt), call, preview, note);
    const task = await whileWanted(call, clock, currentTask);
    if (task === undefined) return { decision: await askProgram(call, callHash, write) };
    const open = questions(task.store, call);
    return whileWanted(call, clock, () =>
      askInGraph(task, open, { call, callHash, write, expiresMs, clock }),
    );
  }

  function askProgram(
    call: Call,
    hash: string,
    write: (hash: string, expiresAt: number) => Promise<ApprovalRequest>,
  ): Promise<ApprovalDecision> {
    if (ask === undefined) return Promise.reject(nobodyToAsk(call));
    const at = clock.now() + expiresMs;
    const late = () => rejected(call, "expired", "nobody decided in time; call the tool again to ask anew");
    const work = async (signal: AbortSignal) => {
      const reading = readDecision(await ask(await write(hash, at), signal));
      if (typeof reading === "string")
        throw rejected(call, "unreadable", `no decision came from approve's option ask: ${reading}`);
      if (reading.hash !== undefined && reading.hash !== hash)
        throw rejected(call, "unreadable", "the decision is for another call");
      return reading;
    };
    return whileWanted(call, clock, work, { at, error: late });
  }
}

/** The call that a decision lets through. */
function carryOut(call: Call, decision: ApprovalDecision): Call {
  switch (decision.type) {
    case "approve":
      return call;
    case "edit": {
      const { name, args } = decision.editedAction;
      if (name === call.tool) return { ...call, args };
      const problem = "an edit may change the arguments, but it named another tool; call that tool itself";
      throw rejected(call, "edited", problem, decision.by);
    }
    case "reject": {
      const why = decision.message === undefined ? "" : `: ${decision.message}`;
      throw rejected(call, "rejected", `a person rejected the call${why}`, decision.by);
    }
  }
}

/** What is told of a decision that let a call through, if there is anything. */
function factsOf(decision: ApprovalDecision): Obtained | undefined {
  const { by, type } = decision;
  if (by === undefined && type !== "edit") return undefined;
  return {
    ...(by === undefined ? {} : { approvedBy: by }),
    ...(type === "edit" ? { ranArgsHash: hashJson(decision.editedAction.args) } : {}),
  };
}

/** The same error with facts in its data; of an approval inside of this one, those stay. */
function withFacts(error: BatonError, facts: Obtained): BatonError {
  const { code, message, cause, retryable, effect, data } = error;
  return new BatonError(code, message, { cause, retryable, effect, data: { ...facts, ...data } });
}

/** Also what nobody can tell is high: a hint that is missing promises nothing. */
function rank(risk: Risk): number {
  if (risk === "low") return 1;
  return risk === "medium" ? 2 : 3;
}

function riskOfHints({ hints }: { readonly hints: Hints }): Risk {
  if (hints.readOnly === true) return "low";
  return hints.destructive === false ? "medium" : "high";
}

function hashOf({ server, tool, args, threadId, toolCallId }: Call): string {
  return hashJson({ server, tool, args, threadId, toolCallId });
}

function nobodyToAsk({ server, tool }: Call): BatonError {
  const problem = "needs the approval of a person, and there is no way to ask one";
  const fix = "give the graph a checkpointer, or give approve() the option ask";
  return new BatonError("CONFIG_INVALID", `server '${server}', tool '${tool}': ${problem}: ${fix}`, {
    data: { server, tool, faults: [{ path: ["approve", "ask"], problem, fix }] },
  });
}
