import { inOrder } from "../../execution/order.js";
import type { Task } from "./task.js";

/** Whether two of the tasks could run at the same time: neither needs the other, directly or through others. */
export function hasIndependent(tasks: readonly Pick<Task, "id" | "needs">[]): boolean {
  const { ordered } = inOrder(tasks);
  const before = new Map<string, ReadonlySet<string>>();
  for (const { id, needs } of ordered) {
    before.set(id, new Set(needs.flatMap((need) => [need, ...(before.get(need) ?? [])])));
  }
  // In such an order a chain has each task before all later ones.
  return ordered.some(({ id }, position) =>
    ordered.slice(position + 1).some((later) => !before.get(later.id)?.has(id)),
  );
}
