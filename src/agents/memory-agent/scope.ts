import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import { type BaseStore, InMemoryStore } from "@langchain/langgraph";
import { z } from "zod";
import { BatonError } from "../../core/errors.js";
import { createMemory, type Memory } from "../../memory/memory.js";

/** The user of a run that names none. */
const SINGLE_USER = "default";

/** What a run may be started with. LangGraph Studio makes a form of it. */
export const memoryContext = z.object({
  userId: z.string().optional().meta({
    title: "User",
    description:
      'Whose memory the agent reads and writes. Nobody sees another user\'s. Without one, "default".',
  }),
});

/** What is known of a run: LangGraph's `context` and `configurable`. */
export interface Run {
  readonly context?: unknown;
  readonly configurable?: Readonly<Record<string, unknown>> | undefined;
  readonly store?: unknown;
}

export type NamespaceOf = (run: Run) => readonly string[];

export interface ScopeOptions {
  readonly store?: BaseStore;
  readonly namespace?: readonly string[] | NamespaceOf;
  readonly embeddings?: EmbeddingsInterface;
}

/** The memory of a run's user. What a process knows of it is kept by the store, so that asking each time costs nothing. */
export function memoryOf(options: ScopeOptions): (run: Run) => Memory {
  const { namespace = (run: Run) => ["users", userOf(run)], embeddings } = options;
  const own = new InMemoryStore();
  return (run) =>
    createMemory({
      store: options.store ?? injected(run) ?? own,
      namespace: typeof namespace === "function" ? namespace(run) : namespace,
      ...(embeddings && { embeddings }),
    });
}

/** The thread of a run; memory puts runs without one together. */
export function threadOf({ configurable }: Run): string | undefined {
  const { thread_id: id } = configurable ?? {};
  return id === undefined || id === null ? undefined : String(id);
}

/**
 * The user of a run: who has signed in to LangGraph's server, else `configurable.user_id`, else `context.userId`, else
 * `default`. What a server has checked comes first, as a client may claim the rest.
 *
 * @throws BatonError `CONFIG_INVALID` for an id that is empty or no text
 */
export function userOf({ context, configurable = {} }: Run): string {
  const { langgraph_auth_user: signedIn, langgraph_auth_user_id: signedInId, user_id: userId } = configurable;
  const known: Readonly<Record<string, unknown>> = {
    "configurable.langgraph_auth_user_id": signedInId,
    "configurable.langgraph_auth_user.identity": (signedIn as { identity?: unknown } | undefined)?.identity,
    "configurable.user_id": userId,
    "context.userId": (context as { userId?: unknown } | undefined)?.userId,
  };
  for (const [path, id] of Object.entries(known)) {
    // LangGraph's server fills in keys without a value; in a program's own context one is a slip, and all whom it befalls
    // would share one memory.
    const isSlip =
      path === "context.userId" && typeof context === "object" && context !== null && "userId" in context;
    if ((id === undefined || id === null) && !isSlip) continue;
    if ((typeof id === "string" && id.trim() !== "") || typeof id === "number") return String(id);
    throw new BatonError(
      "CONFIG_INVALID",
      `${path} is ${JSON.stringify(id) ?? "undefined"}; a user's id is text, as in "alice"`,
      {
        data: { faults: [{ path, problem: "must be a text of at least one character" }] },
      },
    );
  }
  return SINGLE_USER;
}

/** LangGraph wraps the store that it injects anew for each run, in a wrapper that cannot do all that a store can. */
function injected({ store }: Run): BaseStore | undefined {
  const given = (store ?? undefined) as (BaseStore & { lg_name?: string; store?: BaseStore }) | undefined;
  return given?.lg_name === "AsyncBatchedStore" ? given.store : given;
}
