import type { BaseStore } from "@langchain/langgraph";
import { StateSchema } from "@langchain/langgraph";
import { type AgentMiddleware, createMiddleware } from "langchain";
import { z } from "zod";
import { type Clock, systemClock } from "../core/clock.js";
import { type Fault, throwFaults, unknownKeys } from "../core/faults.js";
import { encodeNamespace } from "../memory/namespace.js";
import { isName, LIMITS } from "./blackboard/entries.js";
import { inMemory } from "./blackboard/in-memory.js";
import { inStore } from "./blackboard/in-store.js";
import { EMPTY_BOARD } from "./blackboard/merge.js";
import { boardState, findingSchema, requestSchema } from "./blackboard/state.js";
import { type BlackboardOptions, boardTools } from "./blackboard/tools.js";
import type { Board, BoardState } from "./blackboard/types.js";

export { mergeBoard } from "./blackboard/merge.js";
export { renderFindings } from "./blackboard/render.js";
export type { BlackboardOptions } from "./blackboard/tools.js";
export type {
  Answer,
  Board,
  BoardRequest,
  BoardState,
  Finding,
  FindingFilter,
  NewFinding,
  NewRequest,
  RequestFilter,
  RequestStatus,
  Source,
} from "./blackboard/types.js";
export { boardState, boardTools };

export interface BoardOptions {
  /** What the board holds from the start, as a checkpoint kept it. Not together with a store, which keeps it. @default nothing */
  readonly state?: BoardState;
  /** Where the board lives, for several runs and processes to share it. @default this process */
  readonly store?: BaseStore;
  /** Which board of the store. @default `["board"]` */
  readonly namespace?: readonly string[];
  /** @default systemClock */
  readonly clock?: Clock;
}

/**
 * A board on which agents share findings and requests. The same finding is there once, whoever posts it; findings that
 * differ are all kept, under one key too; a request is taken by one agent alone.
 *
 * @throws BatonError `CONFIG_INVALID`
 * @example
 * ```ts
 * const board = createBoard({ store: sqliteStore("board.db"), namespace: ["projects", "atlas"] });
 * await board.post({ key: "headcount", value: 128, author: "analyst", sources: [{ label: "table employees" }] });
 * ```
 */
export function createBoard(options: BoardOptions = {}): Board {
  throwFaults("createBoard()", [
    ...unknownKeys("", options, ["state", "store", "namespace", "clock"]),
    ...findFaults(options),
  ]);
  const { state = EMPTY_BOARD, store, namespace = ["board"], clock = systemClock } = options;
  return store ? inStore(store, encodeNamespace(namespace), clock) : inMemory(state, clock);
}

/**
 * Agent middleware that gives an agent a board: `board` in its state and the tools `post_finding`, `read_findings`,
 * `ask_others`, `take_request` and `finish_request`. Alone, an agent has its thread's own board.
 *
 * @throws BatonError `CONFIG_INVALID`
 * @example
 * ```ts
 * const agent = createReact({ model, tools, middleware: [blackboard({ board, agent: "analyst" })] });
 * ```
 */
export function blackboard(options: BlackboardOptions = {}): AgentMiddleware {
  const { agent, board } = options;
  throwFaults("blackboard()", [
    ...unknownKeys("", options, ["board", "agent"]),
    ...(board === undefined || typeof board?.post === "function"
      ? []
      : [{ path: "board", problem: "must be a board, as createBoard() makes it" }]),
    ...(agent === undefined || isName(agent)
      ? []
      : [{ path: "agent", problem: `must be a text of one line, of 1 to ${LIMITS.name} characters` }]),
  ]);
  return createMiddleware({
    name: "blackboard",
    stateSchema: new StateSchema({ board: boardState }),
    tools: [...boardTools(options)],
  });
}

function findFaults({ state, store, namespace }: BoardOptions): readonly Fault[] {
  const isLabels = (labels: readonly unknown[]) =>
    labels.length > 0 && labels.every((label) => typeof label === "string" && label !== "");
  return [
    ...(state !== undefined && store !== undefined
      ? [
          {
            path: "state",
            problem: "cannot be given with a store, which keeps it: merge() it into the board",
          },
        ]
      : []),
    ...(state === undefined ? [] : stateFaults(state)),
    ...(store !== undefined && typeof store?.batch !== "function"
      ? [{ path: "store", problem: "must be a LangGraph store" }]
      : []),
    ...(namespace !== undefined && store === undefined
      ? [{ path: "namespace", problem: "is a store's: give a store as well" }]
      : []),
    ...(namespace !== undefined && !(Array.isArray(namespace) && isLabels(namespace))
      ? [
          {
            path: "namespace",
            problem: 'must be a list of at least one label, such as ["projects", "atlas"]',
          },
        ]
      : []),
  ];
}

/** Of many faults the first ones say what is wrong. */
const MOST_FAULTS = 10;

function stateFaults(state: BoardState): readonly Fault[] {
  if (!(Array.isArray(state?.findings) && Array.isArray(state.requests)))
    return [{ path: "state", problem: "must have findings and requests, both lists" }];
  const { error } = z
    .object({ findings: z.array(findingSchema), requests: z.array(requestSchema) })
    .safeParse(state);
  return (error?.issues ?? []).slice(0, MOST_FAULTS).map(({ path, message }) => ({
    path: z.core.toDotPath(["state", ...path]),
    problem: `is not as a board kept it: ${message}`,
  }));
}
