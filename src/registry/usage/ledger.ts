import type { BaseStore } from "@langchain/langgraph-checkpoint";
import { reasonOf } from "../../core/errors.js";
import { emitWarning } from "../../core/warning.js";
import { createBook } from "./book.js";
import {
  emptyToolRecord,
  sumTasks,
  sumTools,
  type TaskRecord,
  type ToolRecord,
  taskRecord,
  toolRecord,
} from "./records.js";

const MOST_TOOLS = 2000;
const MOST_TASKS = 500;
/** After so many records written the store is read again: others write to it too, and what is over the limit must go. */
const READ_AGAIN = 500;

export interface Known {
  readonly tools: ReadonlyMap<string, ToolRecord>;
  /** The oldest first. */
  readonly tasks: ReadonlyMap<string, TaskRecord>;
}

/** What is known of the use of tools: in memory, and behind it in a store. Nothing here fails for the store's sake. */
export interface Ledger {
  /** What the store has and what was recorded since. */
  read(): Promise<Known>;
  /**
   * Adds to a tool's record, and writes it by and by. Never throws. `add` runs twice, on what is known and on what is
   * to be written: it must only add.
   */
  changeTool(name: string, add: (record: ToolRecord) => void): void;
  changeTask(id: string, words: readonly string[], add: (record: TaskRecord) => void): void;
  flush(): Promise<void>;
}

export function createLedger(store: BaseStore, namespace: readonly string[]): Ledger {
  const tools = createBook(store, [...namespace, "tools"], {
    most: MOST_TOOLS,
    schema: toolRecord,
    sum: sumTools,
  });
  const tasks = createBook(store, [...namespace, "tasks"], {
    most: MOST_TASKS,
    schema: taskRecord,
    sum: sumTasks,
  });
  const books = [tools, tasks];
  let [isRead, warned, written] = [false, false, 0];
  let last = Promise.resolve();
  let reading: Promise<void> | undefined;
  let writing: Promise<void> | undefined;

  /** One at a time: what is read must have what was written. */
  function inTurn(doing: string, work: () => Promise<void>): Promise<void> {
    last = last.then(work).then(
      () => {
        warned = false;
      },
      (error: unknown) => {
        // Once until it works again: a store that is down must not fill the log.
        if (!warned) emitWarning(`tool usage: cannot ${doing} its store: ${reasonOf(error)}`, "STORE");
        warned = true;
      },
    );
    return last;
  }

  async function readAll(): Promise<void> {
    for (const book of books) await book.read();
    isRead = true;
    written = 0;
  }

  async function writeAll(): Promise<void> {
    for (const book of books) {
      const count = book.unwritten();
      if (count > 0) await book.write();
      written += count;
    }
    if (written < READ_AGAIN) return;
    await readAll();
    for (const book of books) if (book.unwritten() > 0) await book.write();
  }

  function flush(): Promise<void> {
    // One that has not begun takes along what comes before it does.
    writing ??= inTurn("write to", () => {
      writing = undefined;
      return writeAll();
    });
    return writing;
  }

  return {
    async read() {
      if (!isRead) {
        reading ??= inTurn("read", readAll).finally(() => {
          reading = undefined;
        });
        await reading;
      }
      return { tools: tools.records, tasks: tasks.records };
    },
    changeTool(name, add) {
      tools.change(name, emptyToolRecord, add);
      void flush();
    },
    changeTask(id, words, add) {
      tasks.change(id, () => ({ words: [...words], succeeded: [], failed: [], at: 0 }), add);
      void flush();
    },
    flush,
  };
}
