import { randomUUID } from "node:crypto";
import { type BaseStore, InMemoryStore } from "@langchain/langgraph-checkpoint";
import { PostgresStore } from "@langchain/langgraph-checkpoint-postgres/store";
import { chromaStore } from "../../src/memory/stores/chroma.js";
import { sqliteStore } from "../../src/memory/stores/sqlite.js";
import { chromaPackage, startChroma, unlessSkipped } from "../support/chroma-server.js";

/** A kind of store that memory has to be the same over. */
export interface TestStores {
  readonly name: string;
  /** Why it cannot be tried here. */
  readonly skipped: boolean;
  /** Postgres keeps no NUL and no half of a surrogate pair. */
  readonly keepsAnyText: boolean;
  /** Whatever all of them stand on. */
  start(): Promise<{
    /** A new one, with nothing in it. */
    open(): Promise<BaseStore>;
    stop(): Promise<void>;
  }>;
}

const database = process.env.DATABASE_URL ?? "";

export const testStores: readonly TestStores[] = [
  {
    name: "LangGraph's InMemoryStore",
    skipped: false,
    keepsAnyText: true,
    start: async () => ({ open: async () => new InMemoryStore(), stop: async () => {} }),
  },
  {
    name: "sqliteStore()",
    skipped: false,
    keepsAnyText: true,
    start: async () => ({ open: async () => sqliteStore(":memory:"), stop: async () => {} }),
  },
  {
    name: `chromaStore()${unlessSkipped}`,
    skipped: chromaPackage === "",
    keepsAnyText: true,
    async start() {
      const server = await startChroma();
      let opened = 0;
      return {
        open: async () =>
          chromaStore({ url: server.url, collectionPrefix: `memory-${opened++}`, timeoutMs: 20_000 }),
        stop: () => server.stop(),
      };
    },
  },
  {
    name: `LangChain's PostgresStore${database === "" ? " (skipped: DATABASE_URL is not set)" : ""}`,
    skipped: database === "",
    keepsAnyText: false,
    async start() {
      const prefix = `langbaton_${randomUUID().replaceAll("-", "")}`;
      const stores: PostgresStore[] = [];
      const open = async (): Promise<PostgresStore> => {
        const store = PostgresStore.fromConnString(database, { schema: `${prefix}_${stores.length}` });
        stores.push(store);
        await store.setup();
        return store;
      };
      return {
        open,
        async stop() {
          for (const [at, store] of stores.entries()) {
            const { core } = store as unknown as { core: { pool: { query(sql: string): Promise<unknown> } } };
            await core.pool.query(`DROP SCHEMA IF EXISTS "${prefix}_${at}" CASCADE`);
            await store.stop();
          }
        },
      };
    },
  },
];
