import type { StructuredToolInterface } from "@langchain/core/tools";
import { toJsonSchema } from "@langchain/core/utils/json_schema";

const QUERY = [
  "query",
  "q",
  "search",
  "search_query",
  "searchTerm",
  "question",
  "keywords",
  "keyword",
  "text",
  "term",
  "prompt",
];
const LIMIT = [
  "limit",
  "max_results",
  "maxResults",
  "top_k",
  "topK",
  "k",
  "n",
  "count",
  "num_results",
  "numResults",
  "size",
];

/** Where a search tool takes what is looked for, and how many it shall find. */
export interface SearchParameters {
  readonly query: string;
  readonly limit?: { readonly name: string; readonly most: number };
}

interface Schema {
  readonly properties?: Readonly<Record<string, { readonly type?: unknown; readonly maximum?: unknown }>>;
  readonly required?: readonly string[];
}

/** Undefined for a tool that needs more than a text to look for. */
export function searchParametersOf(tool: StructuredToolInterface): SearchParameters | undefined {
  const { properties = {}, required = [] } = toJsonSchema(tool.schema) as Schema;
  const isText = (name: string): boolean => properties[name]?.type === "string";
  const query = QUERY.find(isText) ?? required.find(isText);
  if (query === undefined || required.some((name) => name !== query)) return undefined;
  const limit = LIMIT.find((name) => /^(?:integer|number)$/.test(String(properties[name]?.type)));
  if (limit === undefined) return { query };
  const maximum = properties[limit]?.maximum;
  return { query, limit: { name: limit, most: typeof maximum === "number" ? maximum : Infinity } };
}
