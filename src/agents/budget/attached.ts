import type { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { CallbackManager } from "@langchain/core/callbacks/manager";
import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import { getConfig } from "@langchain/langgraph";
import type { Account } from "../../models/budget.js";

/**
 * Runs a step of a node so that the account hears of every model asked in it. LangChain hands a middleware no callbacks
 * to add to, so they are added to those of the node, which live as long as it runs; a node without any takes them from
 * LangChain's own context.
 */
export function attached<Result>(
  account: Account,
  agent: string,
  run: () => Promise<Result>,
): Promise<Result> {
  const config = getConfig();
  const { callbacks } = config;
  if (!(callbacks instanceof CallbackManager)) {
    const handlers = [...(Array.isArray(callbacks) ? callbacks : []), account.handler(agent)];
    return AsyncLocalStorageProviderSingleton.runWithConfig(
      { ...config, callbacks: handlers },
      run,
    ) as Promise<Result>;
  }
  if (!callbacks.handlers.some((handler) => isOf(handler, account)))
    callbacks.addHandler(account.handler(agent));
  return run();
}

function isOf(handler: BaseCallbackHandler, { id }: Account): boolean {
  return (handler as { account?: unknown }).account === id;
}
