import { isBatonError, isInterrupt } from "../core/errors.js";
import type { Obtained, Result } from "../core/result.js";
import { OTHER_ERROR, TOOL_ERROR } from "./names.js";

/** How a call ended, as spans, metrics and timelines tell it: names and numbers, no content. */
export interface Outcome {
  /** Absent for a success and for an interrupt. */
  readonly errorType?: string;
  /** Code of the server's JSON-RPC error. */
  readonly rpcCode?: string;
  /** A graph stopped here, to go on later: no failure. */
  readonly interrupted?: boolean;
  readonly obtained: Obtained;
}

const PLAIN: Outcome = Object.freeze({ obtained: Object.freeze({}) });
/** What a class is called; a message that somebody made a name is none. */
const CLASS_NAME = /^[A-Za-z_$][\w$]{0,63}$/;

export function outcomeOf({ isError, obtained }: Result): Outcome {
  // A healthy first try is nearly every call.
  if (isError !== true) return obtained === undefined ? PLAIN : { obtained };
  return { errorType: TOOL_ERROR, obtained: obtained ?? PLAIN.obtained };
}

/** The outcome of a call that threw: `BatonError`s go by their code, others by the name of their class. */
export function outcomeOfError(error: unknown): Outcome {
  if (isInterrupt(error)) return { interrupted: true, obtained: PLAIN.obtained };
  if (isBatonError(error)) {
    const { attempts, rpcCode } = error.data;
    return {
      errorType: error.code,
      ...(typeof rpcCode === "number" && { rpcCode: String(rpcCode) }),
      obtained: typeof attempts === "number" ? { attempts } : PLAIN.obtained,
    };
  }
  const name = error instanceof Error && CLASS_NAME.test(error.name) ? error.name : OTHER_ERROR;
  return { errorType: name, obtained: PLAIN.obtained };
}
