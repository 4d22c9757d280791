import type { ChangedItem, Changes } from "../change-feed.js";
import { decodeNamespace, encodeAddress } from "../namespaces.js";
import type { SqliteFile } from "./file.js";
import { rangeOf } from "./search.js";
import type { ChangedRow, Feed, Range } from "./statements.js";

/** What is read before others get a turn: a few milliseconds of work. */
const WINDOW_ITEMS = 1000;
const WINDOW_CHARACTERS = 1_000_000;

/** When it happened, in the order of the file. */
interface Timed {
  readonly seq: number;
}
type Put = ChangedItem & Timed;
interface News extends Changes {
  readonly complete: true;
  readonly puts: readonly Put[];
  readonly deletes: readonly (Changes["deletes"][number] & Timed)[];
}

/** See `ChangeFeed`. Lets others have their turn between windows; what they write meanwhile is told too. */
export async function readChanges(
  file: SqliteFile,
  prefix: readonly string[],
  since: number | undefined,
): Promise<Changes> {
  const range = rangeOf(prefix);
  const { last_seq: last } = file.feed.get() as Feed;
  if (since === last) return { cursor: last, complete: true, puts: [], deletes: [] };
  if (since !== undefined && since < last) {
    const news = await readSince(file, range, since);
    if (news) return news;
  }
  for (;;) {
    const { last_seq: begun } = file.feed.get() as Feed;
    const all = await readAll(file, range);
    const news = await readSince(file, range, begun);
    // Else more was deleted during the reading than the file remembers.
    if (news) {
      const puts = news.cursor === begun ? all : latest([...all, ...news.puts], news.deletes);
      return { ...news, complete: since === undefined, puts };
    }
  }
}

/** Everything, namespace by namespace: a file may hold a thousand users, of whom one is asked for. */
async function readAll(file: SqliteFile, range: Range): Promise<Put[]> {
  const items: Put[] = [];
  let room = WINDOW_ITEMS;
  for (const path of file.paths.all(...range)) {
    const namespace = decodeNamespace(path);
    for (let after = 0, isWhole = false; !isWhole; ) {
      const rows = file.itemsAfter.all(path, after, WINDOW_ITEMS);
      for (const row of rows) items.push(toChanged(row, namespace));
      after = rows.at(-1)?.id ?? after;
      isWhole = rows.length < WINDOW_ITEMS;
      room -= rows.length + 1;
      if (room > 0) continue;
      room = WINDOW_ITEMS;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return items;
}

/** `undefined` when deletions that would have to be told are no longer known. */
async function readSince(file: SqliteFile, range: Range, since: number): Promise<News | undefined> {
  const namespaces = new Map<string, string[]>();
  const puts: Put[] = [];
  let seq = since;
  const readWindow = (): boolean => {
    const end = file.seqAfter.get(seq, WINDOW_ITEMS - 1);
    let characters = 0;
    for (const row of file.changed.iterate(seq, end ?? Number.MAX_SAFE_INTEGER, ...range)) {
      const namespace = namespaces.get(row.path) ?? decodeNamespace(row.path);
      namespaces.set(row.path, namespace);
      puts.push(toChanged(row, namespace));
      seq = row.seq;
      characters += row.value.length;
      if (characters > WINDOW_CHARACTERS) return false;
    }
    if (end !== undefined) seq = end;
    return end === undefined;
  };
  const readEnd = () => {
    const { last_seq, forgotten_seq } = file.feed.get() as Feed;
    if (forgotten_seq > since) return undefined;
    const deletes = file.buried.all(since, ...range).map(({ path, key, seq }) => ({
      namespace: decodeNamespace(path),
      key: JSON.parse(key) as string,
      seq,
    }));
    return { cursor: last_seq, complete: true as const, puts: latest(puts, deletes), deletes };
  };
  for (;;) {
    // The last window and the end are of one state of the file.
    const end = file.read(() => (readWindow() ? { news: readEnd() } : undefined));
    if (end) return end.news;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The value is read when it is asked for: a reader mostly knows what it has written itself. */
function toChanged(
  { key, value: json, seq }: Pick<ChangedRow, "key" | "value" | "seq">,
  namespace: readonly string[],
): Put {
  let value: Record<string, unknown> | undefined;
  return {
    namespace,
    key: JSON.parse(key),
    seq,
    get value() {
      value ??= JSON.parse(json) as Record<string, unknown>;
      return value;
    },
  };
}

/** Each address once, as it was put last, and without what was deleted after that. */
function latest(puts: readonly Put[], deletes: News["deletes"]): Put[] {
  const byAddress = new Map<string, Put>();
  for (const put of puts) byAddress.set(encodeAddress(put.namespace, put.key), put);
  for (const { namespace, key, seq } of deletes) {
    const address = encodeAddress(namespace, key);
    if ((byAddress.get(address)?.seq ?? seq) < seq) byAddress.delete(address);
  }
  return [...byAddress.values()];
}
