import type { Caller, ToolUse } from "../../core/call.js";
import { toolMatcher } from "../../core/pattern.js";
import { perTool } from "../shared/per-tool.js";

/** One pattern or several: `server.tool`, where `*` on either side stands for any characters. */
export type ToolPatterns = string | readonly string[];

interface Who {
  /** Only these agents. @default any */
  readonly agents?: readonly string[];
  /** Only these users. @default any */
  readonly users?: readonly string[];
  /** Only these tenants. @default any */
  readonly tenants?: readonly string[];
  /** Only callers that have at least one of these. @default any */
  readonly permissions?: readonly string[];
}

/**
 * Allows or denies tools, to everybody or to callers that meet every condition given. Names are exact. A caller
 * of whom nothing is known meets no condition, so a rule that denies to some never stops it: allow to some instead.
 */
export type PermitRule = Who &
  (
    | { readonly allow: ToolPatterns; readonly deny?: never }
    | { readonly deny: ToolPatterns; readonly allow?: never }
  );

/** What the rules say of one caller and one tool. */
export interface Verdict {
  readonly allowed: boolean;
  /** Index of the rule that decided; absent when none spoke for the tool, or when there are none at all. */
  readonly rule?: number;
}

/**
 * What the rules say of a tool and who would use it. A rule that denies wins over all that allow, in whatever order;
 * with one rule or more, what none allows is denied. **No rules allow everything.**
 *
 * @throws {BatonError} `CONFIG_INVALID` for a pattern that is not `server.tool`
 */
export function compileRules(rules: readonly PermitRule[]): (use: ToolUse) => Verdict {
  const compiled = rules.map(compileRule);
  const ordered = [...compiled.filter(denies), ...compiled.filter((rule) => !denies(rule))];
  const otherwise: Verdict = { allowed: rules.length === 0 };
  if (rules.length === 0) return () => otherwise;
  const speaking = perTool((server, tool) => ordered.filter(({ names }) => names(server, tool)));
  return ({ server, tool, caller }) => {
    for (const { verdict, isFor } of speaking(server, tool)) if (isFor(caller)) return verdict;
    return otherwise;
  };
}

interface Compiled {
  readonly verdict: Verdict;
  readonly names: (server: string, tool: string) => boolean;
  readonly isFor: (caller: Caller | undefined) => boolean;
}

const denies = ({ verdict }: Compiled): boolean => !verdict.allowed;

function compileRule(rule: PermitRule, index: number): Compiled {
  const patterns: ToolPatterns = rule.deny ?? rule.allow ?? [];
  return {
    verdict: { allowed: rule.deny === undefined, rule: index },
    names: toolMatcher(typeof patterns === "string" ? [patterns] : patterns),
    isFor: compileWho(rule),
  };
}

function compileWho({ agents, users, tenants, permissions }: Who): (caller: Caller | undefined) => boolean {
  if ((agents ?? users ?? tenants ?? permissions) === undefined) return () => true;
  return (caller = {}) =>
    isOneOf(agents, caller.agent) &&
    isOneOf(users, caller.user) &&
    isOneOf(tenants, caller.tenant) &&
    (permissions === undefined || (caller.permissions?.some((held) => permissions.includes(held)) ?? false));
}

function isOneOf(names: readonly string[] | undefined, name: string | undefined): boolean {
  return names === undefined || (name !== undefined && names.includes(name));
}
