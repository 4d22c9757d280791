/** A value that a task keeps: plain data, so that a checkpoint can hold it. */
export type WorkingValue =
  | string
  | number
  | boolean
  | readonly WorkingValue[]
  | { readonly [key: string]: WorkingValue };

/** What an agent keeps in mind while it works on one task: the goal, what is decided, what is left to do. */
export type Working = Readonly<Record<string, WorkingValue>>;

/** Keys to set, or to remove with `null`. `null` itself removes all: the task is done. */
export type WorkingUpdate = Readonly<Record<string, WorkingValue | null>> | null;

/**
 * The reducer of working memory, for a channel of graph state: it lives and dies with the thread's checkpoints, so it
 * survives an interrupt, a restart and a resume, and goes back in time with the thread. Never changes what it is given.
 */
export function mergeWorking(working: Working, update: WorkingUpdate): Working {
  if (update === null) return {};
  const merged = new Map<string, WorkingValue>(Object.entries(working));
  for (const [key, value] of Object.entries(update)) {
    if (value === null) merged.delete(key);
    else merged.set(key, value);
  }
  // From entries, as a key such as "__proto__" is a key like any other.
  return Object.fromEntries(merged);
}
