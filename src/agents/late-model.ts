import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { type AgentMiddleware, createMiddleware } from "langchain";
import { offline } from "../models/offline.js";
import { resolveModel } from "../models/resolve.js";

/**
 * What `createAgent` needs for a model that may be given by name. A graph is built without waiting, but a model's
 * package is loaded only when it is used: so a name gets a stand-in that the middleware, the innermost, replaces at
 * every model call. The stand-in itself is never asked.
 */
export function lateModel(model: string | BaseChatModel): {
  readonly model: BaseChatModel;
  readonly late: readonly AgentMiddleware[];
} {
  if (typeof model !== "string") return { model, late: [] };
  const resolve = resolver(model);
  const standIn = offline();
  const late = createMiddleware({
    name: "LateModel",
    // A middleware may have put another in its place, which is meant.
    wrapModelCall: async (request, handler) =>
      handler(request.model === standIn ? { ...request, model: await resolve() } : request),
  });
  return { model: standIn, late: [late] };
}

/** The model that a name stands for, loaded when it is first asked for. */
export function resolver(model: string | BaseChatModel): () => Promise<BaseChatModel> {
  let resolving: Promise<BaseChatModel> | undefined;
  return async () => {
    resolving ??= resolveModel(model);
    try {
      return await resolving;
    } catch (error) {
      // What was missing, a key for example, may be there next time.
      resolving = undefined;
      throw error;
    }
  };
}
