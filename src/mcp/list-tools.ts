import { type Client, isSpecType, type RequestOptions, type Tool } from "@modelcontextprotocol/client";
import * as z from "zod";
import { findSchemaFault } from "./json-schema.js";

const MOST_PAGES = 64;
const Page = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().optional() });

/** A tool that a server offers but that nobody can call rightly, and why. */
export interface RejectedTool {
  readonly name: string;
  readonly reason: string;
}

export interface ToolList {
  readonly tools: readonly Tool[];
  readonly rejected: readonly RejectedTool[];
}

/** Lists all tools. One tool that breaks the protocol or has a broken schema costs that tool, not the server. */
export async function listTools(client: Client, options: RequestOptions): Promise<ToolList> {
  let listed: readonly unknown[];
  let lenient = false;
  try {
    listed = (await client.listTools(undefined, options)).tools;
  } catch (error) {
    // The SDK checks the whole list at once; here each tool gets its own verdict.
    if ((error as { code?: unknown }).code !== "INVALID_RESULT") throw error;
    listed = await listRaw(client, options);
    lenient = true;
  }
  const tools: Tool[] = [];
  const rejected: RejectedTool[] = [];
  const names = new Set<string>();
  for (const [index, tool] of listed.entries()) {
    const reason = lenient && !isSpecType.Tool(tool) ? protocolFault(tool) : reject(tool as Tool, names);
    if (reason === undefined) tools.push(tool as Tool);
    else rejected.push({ name: nameOf(tool) ?? `#${index + 1}`, reason });
  }
  return { tools, rejected };
}

function reject(tool: Tool, names: Set<string>): string | undefined {
  if (tool.name === "") return "it has no name";
  if (names.has(tool.name)) return "an earlier tool of this server has the same name";
  names.add(tool.name);
  const fault = findSchemaFault(tool.inputSchema);
  return fault === undefined ? undefined : `its input schema is broken: ${fault}`;
}

function protocolFault(tool: unknown): string {
  if (nameOf(tool) === undefined) return "it has no name";
  const schema = (tool as { inputSchema?: unknown }).inputSchema;
  const type = (schema as { type?: unknown } | undefined)?.type;
  return type === "object"
    ? "its definition breaks the protocol"
    : 'its input schema is not of "type": "object"';
}

function nameOf(tool: unknown): string | undefined {
  const name = (tool as { name?: unknown } | null)?.name;
  return typeof name === "string" && name !== "" ? name : undefined;
}

async function listRaw(client: Client, options: RequestOptions): Promise<readonly unknown[]> {
  const tools: unknown[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const params = cursor === undefined ? {} : { cursor };
    const result = await client.request({ method: "tools/list", params }, Page, options);
    tools.push(...result.tools);
    cursor = result.nextCursor;
    if (cursor === undefined) return tools;
  }
  throw Object.assign(new Error(`more than ${MOST_PAGES} pages`), { code: "LIST_PAGINATION_EXCEEDED" });
}
