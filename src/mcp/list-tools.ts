import type { RequestOptions, Tool } from "@modelcontextprotocol/client";
import * as z from "zod";
import type { Connection } from "./connection.js";
import { isTooDeep } from "./plausible.js";
import { findSchemaFault } from "./schema-fault.js";

const MOST_PAGES = 64;
const Page = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().nullish() });

/** A tool that a server offers but that nobody can call rightly, and why. */
export interface RejectedTool {
  readonly name: string;
  readonly reason: string;
}

export interface ToolList {
  readonly tools: readonly Tool[];
  readonly rejected: readonly RejectedTool[];
}

/**
 * Lists all tools. One tool that breaks the protocol or has a broken schema costs that tool, not the server. Each
 * is checked here, as the SDK checks a list as a whole, and takes most of the time of a long one to do so.
 */
export async function listTools(connection: Connection, options: RequestOptions): Promise<ToolList> {
  const tools: Tool[] = [];
  const rejected: RejectedTool[] = [];
  const names = new Set<string>();
  for (const [index, listed] of (await listAll(connection, options)).entries()) {
    const tool = withoutNulls(listed);
    const reason = faultOf(tool, names);
    if (reason === undefined) tools.push(tool as unknown as Tool);
    else
      rejected.push({
        name: typeof tool.name === "string" && tool.name !== "" ? tool.name : `#${index + 1}`,
        reason,
      });
  }
  return { tools, rejected };
}

async function listAll(connection: Connection, options: RequestOptions): Promise<readonly unknown[]> {
  const { client, transport } = connection;
  if (transport === "http" && client.getProtocolEra() === "modern") {
    try {
      // There the SDK must know the tools: arguments that a tool wants as headers are sent so by it.
      return (await client.listTools(undefined, options)).tools;
    } catch (error) {
      if ((error as { code?: unknown }).code !== "INVALID_RESULT") throw error;
    }
  }
  const tools: unknown[] = [];
  let cursor: string | undefined | null;
  for (let page = 0; page < MOST_PAGES; page++) {
    const params = cursor == null ? {} : { cursor };
    const result = await client.request({ method: "tools/list", params }, Page, options);
    tools.push(...result.tools);
    const repeats = result.nextCursor === cursor;
    cursor = result.nextCursor;
    if (cursor == null || repeats) return tools;
  }
  throw Object.assign(new Error(`more than ${MOST_PAGES} pages`), { code: "LIST_PAGINATION_EXCEEDED" });
}

/** Servers of several languages write null for what they have not, which the protocol does not allow. */
function withoutNulls(listed: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(listed)) return {};
  for (const key in listed) {
    if (listed[key] === null)
      return Object.fromEntries(Object.entries(listed).filter(([, value]) => value !== null));
  }
  return listed;
}

const TEXTS = ["description", "title"];
const OBJECTS = ["annotations", "outputSchema", "execution", "_meta"];
const HINTS = ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"];

function faultOf(tool: Readonly<Record<string, unknown>>, names: Set<string>): string | undefined {
  const { name, inputSchema, annotations } = tool;
  if (typeof name !== "string" || name === "") return "it has no name";
  if (names.has(name)) return "an earlier tool of this server has the same name";
  names.add(name);
  if (!isRecord(inputSchema) || inputSchema.type !== "object") {
    return 'its input schema is not of "type": "object"';
  }
  const noText = TEXTS.find((key) => tool[key] !== undefined && typeof tool[key] !== "string");
  if (noText !== undefined) return `its ${noText} is not text`;
  const noObject = OBJECTS.find((key) => tool[key] !== undefined && !isRecord(tool[key]));
  if (noObject !== undefined) return `its ${noObject} is not an object`;
  const hints = isRecord(annotations) ? annotations : {};
  const noHint = HINTS.find((key) => hints[key] != null && typeof hints[key] !== "boolean");
  if (noHint !== undefined) return `its ${noHint} is neither true nor false`;
  if (tool.icons !== undefined && !Array.isArray(tool.icons)) return "its icons are not a list";
  const fault = findSchemaFault(inputSchema);
  if (fault !== undefined) return `its input schema is broken: ${fault}`;
  return isTooDeep(tool) ? "it is nested too deep" : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
