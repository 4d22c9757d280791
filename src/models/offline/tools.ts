import type { BindToolsInput } from "@langchain/core/language_models/chat_models";
import { convertToOpenAITool, isLangChainTool } from "@langchain/core/utils/function_calling";
import { isRecord, type JsonSchema } from "./schema.js";
import { stem, wordsOf } from "./words.js";

/** A bound tool as this model sees it. Plain data, so that callbacks and traces can carry it. */
export interface BoundTool {
  readonly type: "function";
  readonly function: {
    readonly name: string;
    readonly description: string;
    readonly parameters: JsonSchema;
  };
  /** What the server says of its effects, from the tool's metadata (MCP, ToolAnnotations). */
  readonly annotations?: Readonly<Record<string, unknown>>;
  /** `tool` can be run; `definition` came as a bare description, as `responseFormat` sends its answer form. */
  readonly from: "tool" | "definition";
}

/** Verbs that change something. A server's word counts more; this is for tools that come without one. */
const CHANGING_VERBS = new Set(
  `add append apply approve archive assign book buy cancel charge clear commit copy create delete deploy destroy
  drop edit execute grant insert install kill merge modify move overwrite patch pay post publish purge push put
  refund reject remove rename replace reset restart revoke run save send set start stop submit toggle transfer
  trigger truncate uninstall update upload upsert write`
    .split(/\s+/)
    .map(stem),
);

export function isChangingVerb(word: string): boolean {
  return CHANGING_VERBS.has(stem(word));
}

const DRASTIC_VERBS = new Set("delete destroy drop edit erase move overwrite remove rename send".split(" "));

/** True for a verb that only a tool of its own can carry out: nothing that reads comes near it. */
export function isDrastic(verb: string): boolean {
  return DRASTIC_VERBS.has(verb);
}

/** Any tool that LangChain can bind, and definitions in the forms of OpenAI and Anthropic. */
export function toBoundTool(input: BindToolsInput): BoundTool {
  if (isRecord(input) && "from" in input && isRecord(input.function)) return input as unknown as BoundTool;
  const runnable = isLangChainTool(input);
  const definition: unknown = runnable ? convertToOpenAITool(input) : input;
  const outer = isRecord(definition) ? definition : {};
  const inner = isRecord(outer.function) ? outer.function : outer;
  const schema = inner.parameters ?? inner.input_schema ?? inner.inputSchema ?? inner.schema;
  const annotations = annotationsOf(input as Readonly<Record<string, unknown>>);
  return {
    type: "function",
    function: {
      name: String(inner.name ?? ""),
      description: String(inner.description ?? ""),
      parameters: isRecord(schema) ? (schema as JsonSchema) : { type: "object", properties: {} },
    },
    ...(annotations && { annotations }),
    from: runnable ? "tool" : "definition",
  };
}

/** In the metadata of a LangChain tool, or beside the name as MCP lists it. */
function annotationsOf({
  metadata,
  annotations,
}: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const found = isRecord(metadata) ? metadata.annotations : annotations;
  return isRecord(found) ? found : undefined;
}

/**
 * True for a tool that may change something: it says so, or says nothing and is named after a changing verb.
 * Such a tool is called only when the question orders that very action.
 */
export function changesSomething(tool: BoundTool): boolean {
  const { readOnlyHint, destructiveHint } = tool.annotations ?? {};
  if (typeof readOnlyHint === "boolean") return !readOnlyHint;
  if (destructiveHint === true) return true;
  return wordsOf(tool.function.name).some(isChangingVerb);
}

const OVERVIEWS = new Set(["dashboard", "overview", "report", "statistics", "status", "summary"].map(stem));

/** True for a tool that shows a subject as a whole, rather than what one asks of it. */
export function givesOverview({ function: { name } }: BoundTool): boolean {
  return wordsOf(name).some((word) => OVERVIEWS.has(stem(word)));
}

const SEARCH_VERBS = ["search", "find", "lookup", "retrieve", "query", "recall", "ask", "browse"].map(stem);

/** True for a tool that looks things up in many. */
export function isSearch({ function: { name, description } }: BoundTool): boolean {
  const words = wordsOf(`${name} ${description.split(".")[0] ?? ""}`).map(stem);
  return words.some((word) => SEARCH_VERBS.includes(word));
}

export function isDeprecated(tool: BoundTool): boolean {
  return /\bdeprecated\b/i.test(tool.function.description);
}
