import type { BaseStore } from "@langchain/langgraph-checkpoint";
import { holds, same } from "./case.js";

export interface FuzzOptions {
  /** Writes and deletions. @default 300 */
  readonly count?: number;
  /** The same seed, the same run. @default 1 */
  readonly seed?: number;
}

const BATCH = 500;
const SEARCHES = 100;

/** What stores join, escape, match, fold, cut off or lose. */
const PIECES = [
  ...[
    "a",
    "A",
    "b",
    ":",
    "::",
    "%",
    "_",
    "*",
    "\\",
    "/",
    "|",
    ",",
    '"',
    "'",
    "[",
    "]",
    "{",
    "}",
    "$",
    "?",
    "#",
    "&",
    "=",
  ],
  ...[
    " ",
    "\t",
    "\n",
    "\0",
    "\u001f",
    "\u007f",
    "é",
    "e\u0301",
    "ß",
    "ı",
    "İ",
    "日",
    "🙂",
    "👩‍👧",
    "\ud83d",
    "\ude42",
  ],
  ...[
    "\ufeff",
    "\u200b",
    "\u2028",
    "\ufffd",
    "__proto__",
    "constructor",
    "null",
    "0",
    "-1",
    "acme",
    "acme-corp",
  ],
];

interface Entry {
  readonly namespace: string[];
  readonly key: string;
  readonly value: { readonly at: number };
}

/**
 * Random namespaces and keys, put and deleted in a store and in a plain map: afterwards every item is its own, every
 * search finds what lies below its prefix and nothing else, and the list of namespaces is right.
 */
export async function namespaceFuzz(
  store: BaseStore,
  { count = 300, seed = 1 }: FuzzOptions = {},
): Promise<void> {
  const random = createRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const text = (): string =>
    Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(PIECES)).join("");
  // Few labels and keys, so that they meet often.
  const labels = Array.from({ length: Math.ceil(Math.sqrt(count)) }, text);
  const keys = ["", ".", ...Array.from({ length: Math.ceil(Math.sqrt(count)) }, text)];
  const model = new Map<string, Entry>();

  for (let done = 0; done < count; done += BATCH) {
    const writes = Array.from({ length: Math.min(BATCH, count - done) }, (_, at) => {
      const namespace = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(labels));
      return { namespace, key: pick(keys), value: random() < 0.15 ? null : { at: done + at } };
    });
    for (const { value, ...write } of writes) {
      const address = JSON.stringify([write.namespace, write.key]);
      if (value === null) model.delete(address);
      else model.set(address, { ...write, value });
    }
    await store.batch(writes);
  }

  const entries = [...model.values()];
  const items = await store.batch(entries.map(({ namespace, key }) => ({ namespace, key })));
  for (const [at, { namespace, key, value }] of entries.entries()) {
    const item = items[at];
    same(
      item && { namespace: item.namespace, key: item.key, value: item.value },
      { namespace, key, value },
      `seed ${seed}: the item at ${JSON.stringify([namespace, key])}`,
    );
  }
  const prefixes = Array.from({ length: SEARCHES }, () => {
    const { namespace } = pick(entries);
    return namespace.slice(0, 1 + Math.floor(random() * namespace.length));
  });
  for (const prefix of prefixes) {
    const found = await store.search(prefix, { limit: count + 1 });
    const wanted = entries.filter(({ namespace }) => prefix.every((label, at) => label === namespace[at]));
    const above = `seed ${seed}: below ${JSON.stringify(prefix)}`;
    const stray = found.find(({ namespace }) => !prefix.every((label, at) => label === namespace[at]));
    holds(stray === undefined, `${above} search() found ${JSON.stringify(stray?.namespace)}`);
    same(found.map(addressOf).sort(), wanted.map(addressOf).sort(), `${above} the items found`);
  }
  const listed = await store.listNamespaces({ limit: count + 1 });
  const namespaces = new Set(entries.map(({ namespace }) => JSON.stringify(namespace)));
  same(
    listed.map((each) => JSON.stringify(each)).sort(),
    [...namespaces].sort(),
    `seed ${seed}: the namespaces`,
  );
}

function addressOf({ namespace, key }: Pick<Entry, "namespace" | "key">): string {
  return JSON.stringify([namespace, key]);
}

/** mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
