import { z } from "zod";
import { type Fault, throwFaults } from "../../core/faults.js";

/** What a run may choose, by name. */
export type ContextShape = Readonly<Record<string, z.ZodType>>;

/** What LangGraph's server gives a factory of a run's config. */
export interface RunConfig {
  readonly configurable?: Readonly<Record<string, unknown>> | null | undefined;
}

/** What LangGraph's server says beside the config: what it wants the graph for, and the context of a run. */
export interface ServerRuntime {
  readonly accessContext?: string;
  readonly executionRuntime?: { readonly context?: unknown } | null;
}

type Keys = Readonly<Record<string, unknown>>;

interface Chooser<Shape extends ContextShape> {
  readonly schema: z.ZodObject<Shape>;
  /** @throws {BatonError} `CONFIG_INVALID` for a context that does not fit */
  chosen(
    config: RunConfig | null | undefined,
    runtime: ServerRuntime | null | undefined,
  ): Promise<z.output<z.ZodObject<Shape>>>;
  /** @throws {BatonError} `CONFIG_INVALID` for keys that neither the factory nor the graph itself knows */
  refuseUnknown(runtime: ServerRuntime | null | undefined, ofGraph: unknown): void;
}

const WHAT = "the run's context";

/** Reads what a run chose: its `context`, or as older clients sent it, the same keys in `configurable`. */
export function createChooser<Shape extends ContextShape>(shape: Shape): Chooser<Shape> {
  const schema = z.object(shape);

  // A form that was cleared sends null or an empty text: nothing was chosen.
  const isChosen = (key: string, value: unknown): boolean =>
    value !== undefined && value !== "" && (value !== null || shape[key]?.isNullable() === true);

  const chosenIn = (keys: Keys): Keys =>
    Object.fromEntries(
      Object.keys(shape)
        .filter((key) => Object.hasOwn(keys, key) && isChosen(key, keys[key]))
        .map((key) => [key, keys[key]]),
    );

  return {
    schema,
    async chosen(config, runtime) {
      // Without a prototype: zod would find an option named "constructor" there.
      const given = Object.assign(
        Object.create(null),
        chosenIn(config?.configurable ?? {}),
        chosenIn(contextOf(runtime)),
      );
      const { data, error } = await schema.safeParseAsync(given);
      throwFaults(WHAT, (error?.issues ?? []).map(toFault));
      return data as z.output<z.ZodObject<Shape>>;
    },
    refuseUnknown(runtime, ofGraph) {
      const own = shapeOf(ofGraph);
      // A graph may describe its context in another way than zod's: then it judges its keys itself.
      if (own === undefined) return;
      const known = [...Object.keys(shape), ...Object.keys(own)];
      const unknown = Object.keys(contextOf(runtime)).filter((key) => !known.includes(key));
      const there = known.length === 0 ? "there is nothing to choose" : `there are ${known.join(", ")}`;
      throwFaults(
        WHAT,
        unknown.map((path) => ({ path, problem: `is not known; ${there}` })),
      );
    },
  };
}

function contextOf(runtime: ServerRuntime | null | undefined): Keys {
  const context = runtime?.executionRuntime?.context ?? {};
  const isObject = typeof context === "object" && !Array.isArray(context);
  throwFaults(WHAT, isObject ? [] : [{ path: "", problem: "must be an object" }]);
  return context as Keys;
}

/** The options that a graph itself lets a run choose; undefined where it does not say by zod. */
function shapeOf(schema: unknown): Keys | undefined {
  if (schema === undefined || schema === null) return {};
  return (schema as { readonly shape?: Keys }).shape;
}

function toFault({ path, message }: z.core.$ZodIssue): Fault {
  const [first = "", ...rest] = path.map(String);
  return { path: [first, ...rest].join("."), problem: `cannot be used: ${message}` };
}
