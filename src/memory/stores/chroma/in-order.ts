/**
 * Work on the same id runs in the order in which it was begun, as requests may overtake each other on their way: the
 * second of two puts that nobody waits for between has to win. Other work runs at the same time.
 */
export function inOrder(): <T>(ids: readonly string[], work: () => Promise<T>) => Promise<T> {
  const ends = new Map<string, Promise<unknown>>();

  return async function run(ids, work) {
    const before = [...new Set(ids.flatMap((id) => ends.get(id) ?? []))];
    const done = before.length === 0 ? work() : Promise.all(before).then(work);
    const end = done.catch(() => {});
    for (const id of ids) ends.set(id, end);
    try {
      return await done;
    } finally {
      for (const id of ids) if (ends.get(id) === end) ends.delete(id);
    }
  };
}
