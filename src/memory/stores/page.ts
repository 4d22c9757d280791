import { BatonError } from "../../core/errors.js";

/** Which part of the answers is wanted. */
export interface Page {
  readonly offset: number;
  /** May be `Infinity`: all. */
  readonly limit: number;
}

/** @throws BatonError `INVALID_ARGUMENTS` for what is no count. */
export function pageOf(
  operation: { readonly offset?: number | undefined; readonly limit?: number | undefined },
  defaultLimit: number,
): Page {
  const { offset = 0, limit = defaultLimit } = operation;
  for (const [name, count] of Object.entries({ offset, limit }))
    if (!(Number.isInteger(count) && count >= 0) && !(name === "limit" && count === Number.POSITIVE_INFINITY))
      throw new BatonError(
        "INVALID_ARGUMENTS",
        `${name} of a store's search has to be a whole number from 0`,
        {
          data: { issues: [`${name}: ${String(count)}`] },
        },
      );
  return { offset, limit };
}
