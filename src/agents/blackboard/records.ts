import type { BaseStore } from "@langchain/langgraph";
import type { z } from "zod";
import { emitWarning } from "../../core/warning.js";
import { below } from "../../memory/namespace.js";
import { storeFailure } from "../../memory/store-failure.js";

type Value = Readonly<Record<string, unknown>>;

export interface Stored<Form> {
  /** Labels below the board's own. */
  readonly path: readonly string[];
  readonly key: string;
  readonly value: Form;
}

/** The items of one board. Every failure of the store is a `BatonError` `STORE`. */
export interface Records {
  /** The store itself, by which boards over it know each other. */
  readonly store: BaseStore;
  readonly root: readonly string[];
  get(path: readonly string[], key: string): Promise<Value | undefined>;
  put(path: readonly string[], key: string, value: Value): Promise<void>;
  delete(path: readonly string[], key: string): Promise<void>;
  /** All at and below a path. One of another form is left out, with a warning: anybody may write to a store. */
  list<Form>(path: readonly string[], form: z.ZodType<Form>): Promise<readonly Stored<Form>[]>;
}

export function createRecords(given: BaseStore, root: readonly string[]): Records {
  const store = unwrapped(given);
  const at = (path: readonly string[]) => [...root, ...path];
  return {
    store,
    root,
    async get(path, key) {
      const item = await trying("read the board from", () => store.get(at(path), key));
      return item?.value;
    },
    // Not indexed: the board is read whole, and nobody searches it by meaning.
    put: (path, key, value) =>
      trying("write the board to", () => store.put(at(path), key, { ...value }, false)),
    delete: (path, key) => trying("write the board to", () => store.delete(at(path), key)),
    async list(path, form) {
      const prefix = at(path);
      const limit = Number.MAX_SAFE_INTEGER;
      const items = await trying("read the board from", () => store.search(prefix, { limit }));
      return items.flatMap(({ namespace, key, value }) => {
        // Stores have been seen to answer with neighbours.
        if (below(prefix, namespace) === undefined) return [];
        const read = form.safeParse(value);
        if (read.success) return [{ path: namespace.slice(root.length), key, value: read.data }];
        const place = namespace.join("/");
        emitWarning(
          `board: the record '${key}' in ${place} is left out, as it is not of the board's form`,
          "LEFT_OUT",
        );
        return [];
      });
    },
  };

  async function trying<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw storeFailure(store, doing, error);
    }
  }
}

/** LangGraph wraps the store that it injects anew for each run; boards over one store must see that it is one. */
function unwrapped(given: BaseStore): BaseStore {
  const { lg_name: name, store } = given as BaseStore & { lg_name?: string; store?: BaseStore };
  return name === "AsyncBatchedStore" && store ? store : given;
}
