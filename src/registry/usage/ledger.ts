import type { BaseStore, Item, Operation } from "@langchain/langgraph-checkpoint";
import type { z } from "zod";
import { reasonOf } from "../../core/errors.js";
import { emitWarning } from "../../core/warning.js";
import { emptyToolRecord, type TaskRecord, type ToolRecord, taskRecord, toolRecord } from "./records.js";

const MOST_TOOLS = 2000;
const MOST_TASKS = 500;
/** Of one tool: the rarest goes first. */
const MOST_NEXT = 50;
const PAGE = 500;

export interface Known {
  readonly tools: ReadonlyMap<string, ToolRecord>;
  /** The oldest first. */
  readonly tasks: ReadonlyMap<string, TaskRecord>;
}

/** What is known of the use of tools: in memory, and behind it in a store. Nothing here fails for the store's sake. */
export interface Ledger {
  /** What the store has and what was recorded since. */
  read(): Promise<Known>;
  /** Changes a tool's record, and writes it by and by. Never throws. */
  changeTool(name: string, change: (record: ToolRecord) => void): void;
  changeTask(id: string, words: readonly string[], change: (record: TaskRecord) => void): void;
  flush(): Promise<void>;
}

type Kind = "tools" | "tasks";
type Change = () => void;

export function createLedger(store: BaseStore, namespace: readonly string[]): Ledger {
  const tools = new Map<string, ToolRecord>();
  const tasks = new Map<string, TaskRecord>();
  const known = { tools, tasks };
  const dirty: Record<Kind, Set<string>> = { tools: new Set(), tasks: new Set() };
  const early: Change[] = [];
  let [loaded, warned] = [false, false];
  let loading: Promise<void> | undefined;
  let writing: Promise<void> | undefined;

  const warn = (doing: string, error: unknown): void => {
    // Once until it works again: a store that is down must not fill the log.
    if (!warned) emitWarning(`tool usage: cannot ${doing} its store: ${reasonOf(error)}`, "STORE");
    warned = true;
  };

  async function loadOnce(): Promise<void> {
    try {
      const [toolItems, taskItems] = [await all("tools"), await all("tasks")];
      readInto(tools, toolRecord, toolItems);
      readInto(tasks, taskRecord, taskItems);
      loaded = true;
      warned = false;
      for (const change of early.splice(0)) change();
    } catch (error) {
      warn("read", error);
    }
  }

  function load(): Promise<void> {
    if (loaded) return Promise.resolve();
    loading ??= loadOnce().finally(() => {
      loading = undefined;
    });
    return loading;
  }

  async function all(kind: Kind): Promise<Item[]> {
    const items: Item[] = [];
    const most = kind === "tools" ? MOST_TOOLS : MOST_TASKS;
    while (items.length < most) {
      const page = await store.search([...namespace, kind], { limit: PAGE, offset: items.length });
      items.push(...page);
      if (page.length < PAGE) break;
    }
    return items;
  }

  async function write(): Promise<void> {
    await load();
    if (!loaded) return;
    while (dirty.tools.size + dirty.tasks.size > 0) {
      const taken = { tools: [...dirty.tools], tasks: [...dirty.tasks] };
      dirty.tools.clear();
      dirty.tasks.clear();
      const operations = (["tools", "tasks"] as const).flatMap((kind) =>
        taken[kind].map((key): Operation => {
          const value = known[kind].get(key);
          // What was pushed out of memory goes out of the store as well.
          return {
            namespace: [...namespace, kind],
            key,
            value: value ? structuredClone(value) : null,
            index: false,
          };
        }),
      );
      try {
        await store.batch(operations);
        warned = false;
      } catch (error) {
        for (const kind of ["tools", "tasks"] as const) for (const key of taken[kind]) dirty[kind].add(key);
        warn("write to", error);
        return;
      }
    }
  }

  function flush(): Promise<void> {
    writing ??= write().finally(() => {
      writing = undefined;
    });
    return writing;
  }

  /** Before the store was read there is nothing to add to; such changes wait, a bounded number of them. */
  function record(change: Change): void {
    if (loaded) change();
    else if (early.length < MOST_TOOLS) early.push(change);
    void flush();
  }

  return {
    async read() {
      await load();
      return known;
    },
    changeTool(name, change) {
      record(() => {
        const changed = tools.get(name) ?? emptyToolRecord();
        change(changed);
        dropRarest(changed.next);
        touch(tools, name, changed, MOST_TOOLS, dirty.tools);
      });
    },
    changeTask(id, words, change) {
      record(() => {
        const changed = tasks.get(id) ?? { words: [...words], succeeded: [], failed: [], at: 0 };
        change(changed);
        touch(tasks, id, changed, MOST_TASKS, dirty.tasks);
      });
    },
    async flush() {
      // What was recorded while a write ran is taken along by it; what came at its very end, by another.
      await flush();
      await flush();
    },
  };
}

/** Puts a record last; the one that was not touched for longest makes room. */
function touch<T>(records: Map<string, T>, key: string, value: T, most: number, dirty: Set<string>): void {
  records.delete(key);
  records.set(key, value);
  dirty.add(key);
  if (records.size <= most) return;
  const [oldest] = records.keys();
  records.delete(oldest as string);
  dirty.add(oldest as string);
}

function dropRarest(next: Record<string, number>): void {
  const names = Object.keys(next);
  if (names.length <= MOST_NEXT) return;
  const newest = names.at(-1);
  const rarest = names
    .filter((name) => name !== newest)
    .reduce((least, name) => ((next[name] as number) < (next[least] as number) ? name : least));
  delete next[rarest];
}

function readInto<T extends { at: number }>(
  records: Map<string, T>,
  schema: z.ZodType<T>,
  items: readonly Item[],
): void {
  const read = items.flatMap(({ key, value }) => {
    const parsed = schema.safeParse(value);
    return parsed.success ? [{ key, record: parsed.data }] : [];
  });
  read.sort((a, b) => a.record.at - b.record.at);
  for (const { key, record } of read) records.set(key, record);
}
