import { isSpecType } from "@modelcontextprotocol/client";

/** Most entries of one list of a result. */
const MOST_ENTRIES = 10_000;
/** Most that the SDK checks at once: it says of each bad entry what is wrong, in 100 microseconds and 8 kB. */
const MOST_UNSEEN = 100;

/** Code that walks a value calls itself for each level: beyond some thousands it fails wherever the value goes. */
const MOST_LEVELS = 500;

/** The lists of results, and what their entries are. Tools are checked one by one elsewhere: see `list-tools.ts`. */
const LISTS: Readonly<Record<string, (entry: unknown) => boolean>> = {
  content: isSpecType.ContentBlock,
  contents: (entry) => isSpecType.TextResourceContents(entry) || isSpecType.BlobResourceContents(entry),
  messages: isSpecType.PromptMessage,
  resources: isSpecType.Resource,
  resourceTemplates: isSpecType.ResourceTemplate,
  prompts: isSpecType.Prompt,
  tools: () => true,
};

/**
 * What is wrong with the lists of a result, before the SDK looks at them: for 300 kB of bad entries it would take ten
 * seconds and a gigabyte. A result that passes may still be invalid.
 */
export function findImplausible(result: Readonly<Record<string, unknown>>): string | undefined {
  for (const key in result) {
    // A tool that is too deep is left out by itself.
    if (key !== "tools" && isTooDeep(result[key]))
      return `'${key}' is nested more than ${MOST_LEVELS} levels deep`;
  }
  for (const key in LISTS) {
    const list = result[key];
    if (!Array.isArray(list)) continue;
    if (list.length > MOST_ENTRIES) return `'${key}' has more than ${MOST_ENTRIES} entries`;
    if (key !== "tools" && list.some(hasLongList))
      return `an entry of '${key}' has a list of more than ${MOST_UNSEEN}`;
    if (list.length > MOST_UNSEEN && !list.every(LISTS[key] as (entry: unknown) => boolean)) {
      return `'${key}' has an entry that MCP does not know`;
    }
  }
  return hasLongList(result.completion) ? `'completion' has more than ${MOST_UNSEEN} values` : undefined;
}

/** Whether a parsed value is nested deeper than anybody can work with. */
export function isTooDeep(value: unknown, level = 0): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (level > MOST_LEVELS) return true;
  for (const key in value) {
    if (isTooDeep((value as Readonly<Record<string, unknown>>)[key], level + 1)) return true;
  }
  return false;
}

function hasLongList(entry: unknown): boolean {
  if (typeof entry !== "object" || entry === null) return false;
  for (const key in entry) {
    const value = (entry as Readonly<Record<string, unknown>>)[key];
    if (Array.isArray(value) && value.length > MOST_UNSEEN) return true;
  }
  return false;
}
