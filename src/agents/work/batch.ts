import { setImmediate as nextTick } from "node:timers/promises";
import { createPlaces, type Places } from "../../execution/places.js";
import { whileWanted } from "./while-wanted.js";

/** Told of a task that stopped before its end, to wait for a person for example. */
export const LEFT = Symbol("left");

/** What a task came to. */
export type Settled<Outcome> = Outcome | typeof LEFT;

/**
 * Tasks that a graph started in one step. LangGraph has no step end before all of them have, so those that need others
 * start along with them and wait here: each begins when what it needs is there, not when the slowest of a wave is.
 */
export interface Batch<Outcome> {
  /** Makes the task known to those that wait for it. Call it before anything that waits. */
  join(id: string): void;
  settle(id: string, settled: Settled<Outcome>): void;
  /** Whether it has joined. */
  has(id: string): boolean;
  /** What a task comes to; `LEFT` when it was not started along with the others. Rejects when the signal fires. */
  outcomeOf(id: string, signal: AbortSignal | undefined): Promise<Settled<Outcome>>;
  /** For all tasks together. */
  readonly places: Places;
  /** For those of one specialist. */
  placesOf(specialist: string): Places;
}

export interface BatchLimits {
  /** Most tasks that run at a time. */
  readonly parallel: number;
  /** And of one specialist. */
  readonly parallelPerSpecialist: number;
}

/** The batch of an id among those of one step of one run: two runs of one checkpoint have the same ids. */
export function createBatches<Outcome>(limits: BatchLimits): (step: object, id: string) => Batch<Outcome> {
  const batches = new WeakMap<object, Map<string, Batch<Outcome>>>();
  return (step, id) => {
    const known = batches.get(step) ?? new Map<string, Batch<Outcome>>();
    batches.set(step, known);
    const batch = known.get(id) ?? createBatch<Outcome>(limits);
    known.set(id, batch);
    return batch;
  };
}

/** How often a task looks for one that should have started along with it. LangGraph starts them in order, within a tick or two unless somebody's callback is slow. */
const LOOKS = 1000;

interface Member<Outcome> {
  readonly outcome: Promise<Settled<Outcome>>;
  readonly settle: (settled: Settled<Outcome>) => void;
}

function createBatch<Outcome>({ parallel, parallelPerSpecialist }: BatchLimits): Batch<Outcome> {
  const members = new Map<string, Member<Outcome>>();
  const perSpecialist = new Map<string, Places>();
  return {
    join(id) {
      let settle: Member<Outcome>["settle"] = () => {};
      const outcome = new Promise<Settled<Outcome>>((resolve) => {
        settle = resolve;
      });
      members.set(id, { outcome, settle });
    },
    settle: (id, settled) => members.get(id)?.settle(settled),
    has: (id) => members.has(id),
    async outcomeOf(id, signal) {
      for (let look = 0; look < LOOKS && !members.has(id); look++) await nextTick();
      const member = members.get(id);
      return member === undefined ? LEFT : whileWanted(member.outcome, signal);
    },
    places: createPlaces(parallel),
    placesOf(specialist) {
      const places = perSpecialist.get(specialist) ?? createPlaces(parallelPerSpecialist);
      perSpecialist.set(specialist, places);
      return places;
    },
  };
}
