import { fileURLToPath } from "node:url";
import { z } from "zod";
import { type Fault, throwFaults } from "../core/faults.js";
import { connect } from "../mcp/connect.js";
import type { Servers } from "../mcp/servers.js";
import { type Described, withForms } from "./factory/forms.js";

export { approveOption, modelOption, promptOption } from "./factory/options.js";

/** What a run may choose, by name. */
export type ContextShape = Readonly<Record<string, z.ZodType>>;

export interface FactoryOptions<Shape extends ContextShape, Graph extends object> {
  /**
   * What a run may choose: zod schemas by name, each with a default and `.meta({ title, description })`. LangGraph Studio
   * makes a form of them. Runs set them in their `context`. @default nothing to choose
   */
  readonly context?: Shape;
  /**
   * A configuration, as `connect` takes it; a URL is the file's. Connected when the graph is first asked for, once for
   * all runs. @default no servers
   */
  readonly servers?: URL | Parameters<typeof connect>[0];
  /** Makes the graph, without checkpointer and store: the server brings them. Called for each run. */
  readonly create: (parts: FactoryParts<Shape>) => Graph | Promise<Graph>;
}

export interface FactoryParts<Shape extends ContextShape> {
  /** Empty where none are configured. */
  readonly servers: Servers;
  /** What the run chose, checked, and the defaults for the rest. */
  readonly context: z.output<z.ZodObject<Shape>>;
}

/** A graph's factory, as `langgraph.json` names it: LangGraph's server calls it. */
export type GraphFactory<Graph> = (config?: RunConfig, runtime?: ServerRuntime) => Promise<Graph>;

interface RunConfig {
  readonly configurable?: Readonly<Record<string, unknown>> | undefined;
}

/** What LangGraph's server says beside the config: what it wants the graph for, and the context of a run. */
interface ServerRuntime {
  readonly accessContext?: string;
  readonly executionRuntime?: { readonly context?: unknown } | null;
}

/**
 * A graph for LangGraph's server and Studio, in one file: nothing is opened at import; servers are connected at first
 * use, once, and again when that failed; what a run may choose becomes a form with titles and defaults. A middleware
 * that is made outside of `create`, such as `standard()`, serves all runs: one cache, one breaker, one limit.
 *
 * @throws {BatonError} the factory throws `CONFIG_INVALID` for a context that does not fit, with every fault; what
 *   `connect` throws; and what `create` does
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
  const { servers: source = [], create } = options;
  const schema = z.object(options.context ?? ({} as Shape));
  let connecting: Promise<Servers> | undefined;

  const connected = (): Promise<Servers> => {
    connecting ??= connect(source instanceof URL ? fileURLToPath(source) : source).catch((error) => {
      // A server that is down now may be there at the next run.
      connecting = undefined;
      throw error;
    });
    return connecting;
  };

  return async (config, runtime) => {
    const context = chosenIn(schema, config, runtime);
    const graph = await create({ servers: await connected(), context });
    // The forms are for who asks what the graph is like. What runs is the graph itself.
    return runtime?.accessContext === "assistants.read"
      ? withForms(graph as Described<Graph>, schema)
      : graph;
  };
}

/** Of a run its `context`; older clients set the same keys in `configurable`, which has many others too. */
function chosenIn<Shape extends ContextShape>(
  schema: z.ZodObject<Shape>,
  config: RunConfig = {},
  runtime: ServerRuntime = {},
): z.output<z.ZodObject<Shape>> {
  const given = runtime.executionRuntime?.context ?? {};
  throwFaults(
    "the run's context",
    typeof given === "object" ? [] : [{ path: "", problem: "must be an object" }],
  );
  const all: Readonly<Record<string, unknown>> = { ...config.configurable, ...given };
  // A form that was cleared sends null or an empty text: nothing was chosen.
  const chosen = Object.keys(schema.shape).filter(
    (key) => ![undefined, null, ""].includes(all[key] as never),
  );
  const { data, error } = schema.safeParse(Object.fromEntries(chosen.map((key) => [key, all[key]])));
  throwFaults("the run's context", (error?.issues ?? []).map(toFault));
  return data as z.output<z.ZodObject<Shape>>;
}

function toFault({ path, message }: z.core.$ZodIssue): Fault {
  return { path: path.join("."), problem: message };
}
