import type { BaseStore, IndexConfig } from "@langchain/langgraph-checkpoint";
import { batchCases } from "./contract/batches.js";
import type { Cases } from "./contract/case.js";
import { filterCases } from "./contract/filters.js";
import { type FuzzOptions, namespaceFuzz } from "./contract/fuzz.js";
import { itemCases } from "./contract/items.js";
import { namespaceCases } from "./contract/namespaces.js";
import { searchCases } from "./contract/searches.js";
import { contractIndex, vectorCases } from "./contract/vectors.js";

export type { FuzzOptions } from "./contract/fuzz.js";

export interface ContractCase {
  /** What the store has to do. The same in every run. */
  readonly name: string;
  /** Opens a store, tries it, and stops it. Rejects with an `AssertionError` that says what was expected. */
  run(): Promise<void>;
}

export interface StoreContractOptions {
  /** Opens an empty store with this index. Without it there are no cases with vectors. */
  readonly openIndexed?: (index: IndexConfig) => Promise<BaseStore>;
  /** How long the last case, random namespaces and keys against a plain map, tries. */
  readonly fuzz?: FuzzOptions;
}

/**
 * What LangGraph's stores promise, as cases for any test runner, for whoever writes one. They hold a store to the
 * documented contract where the published ones fall short of it too: namespaces that leak or collide, vectors that
 * outlive their item, results that are the stored objects themselves.
 *
 * @param open makes a store that is empty and shares nothing with those before; the case starts and stops it
 * @example
 * ```ts
 * for (const { name, run } of storeContract(async () => sqliteStore(":memory:"))) test(name, run);
 * ```
 */
export function storeContract(
  open: () => Promise<BaseStore>,
  { openIndexed, fuzz }: StoreContractOptions = {},
): readonly ContractCase[] {
  const plain = { ...itemCases, ...searchCases, ...filterCases, ...namespaceCases, ...batchCases };
  const random: Cases = {
    "random namespaces and keys never leak or collide": (store) => namespaceFuzz(store, fuzz),
  };
  return [
    ...toCases(plain, open),
    ...(openIndexed ? toCases(vectorCases, () => openIndexed(contractIndex)) : []),
    ...toCases(random, open),
  ];
}

function toCases(cases: Cases, open: () => Promise<BaseStore>): ContractCase[] {
  return Object.entries(cases).map(([name, check]) => ({
    name,
    async run() {
      const store = await open();
      try {
        await store.start();
        await check(store);
      } finally {
        await store.stop();
      }
    },
  }));
}
