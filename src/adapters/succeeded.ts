import { BatonError } from "../core/errors.js";
import { showHidden } from "../core/hidden.js";
import { type Result, resultText } from "../core/result.js";

/**
 * The result for code, for which a tool that ran and failed is an error like any other.
 *
 * @throws {BatonError} `UPSTREAM`, with `data.result`
 */
export function succeeded(server: string, tool: string, result: Result): Result {
  if (!result.isError) return result;
  const reason = showHidden(resultText(result)) || "it gave no reason";
  const problem = `server '${server}', tool '${tool}' failed: ${reason}`;
  throw new BatonError("UPSTREAM", problem, { effect: "possible", data: { server, tool, result } });
}
