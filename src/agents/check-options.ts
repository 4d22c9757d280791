import { isBatonError } from "../core/errors.js";
import { type Fault, unknownKeys } from "../core/faults.js";
import { checkBudget } from "../models/budget/options.js";
import { isRouter } from "./choose-model.js";

/**
 * What is wrong with the options that agents share. Each looks at one of them: `path` is where it stands, and one that may
 * be left out has no fault when it is.
 */
type FaultsOf = (path: string, given: unknown) => readonly Fault[];

/** A name is looked up at the first run. With `router`, what chooses the model is one as well. */
export function modelFaults(
  path: string,
  model: unknown,
  { router = false }: { readonly router?: boolean } = {},
): readonly Fault[] {
  if (isText(model)) return [];
  if (isObject(model) && isRouter(model as never))
    return router ? [] : [{ path, problem: "cannot be a router here: give routed(router) as middleware" }];
  const other = router ? ", a LangChain chat model or a router" : " or a LangChain chat model";
  return unless(
    isObject(model) && has(model, "invoke"),
    path,
    `must be a name such as "openai:gpt-5"${other}`,
  );
}

export const toolsFaults: FaultsOf = (path, tools) =>
  listFaults(path, tools, "LangChain tools, [] for none", (tool) => {
    const isTool = isObject(tool) && has(tool, "invoke") && isText((tool as { name?: unknown }).name);
    return isTool ? undefined : "must be a LangChain tool, as tool() and loadTools() make them";
  });

export const contextFaults: FaultsOf = (path, context) =>
  context === undefined
    ? []
    : listFaults(path, context, "documents", (given) => {
        const { pageContent, metadata } = (isObject(given) ? given : {}) as Readonly<Record<string, unknown>>;
        const isDocument = typeof pageContent === "string" && isObject(metadata);
        return isDocument ? undefined : "must be a document: new Document({ pageContent, metadata })";
      });

export const middlewareFaults: FaultsOf = (path, middleware) =>
  middleware === undefined
    ? []
    : listFaults(path, middleware, "LangChain agent middleware", (one) => {
        const isMiddleware = isObject(one) && isText((one as { name?: unknown }).name);
        return isMiddleware ? undefined : "must be agent middleware, as createMiddleware() makes it";
      });

export const promptFaults: FaultsOf = (path, prompt) =>
  unless(prompt === undefined || typeof prompt === "string", path, "must be a text");

export const storeFaults: FaultsOf = (path, store) =>
  unless(
    store === undefined || (isObject(store) && has(store, "batch")),
    path,
    "must be a LangGraph store, such as new InMemoryStore()",
  );

export const budgetFaults: FaultsOf = (path, budget) => {
  if (budget === undefined || (isObject(budget) && has(budget, "account"))) return [];
  if (!isObject(budget))
    return [{ path, problem: "must be what createBudget() makes, or its options such as { maxUsd: 0.5 }" }];
  try {
    checkBudget(budget);
    return [];
  } catch (error) {
    if (!isBatonError(error, "CONFIG_INVALID")) throw error;
    const { faults } = error.data as { readonly faults: readonly Fault[] };
    return faults.map((fault) => ({ ...fault, path: `${path}.${fault.path}` }));
  }
};

/** `keys` are those that the agent takes, of LangGraph's `checkpointer`, `store` and `name`. */
export function graphFaults(path: string, graph: unknown, keys: readonly string[]): readonly Fault[] {
  if (graph === undefined) return [];
  if (!isObject(graph)) return [{ path, problem: `must be ${objectOf(keys)}` }];
  const { checkpointer, store, name } = graph as Readonly<Record<string, unknown>>;
  const isCheckpointer =
    checkpointer === undefined ||
    typeof checkpointer === "boolean" ||
    (isObject(checkpointer) && has(checkpointer, "getTuple"));
  return [
    ...unknownKeys(path, graph, keys),
    ...unless(
      isCheckpointer,
      `${path}.checkpointer`,
      "must be a LangGraph checkpointer, such as new MemorySaver()",
    ),
    ...(keys.includes("store") ? storeFaults(`${path}.store`, store) : []),
    ...unless(name === undefined || isText(name), `${path}.name`, "must be a text of at least one character"),
  ];
}

function listFaults(
  path: string,
  given: unknown,
  of: string,
  problemOf: (one: unknown) => string | undefined,
): readonly Fault[] {
  if (!Array.isArray(given)) return [{ path, problem: `must be a list of ${of}` }];
  return given.flatMap((one, index) => {
    const problem = problemOf(one);
    return problem === undefined ? [] : [{ path: `${path}[${index}]`, problem }];
  });
}

function unless(holds: boolean, path: string, problem: string): readonly Fault[] {
  return holds ? [] : [{ path, problem }];
}

function objectOf(keys: readonly string[]): string {
  return `an object of ${keys.join(", ")}`;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function has(value: object, method: string): boolean {
  return typeof (value as Readonly<Record<string, unknown>>)[method] === "function";
}
