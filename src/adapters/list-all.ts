import { type BatonError, isBatonError } from "../core/errors.js";
import { emitWarning } from "../core/warning.js";
import type { Server } from "../mcp/server.js";

export interface ListOptions {
  /** Hears of each server, and each tool, that was left out, and why. Must not throw. @default a Node warning */
  readonly onWarning?: ((warning: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What one server listed. */
export interface Listed<T> {
  readonly server: Server;
  readonly items: readonly T[];
}

/**
 * Lists all servers at once, in their order. A server that is down costs a warning, not the others.
 *
 * @param what the plural of what is listed, for the warning
 * @throws {BatonError} when no server could be listed, what the first of them failed with; `CANCELLED` by `signal`
 */
export async function listAll<T>(
  servers: readonly Server[],
  what: string,
  list: (server: Server) => Promise<readonly T[]>,
  { onWarning = warnLeftOut, signal }: ListOptions,
): Promise<readonly Listed<T>[]> {
  const outcomes = await Promise.all(
    servers.map(async (server): Promise<Listed<T> | BatonError> => {
      try {
        return { server, items: await list(server) };
      } catch (error) {
        if (!isBatonError(error) || signal?.aborted) throw error;
        return error;
      }
    }),
  );
  const failures = outcomes.filter((outcome) => isBatonError(outcome));
  const [first] = failures;
  if (first !== undefined && failures.length === servers.length) throw first;
  for (const failure of failures) onWarning(`its ${what} are left out: ${failure.message}`);
  return outcomes.filter((outcome): outcome is Listed<T> => !isBatonError(outcome));
}

/** The default of `onWarning`. */
export function warnLeftOut(warning: string): void {
  emitWarning(warning, "LEFT_OUT");
}
