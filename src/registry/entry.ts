import type { StructuredToolInterface } from "@langchain/core/tools";
import { toJsonSchema } from "@langchain/core/utils/json_schema";
import type { Fault } from "../core/faults.js";
import { isToolPattern, toolMatcher } from "../core/pattern.js";
import { faultsOf, invalidConfig, isRecord, text, texts } from "./check.js";
import type { ParameterText, ToolText } from "./search/documents.js";

/** What is said of a tool beside its definition. */
export interface Description {
  /** A group of tools to search in. @default the server's name */
  readonly category?: string;
  readonly tags?: readonly string[];
  /** Tasks that it is right for, in a user's words. */
  readonly examples?: readonly string[];
  readonly version?: string;
}

/** A tool of a registry. */
export interface Entry {
  /** The name for the model. */
  readonly name: string;
  /** `"local"` for a tool that names no server. */
  readonly server: string;
  /** The server's own name of the tool. */
  readonly ownName: string;
  readonly category: string;
  readonly tags: readonly string[];
  readonly examples: readonly string[];
  readonly version?: string;
  readonly tool: StructuredToolInterface;
}

const LOCAL = "local";
/** A server may say as much of itself as it likes; so much is read. */
const MOST_LISTED = 20;
const MOST_CHARACTERS = 200;
/** Of a category or version, which stands in lines that a model reads. */
const LABEL_CHARACTERS = 60;
const MOST_PARAMETERS = 100;
const PARAMETER_CHARACTERS = 1000;
const MOST_VALUES = 50;
const KEYS = { category: text, tags: texts, examples: texts, version: text };

/** Entries of tools; `describe` wins over what servers say of themselves, and of two that fit the later one. */
export function toEntries(
  tools: readonly StructuredToolInterface[],
  describe: Readonly<Record<string, Description>>,
  idle: "lenient" | "strict",
): Entry[] {
  const faults: Fault[] = [];
  const described = Object.entries(describe).map(([key, description]) => {
    faults.push(...faultsOf(description, KEYS, [], `describe.${key}`));
    return { key, fits: isToolPattern(key) ? toolMatcher([key]) : undefined, description, used: false };
  });
  const names = new Set<string>();
  const entries = tools.map((tool): Entry => {
    if (names.has(tool.name))
      faults.push({
        path: `tools.${tool.name}`,
        problem: "stands for two tools: a model could not tell them apart",
      });
    names.add(tool.name);
    const metadata = metadataOf(tool);
    const server = text.test(metadata.server) ? (metadata.server as string) : LOCAL;
    const ownName = text.test(metadata.tool) ? (metadata.tool as string) : tool.name;
    let said: Description = { ...fromServer(metadata), ...fromServer(metadata._meta) };
    for (const each of described) {
      if (each.key !== tool.name && !each.fits?.(server, ownName)) continue;
      each.used = true;
      said = { ...said, ...each.description };
    }
    const { category = server, tags = [], examples = [], version } = said;
    return { name: tool.name, server, ownName, category, tags, examples, ...(version && { version }), tool };
  });
  for (const { key, used } of described)
    if (!used && idle === "strict") faults.push({ path: `describe.${key}`, problem: "fits no tool" });
  if (faults.length > 0) throw invalidConfig("createRegistry", faults);
  return entries;
}

/** What a server says, as far as it has the right form: it is not ours to refuse. */
function fromServer(said: unknown): Description {
  if (!isRecord(said)) return {};
  const { category, tags, examples, version } = said;
  const list = (value: unknown): readonly string[] =>
    (value as readonly string[]).slice(0, MOST_LISTED).map((each) => onOneLine(each, MOST_CHARACTERS));
  const label = (value: unknown): string =>
    typeof value === "string" ? onOneLine(value, LABEL_CHARACTERS) : "";
  return {
    ...(label(category) && { category: label(category) }),
    ...(texts.test(tags) && { tags: list(tags) }),
    ...(texts.test(examples) && { examples: list(examples) }),
    ...(label(version) && { version: label(version) }),
  };
}

/** What a server says must not look like a line of ours. */
function onOneLine(said: string, most: number): string {
  return said
    .slice(0, 4 * most)
    .replace(/[\s\p{C}]+/gu, " ")
    .trim()
    .slice(0, most);
}

/** What search reads of an entry. */
export function toToolText({ ownName, server, category, tags, examples, tool }: Entry): ToolText {
  const { properties, required } = toJsonSchema(tool.schema) as { properties?: unknown; required?: unknown };
  const needed = Array.isArray(required) ? required : [];
  const outputs = metadataOf(tool).outputSchema;
  return {
    name: ownName,
    server,
    description: tool.description ?? "",
    labels: [...(category === server ? [] : [category]), ...tags],
    examples,
    parameters: Object.entries(isRecord(properties) ? properties : {})
      .slice(0, MOST_PARAMETERS)
      .map(
        ([name, schema]): ParameterText => ({ name, text: textOf(schema), required: needed.includes(name) }),
      ),
    outputs:
      isRecord(outputs) && isRecord(outputs.properties)
        ? Object.keys(outputs.properties).slice(0, MOST_PARAMETERS)
        : [],
  };
}

/** Every tool class of LangChain has it; their common interface does not say so. */
function metadataOf(tool: StructuredToolInterface): Readonly<Record<string, unknown>> {
  const { metadata } = tool as { metadata?: unknown };
  return isRecord(metadata) ? metadata : {};
}

function textOf(schema: unknown): string {
  if (!isRecord(schema)) return "";
  const values = Array.isArray(schema.enum) ? schema.enum.slice(0, MOST_VALUES) : [];
  return [schema.description, ...values]
    .flatMap((each) => (typeof each === "string" ? each.slice(0, PARAMETER_CHARACTERS) : []))
    .join(" ");
}
