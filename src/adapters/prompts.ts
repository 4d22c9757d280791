import { AIMessage, type BaseMessage, type ContentBlock, HumanMessage } from "@langchain/core/messages";
import { BatonError } from "../core/errors.js";
import { showHidden } from "../core/hidden.js";
import type { Content } from "../core/result.js";
import type { JsonSchema } from "../mcp/json-schema.js";
import type { GetPromptResult, Prompt, Server } from "../mcp/server.js";
import type { Servers } from "../mcp/servers.js";
import { toContentBlock } from "./content.js";
import { type ListOptions, listAll } from "./list-all.js";

/** One prompt of one server. */
export interface McpPrompt {
  readonly server: string;
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  /** The arguments as a JSON Schema: an object whose properties are strings, as MCP has no others. */
  readonly schema: JsonSchema;
  /**
   * The prompt as messages.
   *
   * @throws {BatonError} `INVALID_ARGUMENTS` when one is missing, unknown or not a string
   */
  format(
    args?: Readonly<Record<string, string>>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<BaseMessage[]>;
}

/**
 * All prompts of the servers, in their order. A server that is down costs a warning, not the others.
 *
 * @throws {BatonError} when no server could be listed, what the first of them failed with; `CANCELLED` by `signal`
 * @example
 * ```ts
 * const [analyst] = await loadPrompts(servers);
 * const messages = await analyst.format({ question: "How is Sales doing?" });
 * ```
 */
export async function loadPrompts(servers: Servers, options: ListOptions = {}): Promise<McpPrompt[]> {
  const { signal } = options;
  const lists = await listAll([...servers], "prompts", (server) => server.listPrompts({ signal }), options);
  return lists.flatMap(({ server, items }) => toPrompts(server, items));
}

function toPrompts(server: Server, prompts: readonly Prompt[]): McpPrompt[] {
  return prompts.map((prompt) => ({
    server: server.name,
    name: prompt.name,
    ...(prompt.title === undefined ? {} : { title: showHidden(prompt.title) }),
    ...(prompt.description === undefined ? {} : { description: showHidden(prompt.description) }),
    schema: schemaOf(prompt),
    async format(args = {}, limits = {}) {
      checkPromptArguments(server, prompt, args);
      return toMessages(await server.getPrompt(prompt.name, args, limits));
    },
  }));
}

/** An MCP prompt's messages as LangChain's: `user` as human, `assistant` as AI, content as standard blocks. */
export function toMessages({ messages }: GetPromptResult): BaseMessage[] {
  return messages.map(({ role, content }) => {
    const Message = role === "assistant" ? AIMessage : HumanMessage;
    if (content.type === "text") return new Message(showHidden(content.text));
    const block: ContentBlock.Standard = toContentBlock(content as Content);
    return new Message({ contentBlocks: [block] });
  });
}

function schemaOf({ arguments: args = [] }: Prompt): JsonSchema {
  const properties = args.map(({ name, description }) => [
    name,
    { type: "string", ...(description === undefined ? {} : { description: showHidden(description) }) },
  ]);
  const required = args.filter((each) => each.required).map(({ name }) => name);
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  };
}

function checkPromptArguments(server: Server, prompt: Prompt, args: Readonly<Record<string, unknown>>): void {
  const declared = prompt.arguments ?? [];
  const names = declared.map(({ name }) => name);
  const issues = [
    ...declared
      .filter(({ name, required }) => required && !Object.hasOwn(args, name))
      .map(({ name }) => `'${name}' is missing`),
    ...Object.keys(args).flatMap((name) =>
      names.includes(name) ? [] : `'${name}' is not one of its arguments`,
    ),
    ...Object.entries(args).flatMap(([name, value]) =>
      typeof value === "string" ? [] : `'${name}' is not a string`,
    ),
  ];
  if (issues.length === 0) return;
  const known = names.length === 0 ? "it takes none" : `it takes: ${names.join(", ")}`;
  throw new BatonError(
    "INVALID_ARGUMENTS",
    `server '${server.name}', prompt '${prompt.name}': ${issues.join(", ")}; ${known}`,
    { data: { server: server.name, prompt: prompt.name, issues } },
  );
}
