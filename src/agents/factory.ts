import { fileURLToPath } from "node:url";
import type { z } from "zod";
import { connect } from "../mcp/connect.js";
import type { Servers } from "../mcp/servers.js";
import { checkFactory } from "./factory/check.js";
import { type ContextShape, createChooser, type RunConfig, type ServerRuntime } from "./factory/chosen.js";
import { type Described, withForms } from "./factory/forms.js";

export type { ContextShape, RunConfig, ServerRuntime } from "./factory/chosen.js";
export { approveOption, modelOption, promptOption } from "./factory/options.js";

/** What a graph for LangGraph's server is made of. */
export interface FactoryOptions<Shape extends ContextShape, Graph extends object> {
  /**
   * What a run may choose: zod schemas by name, each with a default or optional, and `.meta({ title, description })`.
   * LangGraph Studio makes a form of them. Runs set them in their `context`. @default nothing to choose
   */
  readonly context?: Shape;
  /**
   * A configuration, as `connect` takes it; a URL is the file's. Connected when the graph is first asked for, once for
   * all runs, and again when that failed or they were closed. @default no servers
   */
  readonly servers?: URL | Parameters<typeof connect>[0];
  /** Makes the graph, without checkpointer and store: the server brings them. Called for each run. */
  readonly create: (parts: FactoryParts<Shape>) => Graph | Promise<Graph>;
}

/** What a graph is made from, for one run. */
export interface FactoryParts<Shape extends ContextShape> {
  /** Shared by all runs: not to be closed by one. Empty where none are configured. */
  readonly servers: Servers;
  /** What the run chose, checked, and the defaults for the rest. */
  readonly context: z.output<z.ZodObject<Shape>>;
}

/** A graph's factory, as `langgraph.json` names it: LangGraph's server calls it. */
export interface GraphFactory<Graph> extends AsyncDisposable {
  (config?: RunConfig | null, runtime?: ServerRuntime | null): Promise<Graph>;
  /** Closes the servers, for a program or a test that ends; LangGraph's server ends with its process. */
  close(): Promise<void>;
}

/**
 * A graph for LangGraph's server and Studio, in one file: nothing is opened at import; servers are connected at first
 * use, once; what a run may choose becomes a form with titles and defaults. A middleware that is made outside of
 * `create`, such as `standard()`, serves all runs: one cache, one breaker, one limit.
 *
 * @throws {BatonError} `CONFIG_INVALID` for options that cannot be used. The factory throws it for a context that does
 *   not fit, with every fault, and what `connect` and `create` throw.
 * @example
 * ```ts
 * export const graph = graphFactory({
 *   servers: new URL("mcp.json", import.meta.url),
 *   context: { model: modelOption() },
 *   create: async ({ servers, context }) =>
 *     createReact({ model: context.model, tools: await loadTools(servers) }),
 * });
 * ```
 */
export function graphFactory<Graph extends object, Shape extends ContextShape = Record<never, never>>(
  options: FactoryOptions<Shape, Graph>,
): GraphFactory<Graph> {
  checkFactory(options);
  const { servers: source = [], create } = options;
  const chooser = createChooser(options.context ?? ({} as Shape));
  let connecting: Promise<Servers> | undefined;

  const open = (): Promise<Servers> => {
    const opening = connect(source instanceof URL ? fileURLToPath(source) : source);
    // A server that is down now may be there at the next run.
    opening.catch(() => forget(opening));
    return opening;
  };
  const forget = (opened: Promise<Servers>): void => {
    if (connecting === opened) connecting = undefined;
  };
  const connected = async (): Promise<Servers> => {
    connecting ??= open();
    const opened = connecting;
    const servers = await opened;
    if (!isClosed(servers)) return servers;
    forget(opened);
    return connected();
  };

  const factory = async (config?: RunConfig | null, runtime?: ServerRuntime | null): Promise<Graph> => {
    const context = await chooser.chosen(config, runtime);
    const graph = (await create({ servers: await connected(), context })) as Described<Graph>;
    chooser.refuseUnknown(runtime, graph.builder?._configRuntimeSchema);
    // The forms are for who asks what the graph is like. What runs is the graph itself.
    return runtime?.accessContext === "assistants.read" ? withForms(graph, chooser.schema) : graph;
  };

  const close = async (): Promise<void> => {
    const servers = await connecting?.catch(() => undefined);
    connecting = undefined;
    await servers?.close();
  };
  return Object.assign(factory, { close, [Symbol.asyncDispose]: close });
}

function isClosed(servers: Servers): boolean {
  const all = [...servers];
  return all.length > 0 && all.every(({ status }) => status === "closed");
}
