import type { Caller, Middleware, ToolUse } from "../core/call.js";
import { BatonError } from "../core/errors.js";
import { checkOptions } from "../core/settings.js";
import { isListed, onlyListed } from "./permit/allowlist.js";
import { compileRules, type PermitRule } from "./permit/rules.js";

export { compileRules, type PermitRule, type ToolPatterns, type Verdict } from "./permit/rules.js";

export interface PermitOptions {
  /** Their order does not matter. An empty list allows every tool to everybody. */
  readonly rules: readonly PermitRule[];
}

/**
 * Decides by rules who may use which tool. What a rule denies is denied whatever else allows it, and with one rule
 * or more, what no rule allows is denied. The same decision hides tools from the model when they are loaded and
 * refuses them when they are called, so that a tool that a model names unseen does not run either.
 *
 * A call that carries an `allowlist`, the own tools of an agent, is held to it first, whatever the rules allow.
 *
 * @throws {BatonError} `DENIED` for such a call; `CONFIG_INVALID`, when made, for a rule that cannot be used
 * @example
 * ```ts
 * const rules = [{ allow: "files.*" }, { deny: "files.delete_*" }, { allow: "*.*", permissions: ["admin"] }];
 * const tools = await loadTools(servers, { use: [permit({ rules })] });
 * ```
 */
export function permit({ rules }: PermitOptions): Middleware {
  // An empty list is a fault in a file, where it may be a slip; a program that hands one over means it.
  if (!Array.isArray(rules) || rules.length > 0) checkOptions("permit", { rules: rules ?? null });
  const decide = compileRules(rules);
  const permitting: Middleware = function permitting(call, next) {
    if (!isListed(call)) return Promise.reject(unlisted(call));
    const { allowed, rule } = decide(call);
    return allowed ? next(call) : Promise.reject(denied(call, rule));
  };
  return Object.assign(permitting, {
    allows: (use: ToolUse) => isListed(use) && decide(use).allowed,
    checksAllowlist: true as const,
  });
}

function unlisted({ server, tool, caller, allowlist = [] }: ToolUse): BatonError {
  const agent = caller?.agent;
  return new BatonError("DENIED", `server '${server}', tool '${tool}': ${onlyListed(agent, allowlist)}`, {
    data: { server, tool, agent },
  });
}

/** Names the rule by its place alone: what it says of other tools and callers is nothing for a model to read. */
function denied({ server, tool, caller }: ToolUse, rule: number | undefined): BatonError {
  const reason =
    rule === undefined
      ? `no rule allows it to ${nameOf(caller)}: use another tool, or have a rule that allows it added`
      : `rules[${rule}] denies it to ${nameOf(caller)}: use another tool, or have that rule changed`;
  return new BatonError("DENIED", `server '${server}', tool '${tool}': ${reason}`, {
    data: { server, tool, rule },
  });
}

function nameOf({ agent, user, tenant }: Caller = {}): string {
  const names = Object.entries({ agent, user, tenant }).flatMap(([kind, name]) =>
    name === undefined ? [] : [`${kind} '${name}'`],
  );
  return names.join(", ") || "a caller without a name";
}
