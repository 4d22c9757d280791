import { AIMessage, type BaseMessage, ToolMessage } from "@langchain/core/messages";
import type { StructuredToolInterface } from "@langchain/core/tools";
import type { Source } from "../blackboard.js";

const LONGEST_LABEL = 160;

/**
 * The tool calls that an answer can rest on: those that succeeded, each once, in order. Read off what happened, so that
 * no model can invent a source. Of a graph whose tools are not known, all that it called.
 */
export function sourcesOf(
  messages: readonly BaseMessage[],
  tools: readonly StructuredToolInterface[] | undefined,
): readonly Source[] {
  const results = messages.filter(
    (message): message is ToolMessage => ToolMessage.isInstance(message) && message.status !== "error",
  );
  const answered = new Map(results.map((result) => [result.tool_call_id, result]));
  const known = tools && new Map(tools.map((tool) => [tool.name, fullName(tool)]));
  const sources = messages
    .filter((message) => AIMessage.isInstance(message))
    .flatMap((message) => (message as AIMessage).tool_calls ?? [])
    .flatMap(({ id = "", name, args }): Source[] => {
      const tool = known === undefined ? name : known.get(name);
      const result = answered.get(id);
      if (tool === undefined || result === undefined) return [];
      return [{ label: labelOf(tool, args, result), tool, toolCallId: id }];
    });
  return [...new Map(sources.map((source) => [source.label, source])).values()];
}

/** The calls that a person refused, with their reason. */
export function refusedCalls(messages: readonly BaseMessage[]): readonly string[] {
  return messages
    .filter((message): message is ToolMessage => ToolMessage.isInstance(message))
    .filter(
      ({ artifact }) => (artifact as { error?: { code?: unknown } } | undefined)?.error?.code === "REJECTED",
    )
    .map(({ name, text }) => `${name}: ${text.replace(/^Error \(REJECTED\): /, "")}`);
}

/** `server.tool` for a tool of a server. */
export function fullName({ name, metadata }: StructuredToolInterface & { metadata?: unknown }): string {
  const { server, tool } = (metadata ?? {}) as { server?: unknown; tool?: unknown };
  return typeof server === "string" && typeof tool === "string" ? `${server}.${tool}` : name;
}

function labelOf(tool: string, args: Readonly<Record<string, unknown>>, { artifact }: ToolMessage): string {
  const { obtained } = (artifact ?? {}) as { obtained?: { ranArgsHash?: unknown } };
  // What ran is not what the model asked for, and not told.
  if (obtained?.ranArgsHash !== undefined) return `${tool}, with arguments that a person edited`;
  const values = Object.entries(args).map(([name, value]) => `${name}: ${textOf(value)}`);
  const label = `${tool}(${values.join(", ")})`;
  return label.length > LONGEST_LABEL ? `${label.slice(0, LONGEST_LABEL)}…` : label;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : (JSON.stringify(value) ?? "");
}
