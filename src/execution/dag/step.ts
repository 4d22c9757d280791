import type { Clock } from "../../core/clock.js";
import type { BatonError } from "../../core/errors.js";
import type { Items } from "../batch.js";

/** The results of what a step needs, by name, and `input`: what the whole run was given. */
export type Inputs = Readonly<Record<string, unknown>>;

/** For one run of a step. */
export interface StepContext {
  readonly name: string;
  /** Fires when the result is no longer wanted. */
  readonly signal: AbortSignal;
  /** 1, and one more at each retry. */
  readonly attempt: number;
}

/** For one run of a step with `each`, on one item. */
export interface ItemStepContext extends StepContext {
  /** The place of the item, from 0. */
  readonly index: number;
  readonly inputs: Inputs;
}

export interface StepRetry {
  /** Most runs after the first. */
  readonly times: number;
  /** Longest wait before the first of them in milliseconds; it doubles with each further one. @default 100 */
  readonly delayMs?: number;
  /** No wait is longer, in milliseconds. @default 10_000 */
  readonly maxDelayMs?: number;
  /**
   * Whether a retry may help. One that throws says no.
   * @default a `BatonError` that is `retryable`, and every other error
   */
  readonly when?: (error: unknown) => boolean | Promise<boolean>;
}

interface AnyStep {
  /** Names of the steps whose results it is given; it starts when they are there. @default none */
  readonly needs?: readonly string[];
  /** Runs again after a failure, each after a random wait. Only for what may run twice. @default 0 */
  readonly retry?: number | StepRetry;
  /** Longest time of one run in milliseconds. @default none */
  readonly timeoutMs?: number;
  /** Its failure ends nothing: what needs it is given undefined. @default false */
  readonly optional?: boolean;
  /** False: it is skipped, and what needs it is given undefined. */
  when?(inputs: Inputs): boolean;
}

/** A step that runs once. Methods, so that `run` can say which inputs it takes. */
export interface SingleStep extends AnyStep {
  readonly each?: undefined;
  readonly concurrency?: undefined;
  run(inputs: Inputs, context: StepContext): unknown;
}

/** A step that runs once for each item; its result is the list of theirs. Retries and time count for each item. */
export interface EachStep extends AnyStep {
  each(inputs: Inputs): Items<unknown>;
  /** Most items at the same time. @default 8 */
  readonly concurrency?: number;
  run(item: unknown, context: ItemStepContext): unknown;
}

/** A step of a DAG: run once, or once for each item of a list. */
export type Step = SingleStep | EachStep;
/** The steps of a DAG by name. */
export type Steps = Readonly<Record<string, Step>>;

type ResultOf<S> = S extends { run(...args: never[]): infer R } ? Awaited<R> : never;
type ValueOf<S> = S extends { each(...args: never[]): unknown } ? readonly ResultOf<S>[] : ResultOf<S>;
/** What may be skipped, or fail without ending the run, may have no result. */
type MayLack<S> = S extends { readonly optional: true } | { when(...args: never[]): boolean } ? true : false;

/** The results by step; undefined where a step may be skipped or fail. */
export type StepResults<S extends Steps, OnFailure extends "stop" | "continue"> = {
  readonly [Name in keyof S]: OnFailure extends "stop"
    ? MayLack<S[Name]> extends true
      ? ValueOf<S[Name]> | undefined
      : ValueOf<S[Name]>
    : ValueOf<S[Name]> | undefined;
};

/** What became of a step. */
export interface StepReport {
  readonly status: "done" | "failed" | "skipped";
  /** Of one that failed. */
  readonly error?: BatonError;
  /** The failed step for which it was skipped; undefined when `when` said so. */
  readonly because?: string;
  /** How often `run` was called. */
  readonly attempts: number;
  /** Milliseconds since the epoch; undefined when it did not start. */
  readonly startedAt?: number;
  readonly endedAt: number;
}

/** What becomes of a step, as `onEvent` hears it. */
export interface StepEvent {
  readonly type: "step";
  readonly step: string;
  readonly status: "ready" | "started" | "retrying" | "done" | "failed" | "skipped" | "cancelled";
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Of `failed` and `retrying`. */
  readonly error?: BatonError;
  /** Of `retrying`: until the next run, in milliseconds. */
  readonly delayMs?: number;
}

export interface DagOptions {
  /** For all steps, as `input`. @default undefined */
  readonly input?: unknown;
  /** Most steps at the same time. @default all */
  readonly concurrency?: number;
  /** Whether a failure ends the run, or only skips what needs the step. @default "stop" */
  readonly onFailure?: "stop" | "continue";
  readonly signal?: AbortSignal;
  /** @default systemClock */
  readonly clock?: Clock;
  /** Hears what becomes of each step. Must not throw. */
  readonly onEvent?: (event: StepEvent) => void;
}
