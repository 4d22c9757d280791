import type { BaseStore } from "@langchain/langgraph-checkpoint";
import { BatonError, isBatonError, reasonOf } from "../core/errors.js";

/** What a store threw, as one code; our own stores say it themselves. */
export function storeFailure(store: BaseStore, doing: string, cause: unknown): BatonError {
  if (isBatonError(cause)) return cause;
  const { name } = store.constructor;
  return new BatonError("STORE", `cannot ${doing} ${name}: ${reasonOf(cause)}`, {
    cause,
    retryable: true,
    data: { store: name },
  });
}
