import type { Clock } from "../../core/clock.js";
import type { Call } from "./plan.js";
import type { JsonSchema } from "./schema.js";

/** What the model says: calls, or a text. */
export interface Reply {
  readonly text: string;
  readonly calls: readonly Call[];
  /** Fields of a form for which the conversation held nothing. */
  readonly unfilled?: readonly string[];
}

export interface RespondOptions {
  readonly clock: Pick<Clock, "now">;
  readonly maxCalls: number;
  /** `tool_choice` as the caller gave it. */
  readonly toolChoice: unknown;
  /** The answer has to be JSON of this schema. */
  readonly answerSchema: JsonSchema | undefined;
}
