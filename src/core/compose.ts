import type { Handler, Middleware } from "./call.js";

/**
 * One handler out of many middleware and the handler that they protect. The first listed is the outermost.
 *
 * @example
 * ```ts
 * const handler = compose([audit, retry, timeout], (call) => server.call(call));
 * ```
 */
export function compose(middleware: readonly Middleware[], handler: Handler): Handler {
  // Built inside out, once, so that a call walks closures and no index.
  return middleware.reduceRight<Handler>((next, wrap) => (call) => wrap(call, next), handler);
}
