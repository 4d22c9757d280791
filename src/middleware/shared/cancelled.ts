import type { Call } from "../../core/call.js";
import { BatonError } from "../../core/errors.js";

/** The error of a call that its caller gave up while one of ours held it. */
export function cancelled({ server, tool, signal }: Call, effect: "none" | "possible" = "none"): BatonError {
  return new BatonError("CANCELLED", `server '${server}', tool '${tool}': cancelled by the caller`, {
    cause: signal?.reason,
    effect,
    data: { server, tool },
  });
}
