import type { CheckpointTuple } from "@langchain/langgraph";
import { type KeptItem, notesIn } from "./notes.js";
import type { Plan } from "./plan.js";
import type { ItemRecord, RunRecord, StepRecord } from "./record.js";

/**
 * Records of the steps that a process was at when it ended, from what lies beside the checkpoint: nobody knows whether they
 * were done, so that they have to be undone. Items of a list that are done are known.
 */
export function interruptedSteps(
  plan: Plan,
  {
    run,
    steps,
    now,
  }: { readonly run: RunRecord; readonly steps: Readonly<Record<string, StepRecord>>; readonly now: number },
  writes: NonNullable<CheckpointTuple["pendingWrites"]>,
): Readonly<Record<string, StepRecord>> {
  const { begun, items } = notesIn(writes, run);
  const all = Object.values(steps).flatMap((record) => [record, ...(record.items ?? [])]);
  let order = Math.max(0, ...all.map((one) => one.order), ...items.map(({ record }) => record.order));
  const unknown = () =>
    ({
      status: "failed",
      effect: "possible",
      order: ++order,
      error: { code: "CANCELLED", message: "it was not known to be over when the run was called off" },
      attempts: 1,
    }) as const;
  const found = plan.steps.flatMap(({ name }): readonly [string, StepRecord][] => {
    if (Object.hasOwn(steps, name)) return [];
    const key = plan.keyOf(run, name);
    const times = { startedAt: now, endedAt: now };
    const listed = listedItems(key, begun, items, unknown);
    if (listed.length > 0) return [[name, { ...unknown(), ...times, items: listed }]];
    return begun.includes(key) ? [[name, { ...unknown(), ...times }]] : [];
  });
  return Object.fromEntries(found);
}

function listedItems(
  key: string,
  begun: readonly string[],
  kept: readonly KeptItem[],
  unknown: () => Omit<ItemRecord, "index">,
): ItemRecord[] {
  const indexOf = (one: string): number =>
    one.startsWith(`${key}/`) ? Number(one.slice(key.length + 1)) : Number.NaN;
  const keys = new Set([...begun, ...kept.map(({ itemKey }) => itemKey)]);
  return [...keys]
    .map((one) => ({ one, index: indexOf(one) }))
    .filter(({ index }) => !Number.isNaN(index))
    .sort((a, b) => a.index - b.index)
    .map(({ one, index }) => ({
      ...(kept.find(({ itemKey }) => itemKey === one)?.record ?? unknown()),
      index,
    }));
}
