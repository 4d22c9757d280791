import type { BaseStore, GetOperation, Item, PutOperation } from "@langchain/langgraph-checkpoint";
import type { z } from "zod";

/** Records of one kind, by key: in memory, and behind that in a store that other processes may write to as well. */
export interface Book<T> {
  /** What the store had when it was read, and what was noted since; the oldest first. */
  readonly records: ReadonlyMap<string, T>;
  /** Notes an addition. It is made twice: to what is known, and to what the store has yet to hear of. */
  change(key: string, make: () => T, add: (record: T) => void): void;
  /** Rejects when the store does; what is known then stays as it was. */
  read(): Promise<void>;
  /** Adds what was noted to what the store has by now. When the store rejects, it is still to be written. */
  write(): Promise<void>;
  /** Records that are still to be written. */
  unwritten(): number;
}

export interface BookOptions<T> {
  /** The one that was not touched for longest makes room. */
  readonly most: number;
  readonly schema: z.ZodType<T>;
  readonly sum: (a: T, b: T) => T;
}

const PAGE = 500;

export function createBook<T extends { at: number }>(
  store: BaseStore,
  namespace: string[],
  { most, schema, sum }: BookOptions<T>,
): Book<T> {
  const records = new Map<string, T>();
  /** What the store has not heard of; `undefined` is what it is to forget. */
  let pending = new Map<string, T | undefined>();

  function put(key: string, record: T): void {
    records.delete(key);
    records.set(key, record);
    if (records.size <= most) return;
    const [oldest] = records.keys();
    records.delete(oldest as string);
    // A store that stays down must not fill the memory; what it then keeps too long goes when it is read.
    if (pending.size < 4 * most) pending.set(oldest as string, undefined);
    else pending.delete(oldest as string);
  }

  /** Notes of earlier and of later as one. */
  function join(earlier: T | undefined, later: T | undefined): T | undefined {
    if (earlier === undefined || later === undefined) return structuredClone(earlier ?? later);
    return sum(earlier, later);
  }

  const parse = (item: Item | null | undefined): T | undefined =>
    item ? schema.safeParse(item.value).data : undefined;

  async function all(): Promise<Item[]> {
    const items: Item[] = [];
    for (;;) {
      const page = await store.search(namespace, { limit: PAGE, offset: items.length });
      items.push(...page);
      if (page.length < PAGE) return items;
    }
  }

  return {
    records,
    unwritten: () => pending.size,
    change(key, make, add) {
      for (const [noted, keep] of [
        [pending.get(key), (record: T) => void pending.set(key, record)],
        [records.get(key), (record: T) => put(key, record)],
      ] as const) {
        const record = noted ?? make();
        add(record);
        keep(sum(make(), record));
      }
    },
    async read() {
      const known = new Map<string, T>();
      for (const item of await all()) {
        const record = parse(item);
        const isForgotten = pending.has(item.key) && pending.get(item.key) === undefined;
        if (record !== undefined && !isForgotten) known.set(item.key, record);
      }
      for (const [key, noted] of pending)
        if (noted !== undefined) known.set(key, join(known.get(key), noted) as T);
      records.clear();
      for (const [key, record] of [...known].sort(([, a], [, b]) => a.at - b.at)) put(key, record);
    },
    async write() {
      const taken = pending;
      pending = new Map();
      try {
        const keys = [...taken.keys()];
        // Read just before: what others wrote since is added to, not written over.
        const found = await store.batch(keys.map((key): GetOperation => ({ namespace, key })));
        const operations = keys.map((key, at): PutOperation => {
          const noted = taken.get(key);
          const record = noted && join(parse(found[at]), noted);
          if (record !== undefined && records.has(key)) records.set(key, join(record, pending.get(key)) as T);
          return { namespace, key, value: record ?? null, index: false };
        });
        await store.batch(operations);
      } catch (error) {
        const since = pending;
        pending = taken;
        for (const [key, noted] of since) pending.set(key, noted && join(taken.get(key), noted));
        throw error;
      }
    },
  };
}
