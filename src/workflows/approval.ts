import type { Risk } from "../middleware/approve.js";

/** Who agreed, and when, in milliseconds since the epoch. */
export interface Agreement {
  readonly by?: string | undefined;
  readonly at: number;
}

/**
 * What a workflow asks a person: LangChain's human-in-the-loop request, with one action, so that every client of
 * `humanInTheLoopMiddleware` can show and answer it. The other keys are more than such a client needs.
 */
export interface ApprovalQuestion {
  readonly actionRequests: readonly [
    {
      /** The tool that waits for the approval, `server.tool`, or the approval's own name when it is not just one. */
      readonly name: string;
      /** What is agreed to. */
      readonly args: Readonly<Record<string, unknown>>;
      readonly description: string;
    },
  ];
  readonly reviewConfigs: readonly [
    {
      readonly actionName: string;
      /** An edit changes the arguments of the one tool call that waits; where it is not just one there is none. */
      readonly allowedDecisions: readonly ("approve" | "edit" | "reject")[];
    },
  ];
  readonly workflow: string;
  /** Id of the run. */
  readonly run: string;
  readonly step: string;
  readonly risk: Risk;
  /** Names of those who may decide, with `*`; undefined for anybody. */
  readonly by?: readonly string[];
  /** How many people must agree. */
  readonly people: number;
  /** Who has. */
  readonly agreed: readonly Agreement[];
  /** Stands for this question and these arguments alone. A decision may repeat it, and then counts for nothing else. */
  readonly hash: string;
  /** Milliseconds since the epoch: then it is rejected. */
  readonly expiresAt: number;
}
