import { MiddlewareError } from "langchain";
import { isBatonError } from "../core/errors.js";

/** A middleware's error comes wrapped, once for each around it, and without its code; ours are for callers to branch on. */
export function unwrapped(error: unknown): unknown {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    if (isBatonError(inner) && inner.code !== undefined) return inner;
    if (!MiddlewareError.isInstance(inner)) break;
  }
  return error;
}
