import type { Middleware } from "../../core/call.js";
import { permit } from "../permit.js";

const listAlone = permit({ rules: [] });

/**
 * The same middleware, so that no call gets past its `allowlist`. Where nothing checks it, it is checked before all
 * else. Innermost it is checked once more: a part inside of the rules, a hedge for example, may lead to another tool.
 */
export function holdToAllowlist(use: readonly Middleware[]): readonly Middleware[] {
  const isChecked = use.some(({ checksAllowlist }) => checksAllowlist === true);
  return [...(isChecked ? [] : [listAlone]), ...use, listAlone];
}
