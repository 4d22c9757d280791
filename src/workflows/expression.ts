import jsonata from "jsonata";
import { BatonError } from "../core/errors.js";
import { configInvalid } from "../core/faults.js";

export interface EvaluateOptions {
  /** What `$now()` and `$millis()` say, in milliseconds since the epoch: an expression that is evaluated again, after a crash, then gives the same. @default now */
  readonly at?: number;
  /** What `$random()` gives. @default Math.random */
  readonly random?: () => number;
}

/** A compiled JSONata expression. */
export interface Expression {
  readonly text: string;
  /**
   * Plain JSON; null where the expression finds nothing.
   *
   * @throws {BatonError} `INVALID_ARGUMENTS` when it fails, takes longer than a second or recurses too deep
   */
  evaluate(context: object, options?: EvaluateOptions): Promise<unknown>;
}

const LONGEST_MS = 1000;
const DEEPEST = 500;
const LONGEST_SEQUENCE = 100_000;
const LIMITS = { timeout: LONGEST_MS, stack: DEEPEST, sequence: LONGEST_SEQUENCE };

/** `$now()` and `$random()` are ours only here: with a picture JSONata formats the time itself. */
const formatted = jsonata("$fromMillis(millis, picture, timezone)");

/**
 * Compiles a JSONata expression, as workflows, rules and schedules have them. Bounded in time and depth.
 *
 * @param where what the error says it is of: `step 'order', args`
 * @throws {BatonError} `CONFIG_INVALID` with the position of what cannot be read
 */
export function compileExpression(text: string, where = "the expression"): Expression {
  let compiled: jsonata.Expression;
  try {
    compiled = jsonata(text, LIMITS);
  } catch (error) {
    throw configInvalid(where, [{ path: "", problem: describe(error, text) }]);
  }
  return {
    text,
    async evaluate(context, { at = Date.now(), random = Math.random } = {}) {
      const bindings = {
        now: (picture?: string, timezone?: string) =>
          picture === undefined
            ? new Date(at).toISOString()
            : formatted.evaluate({ millis: at, picture, timezone }),
        millis: () => at,
        random,
      };
      try {
        return toJson(await inTurn(() => compiled.evaluate(context, bindings)));
      } catch (error) {
        const problem = `${where} could not be evaluated: ${describe(error, text)}`;
        throw new BatonError("INVALID_ARGUMENTS", problem, { cause: error, data: { expression: text } });
      }
    },
  };
}

let last: Promise<unknown> = Promise.resolve();

/** One after the other: their time is that of the clock on the wall, which many at once would share. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const working = last.then(work);
  last = working.catch(() => {});
  return working;
}

/** Without what JSONata hides in its lists; functions and undefined become null. */
function toJson(value: unknown): unknown {
  const json = JSON.stringify(value);
  return json === undefined ? null : JSON.parse(json);
}

function describe(error: unknown, text: string): string {
  const { message, position, code } = error as { message?: string; position?: number; code?: string };
  const near = position === undefined ? "" : `, at character ${position}`;
  const which = code === undefined ? "" : ` (JSONata ${code})`;
  return `${message ?? String(error)}${which}${near} of ${JSON.stringify(text)}`;
}
