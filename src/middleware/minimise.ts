import { LRUCache } from "lru-cache";
import type { Call, Handler, Middleware } from "../core/call.js";
import { toolMatcher } from "../core/pattern.js";
import type { Content, Result } from "../core/result.js";
import { checkOptions } from "../core/settings.js";
import { type Cleaning, cleanValue } from "./minimise/clean.js";
import { cleanError } from "./minimise/clean-error.js";
import { cleanText } from "./minimise/clean-text.js";
import { createMask } from "./minimise/mask.js";
import { parsePaths } from "./minimise/paths.js";

/** What goes from the calls of some tools. All rules that match a tool hold for it. */
export interface MinimiseRule {
  /** One pattern or more, `server.tool`, with `*` for any characters. */
  readonly tools: string | readonly string[];
  /** Paths in the arguments that the server is not sent, `customer.address` for example. @default none */
  readonly removeArguments?: readonly string[];
  /** Paths in results that nobody is given, `employees.*.salary`; `*` is any item or key. @default none */
  readonly removeResults?: readonly string[];
  /**
   * What becomes a mark such as `[email]`: `email`, `phone`, `card`, `iban`, `ip`, `secret`, or a regular expression
   * between slashes, `/EMP-\d{6}/`, whose mark is `[masked]`. @default none
   */
  readonly mask?: readonly string[];
  /** Where to mask. @default "results" */
  readonly in?: "arguments" | "results" | "both";
}

export interface MinimiseOptions {
  readonly rules: readonly MinimiseRule[];
}

const MOST_TOOLS = 1000;

/**
 * Sends a server no more than it needs, and gives back no more than the model should see. Paths hold for structured
 * content, and for text that is JSON; masks for every text, for numbers that are found as a whole, and for the message
 * and data of a `BatonError`. Images, audio, other binary content and `_meta` pass as they are.
 *
 * Where nothing is to go, the call and the result pass by identity. The tool's schemas have been checked by then or
 * will be by the server, so an argument that it requires must not be removed.
 *
 * @throws {BatonError} when made: `CONFIG_INVALID` for a rule, pattern, path or mask that cannot be used
 * @example
 * ```ts
 * const use = [minimise({ rules: [{ tools: ["crm.*"], removeResults: ["employees.*.salary"], mask: ["email"] }] })];
 * ```
 */
export function minimise(options: MinimiseOptions): Middleware {
  checkOptions("minimise", { rules: options.rules ?? null });
  const rules = options.rules.map((rule) => ({ ...rule, matches: toolMatcher(listOf(rule.tools)) }));
  // So that a fault shows now, and not at the first call of a tool.
  toPlan(rules);
  const plans = new LRUCache<string, Plan>({ max: MOST_TOOLS });

  function planFor({ server, tool }: Call): Plan {
    const name = `${server}.${tool}`;
    let plan = plans.get(name);
    if (plan === undefined) {
      plan = toPlan(rules.filter(({ matches }) => matches(server, tool)));
      plans.set(name, plan);
    }
    return plan;
  }

  return function minimising(call, next) {
    const { sent, given } = planFor(call);
    const args = sent === undefined ? call.args : (cleanValue(call.args, sent) as Call["args"]);
    const handed = args === call.args ? call : { ...call, args };
    return given === undefined ? next(handed) : cleanAnswer(next, handed, given);
  };
}

async function cleanAnswer(next: Handler, call: Call, cleaning: Cleaning): Promise<Result> {
  try {
    return cleanResult(await next(call), cleaning);
  } catch (error) {
    throw cleanError(error, cleaning);
  }
}

function listOf(tools: MinimiseRule["tools"]): readonly string[] {
  return typeof tools === "string" ? [tools] : tools;
}

interface Plan {
  /** What goes from arguments; undefined for nothing. */
  readonly sent: Cleaning | undefined;
  readonly given: Cleaning | undefined;
}

function toPlan(rules: readonly MinimiseRule[]): Plan {
  const masksIn = (place: "arguments" | "results") =>
    rules.flatMap(({ mask = [], in: where = "results" }) =>
      where === place || where === "both" ? mask : [],
    );
  return {
    sent: toCleaning(
      rules.flatMap((rule) => rule.removeArguments ?? []),
      masksIn("arguments"),
    ),
    given: toCleaning(
      rules.flatMap((rule) => rule.removeResults ?? []),
      masksIn("results"),
    ),
  };
}

function toCleaning(paths: readonly string[], masks: readonly string[]): Cleaning | undefined {
  if (paths.length === 0 && masks.length === 0) return undefined;
  return {
    places: parsePaths(paths),
    mask: masks.length === 0 ? undefined : createMask(masks),
    allNumbers: masks.some((mask) => mask.startsWith("/")),
  };
}

function cleanResult(result: Result, cleaning: Cleaning): Result {
  let content: readonly Content[] = result.content.map((block) => cleanBlock(block, cleaning));
  if (content.every((block, index) => block === result.content[index])) content = result.content;
  const { structuredContent } = result;
  const structured = cleanValue(structuredContent, cleaning);
  if (content === result.content && structured === structuredContent) return result;
  return {
    ...result,
    content,
    ...(structured === structuredContent ? {} : { structuredContent: structured }),
  };
}

function cleanBlock(block: Content, cleaning: Cleaning): Content {
  switch (block.type) {
    case "text": {
      const text = cleanText(block.text, cleaning);
      return text === block.text ? block : { ...block, text };
    }
    case "image":
    case "audio":
      return block;
    case "resource": {
      const { uri, text } = block.resource;
      const resource = { ...block.resource, uri: cleaning.mask?.(uri) ?? uri };
      if (text !== undefined) resource.text = cleanText(text, cleaning);
      return resource.uri === uri && resource.text === text ? block : { ...block, resource };
    }
    default:
      // A link, or a kind of a later protocol: no paths of the tool's data hold for it.
      return cleanValue(block, { ...cleaning, places: [] }) as Content;
  }
}
