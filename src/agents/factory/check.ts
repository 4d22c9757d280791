import { z } from "zod";
import { checkOptions, type Fault } from "../../core/faults.js";

interface Given {
  readonly context?: unknown;
  readonly servers?: unknown;
  readonly create?: unknown;
}

/** @throws {BatonError} `CONFIG_INVALID` with all that is wrong with the options of `graphFactory()` */
export function checkFactory(options: object): void {
  checkOptions<Given>("graphFactory()", options, ["servers", "context", "create"], (given) => [
    ...serverFaults(given.servers),
    ...contextFaults(given.context),
    ...(typeof given.create === "function"
      ? []
      : [{ path: "create", problem: "must be a function that makes the graph" }]),
  ]);
}

function serverFaults(servers: unknown): readonly Fault[] {
  if (servers instanceof URL)
    return servers.protocol === "file:"
      ? []
      : [{ path: "servers", problem: `must be a file's URL, and is ${servers.href}` }];
  const isUsable =
    servers === undefined || typeof servers === "string" || (typeof servers === "object" && servers !== null);
  return isUsable ? [] : [{ path: "servers", problem: "must be a configuration, or the path or URL of one" }];
}

function contextFaults(context: unknown): readonly Fault[] {
  if (context === undefined) return [];
  // A zod object is one too often: its shape is what is asked for.
  if (typeof context !== "object" || context === null || Array.isArray(context) || "_zod" in context)
    return [{ path: "context", problem: "must be an object of zod schemas by name" }];
  return Object.entries(context).flatMap(([key, schema]) => {
    const problem = problemOf(schema);
    return problem === undefined ? [] : [{ path: `context.${key}`, problem }];
  });
}

function problemOf(schema: unknown): string | undefined {
  if (typeof schema !== "object" || schema === null || !("_zod" in schema))
    return 'must be a schema of zod 4, such as z.string().default("...")';
  // LangGraph's server asks for the graph without a run too, to draw it: then nothing is chosen.
  return acceptsNothing(schema as z.ZodType)
    ? undefined
    : "needs a default, or .optional(): a run need not choose it";
}

function acceptsNothing(schema: z.ZodType): boolean {
  try {
    return schema.safeParse(undefined).success;
  } catch (error) {
    // It checks by asking somebody: the run will.
    if (error instanceof z.core.$ZodAsyncError) return true;
    throw error;
  }
}
