import type { RunnableInterface } from "@langchain/core/runnables";
import type { StructuredToolInterface } from "@langchain/core/tools";
import type { BaseCheckpointSaver, BaseStore } from "@langchain/langgraph";
import type { z } from "zod";
import type { Clock } from "../../core/clock.js";
import type { StepRecord } from "./record.js";
import type { FunctionScope, WorkflowStep } from "./step.js";

/** What a workflow is, apart from the things that it uses. All of it can be written to a file. */
export interface WorkflowDefinition {
  readonly name: string;
  readonly description?: string;
  /** Changes when what a step means does, its function's code for example: a run goes on only under its own. @default "1" */
  readonly version?: string;
  /** In an order in which they could be done. Each is begun when the one before it is settled, or what it `needs`. */
  readonly steps: readonly WorkflowStep[];
  /** Zod or JSON Schema: an input that does not fit starts nothing. @default any input */
  readonly input?: z.ZodType | Readonly<Record<string, unknown>>;
  /** JSONata over `input` and `steps`: what the workflow gives. @default the result of its last step */
  readonly output?: string;
  /** Longest time of a run, waiting for people included, in milliseconds: then it is undone. @default no limit */
  readonly timeoutMs?: number;
  /** Most steps that run at a time. @default 8 */
  readonly parallel?: number;
}

export interface WorkflowOptions extends WorkflowDefinition {
  /** What steps call. @default none */
  readonly tools?: readonly StructuredToolInterface[];
  /** Of steps that name one. @default none */
  readonly functions?: Readonly<Record<string, (scope: FunctionScope) => unknown>>;
  /** Of steps that name one. @default none */
  readonly graphs?: Readonly<Record<string, RunnableInterface>>;
  /**
   * What of an older run stands under this definition: its steps, changed as need be. Undefined refuses, as does none.
   * @default a run that was begun under another definition is refused
   */
  readonly migrate?: (
    old: OldRun,
  ) =>
    | Readonly<Record<string, StepRecord>>
    | undefined
    | Promise<Readonly<Record<string, StepRecord>> | undefined>;
  /** @default systemClock */
  readonly clock?: Clock;
  /** LangGraph's own memory and name. A graph for LangGraph's server has neither: it brings them. */
  readonly graph?: {
    readonly checkpointer?: BaseCheckpointSaver | boolean;
    readonly store?: BaseStore;
    readonly name?: string;
  };
}

/** A run that was begun under another definition. */
export interface OldRun {
  readonly version: string;
  readonly input: unknown;
  readonly steps: Readonly<Record<string, StepRecord>>;
}
