import type { Task } from "./task.js";

/** The tasks in an order in which each comes after all that it needs, otherwise as they were; those in a circle apart. */
export function inOrder<One extends Pick<Task, "id" | "needs">>(
  tasks: readonly One[],
): { readonly ordered: readonly One[]; readonly circular: readonly One[] } {
  const ids = new Set(tasks.map(({ id }) => id));
  const placed = new Set<string>();
  const ordered: One[] = [];
  let rest = [...tasks];
  for (;;) {
    const free = rest.filter(({ needs }) => needs.every((need) => placed.has(need) || !ids.has(need)));
    if (free.length === 0) return { ordered, circular: rest };
    for (const task of free) placed.add(task.id);
    ordered.push(...free);
    rest = rest.filter(({ id }) => !placed.has(id));
  }
}

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
