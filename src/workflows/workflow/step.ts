import type { RunnableInterface } from "@langchain/core/runnables";
import type { Risk } from "../../middleware/approve.js";

/** What expressions see as their root, and functions are given. */
export interface StepScope {
  readonly input: unknown;
  /** Results of the steps that are done, by name; null of one that was skipped or failed. */
  readonly steps: Readonly<Record<string, unknown>>;
  readonly run: { readonly id: string; readonly workflow: string; readonly startedAt: number };
  /** Of the list in a step with `each`. */
  readonly item?: unknown;
  readonly index?: number;
}

/** What a function is given beside. */
export interface FunctionScope extends StepScope {
  /** The same whenever this step of this run is run again, after a crash for example: whoever honours it does nothing twice. */
  readonly key: string;
  /** Counts from 1. */
  readonly attempt: number;
  /** Fires when the run is cancelled or the attempt takes too long. */
  readonly signal: AbortSignal;
}

/** What a compensation is given. */
export interface UndoScope extends FunctionScope {
  /** Of what is undone; null when nobody knows whether it was done. */
  readonly result: unknown;
  /** The arguments that it was called with, of a tool call. */
  readonly args: unknown;
}

/** `retry: 3` is `{ times: 3 }`. */
export interface StepRetry {
  /** More attempts after the first. */
  readonly times: number;
  /** Before the second attempt; doubles each time, with up to as much again at random. @default 250 */
  readonly delayMs?: number;
  /** @default 30_000 */
  readonly maxDelayMs?: number;
}

/** What undoes a step: a tool, which gets those of the step's results and arguments that it has parameters for, or more said. */
export type Compensation = string | CompensationCall | ((scope: UndoScope) => unknown);

export interface CompensationCall {
  /** `server.tool`. */
  readonly call: string;
  /** JSONata over the step's scope with `result` and `args`, or the arguments as they are. @default see {@link Compensation} */
  readonly args?: string | Readonly<Record<string, unknown>>;
  /** @default 5 more attempts */
  readonly retry?: number | StepRetry;
  readonly timeoutMs?: number;
}

interface StepBase {
  /** Unique in the workflow: letters, digits, `_` and `-`, beginning with a letter. */
  readonly name: string;
  /** Steps that must be settled before. @default the step before it in the list; `[]` starts at once */
  readonly needs?: string | readonly string[];
  /** JSONata or a function: when it gives false, null, or nothing, the step is skipped. @default always */
  readonly when?: string | ((scope: StepScope) => unknown);
  /** JSONata that gives a list: the step is done once for each item of it, and its result is the list of results. */
  readonly each?: string;
  /** How many items at a time. @default 4 */
  readonly concurrency?: number;
  /** Attempts after the first, for whatever can be tried again. @default 0 */
  readonly retry?: number | StepRetry;
  /** Longest time of one attempt, in milliseconds. @default no limit but the tool's own */
  readonly timeoutMs?: number;
  /** JSONata over the scope with `result`: what is kept of the result. @default all of it */
  readonly keep?: string;
  /** The run goes on when it fails; its result is null. @default false */
  readonly optional?: boolean;
  /** What undoes it when a later step fails. @default nothing does */
  readonly compensate?: Compensation;
}

/** A step that calls a tool, through the middleware that it was loaded with. */
export interface CallStep extends StepBase {
  /** The tool: `server.tool`, or the name of a LangChain tool. */
  readonly call: string;
  /** JSONata that gives the arguments, or the arguments as they are. @default none */
  readonly args?: string | Readonly<Record<string, unknown>>;
}

/** A step that runs a function. */
export interface FunctionStep extends StepBase {
  /** What it returns must be JSON. In a file: the name of a function under `functions`. */
  readonly run: string | ((scope: FunctionScope) => unknown);
}

/** A step that runs a graph. */
export interface GraphStep extends StepBase {
  /** Any compiled graph or Runnable. In a file: the name of one under `graphs`. */
  readonly graph: string | RunnableInterface;
  /** JSONata that gives its input, or the input as it is. @default the workflow's input */
  readonly args?: string | Readonly<Record<string, unknown>>;
}

/** A step that computes a value, and has no effect. */
export interface ValueStep extends StepBase {
  /** JSONata whose value is the step's result. */
  readonly value: string;
}

/** A step that waits for people to agree. */
export interface ApproveStep extends StepBase {
  readonly approve: ApprovalRule;
}

/** A person has to agree before the steps that need this one are run. */
export interface ApprovalRule {
  /** How much harm it can do, or JSONata that gives one of the three words. @default "high" */
  readonly risk?: Risk | string;
  /** Nobody is asked about what is of less risk. @default "low": always asked */
  readonly from?: Risk;
  /** A read-only tool that says what would happen; it gets those of the arguments that it has parameters for. */
  readonly preview?: string | { readonly call: string; readonly args?: string };
  /**
   * What is agreed to: JSONata, or as it is. @default the arguments of the tool calls that need this step; these are then
   * held to what was shown, or to what the person changed it to
   */
  readonly args?: string | Readonly<Record<string, unknown>>;
  /** Who may decide: names, with `*` for any characters. @default anybody */
  readonly by?: readonly string[];
  /** JSONata that gives a name, or names, of those who may not: whoever asked, for example. */
  readonly notBy?: string;
  /** How many different people must agree. @default 1 */
  readonly people?: number;
  /** Nobody has decided after so many milliseconds: it is rejected. @default 86_400_000, a day */
  readonly timeoutMs?: number;
}

/** One step of a workflow: exactly one of `call`, `run`, `graph`, `value` and `approve`. */
export type WorkflowStep = CallStep | FunctionStep | GraphStep | ValueStep | ApproveStep;

/** The key that tells the kinds apart; a step has exactly one of them. */
export const KINDS = ["call", "run", "graph", "value", "approve"] as const;
export type Kind = (typeof KINDS)[number];

export function kindOf(step: WorkflowStep): Kind {
  return KINDS.find((kind) => kind in step) as Kind;
}
