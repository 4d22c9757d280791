import type { BatonError } from "../../core/errors.js";
import type { HeapMember } from "../heap.js";
import type { Step, StepReport, Steps } from "./step.js";

/** A step in a run: how it hangs together with others, and what has become of it. */
export interface Node extends HeapMember {
  readonly name: string;
  readonly step: Step;
  /** Its place among the steps as they were given. */
  readonly index: number;
  readonly needs: readonly Node[];
  readonly dependents: readonly Node[];
  /** Steps on the longest way from it to an end. */
  readonly stepsBehind: number;
  /** How many of its needs are not settled. */
  missing: number;
  status: "waiting" | "running" | "cancelled" | StepReport["status"];
  value: unknown;
  error: BatonError | undefined;
  because: string | undefined;
  attempts: number;
  startedAt: number | undefined;
  endedAt: number;
}

/** `order` has each name after those that it needs. */
export function toNodes(steps: Steps, order: readonly string[]): readonly Node[] {
  type Open = Node & { needs: Node[]; dependents: Node[]; stepsBehind: number };
  const nodes = Object.entries(steps).map(
    ([name, step], index): Open => ({
      place: -1,
      name,
      step,
      index,
      needs: [],
      dependents: [],
      stepsBehind: 0,
      missing: 0,
      status: "waiting",
      value: undefined,
      error: undefined,
      because: undefined,
      attempts: 0,
      startedAt: undefined,
      endedAt: 0,
    }),
  );
  const byName = new Map(nodes.map((node) => [node.name, node]));
  for (const node of nodes) {
    for (const name of new Set(node.step.needs)) {
      const needed = byName.get(name) as Open;
      node.needs.push(needed);
      needed.dependents.push(node);
    }
    node.missing = node.needs.length;
  }
  for (let place = order.length - 1; place >= 0; place--) {
    const node = byName.get(order[place] as string) as Open;
    for (const needed of node.needs as Open[])
      needed.stepsBehind = Math.max(needed.stepsBehind, node.stepsBehind + 1);
  }
  return nodes;
}

/** Which of two that are ready starts first: the one with more behind it, which the whole run would wait for. */
export function startsBefore(one: Node, other: Node): boolean {
  return one.stepsBehind === other.stepsBehind
    ? one.index < other.index
    : one.stepsBehind > other.stepsBehind;
}

export function toReport({ status, error, because, attempts, startedAt, endedAt }: Node): StepReport {
  return {
    status: status as StepReport["status"],
    ...(error === undefined ? {} : { error }),
    ...(because === undefined ? {} : { because }),
    attempts,
    ...(startedAt === undefined ? {} : { startedAt }),
    endedAt,
  };
}
