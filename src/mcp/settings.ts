import type { Hints, ToolPolicy } from "../core/call.js";
import { toolMatcher } from "../core/pattern.js";
import { partNames, type Settings } from "../core/settings.js";
import type { ToolDefinition } from "./server.js";
import type { ServerConfig } from "./server-config.js";

type Options = Readonly<Record<string, unknown>>;

/**
 * What the entry's `x-langbaton` says for one tool: first what stands there for the whole server, then each entry of
 * `tools` whose name matches, the later one winning. Options of a part are not mixed within the file: the last one counts whole.
 * A tool in `autoApprove` needs no approval unless its own entry says so.
 */
export function toolPolicy(config: ServerConfig, definition: ToolDefinition): ToolPolicy {
  const { name } = definition;
  // Nearly all entries say nothing of the kind, and there may be thousands of tools.
  if (config.autoApprove.length === 0 && Object.keys(config.extension).length === 0)
    return { timeoutMs: config.timeoutMs, hints: hintsOf(definition), settings: undefined };
  const approved = matches(config.autoApprove, name) ? { approve: false } : undefined;
  const entries = Object.entries((config.extension.tools ?? {}) as Readonly<Record<string, Options>>);
  const own = entries.filter(([pattern]) => matches([pattern], name)).map(([, options]) => options);
  const sources = [config.extension, ...(approved ? [approved] : []), ...own] as readonly Options[];
  const settings = Object.assign({}, ...sources.map(partsOf)) as Settings;
  return {
    timeoutMs: config.timeoutMs,
    hints: Object.assign(hintsOf(definition), ...sources.map((source) => source.hints ?? {})),
    settings: Object.keys(settings).length === 0 ? undefined : settings,
  };
}

/** What the server says of a tool. */
export function hintsOf({ annotations }: ToolDefinition): Hints {
  return {
    readOnly: annotations?.readOnlyHint,
    idempotent: annotations?.idempotentHint,
    destructive: annotations?.destructiveHint,
    openWorld: annotations?.openWorldHint,
  };
}

/** By identity, so that tools that share options share what is counted under them. */
function partsOf(source: Options): Options {
  return Object.fromEntries(partNames.flatMap((part) => (part in source ? [[part, source[part]]] : [])));
}

function matches(names: readonly string[], tool: string): boolean {
  return names.some((name) => name === tool || (name.includes("*") && toolMatcher([`s.${name}`])("s", tool)));
}

/** What an entry says of tools that its server does not have: a name that is misspelt protects nothing. */
export function unknownTools(
  { autoApprove, extension }: ServerConfig,
  tools: readonly string[],
): readonly string[] {
  const named = [...autoApprove, ...Object.keys(extension.tools ?? {})];
  return named.filter((name) => !tools.some((tool) => matches([name], tool)));
}
