import { randomUUID } from "node:crypto";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { hashJson } from "../../core/canonical.js";
import type { Clock } from "../../core/clock.js";
import { configInvalid } from "../../core/faults.js";
import { type Account, type Budget, mergeSpent, type Spent } from "../../models/budget.js";
import { EMPTY_BOARD } from "../blackboard/merge.js";
import { type Board, type BoardState, createBoard, mergeBoard } from "../blackboard.js";
import { liveOf } from "../live.js";
import { livesOf, stateAt, stepOf, writtenInStep } from "./in-step.js";
import type { Work } from "./task.js";

/** What all that works on one turn shares, in one run of it. */
export interface Turn {
  readonly board: Board;
  readonly account: Account;
  /** False for an account of what stands around this graph: its limit is not ours to raise. */
  readonly ownsAccount: boolean;
}

export interface Turns {
  /** The id of the turn that begins in this step: the same when the step is run again, after an interrupt for example. */
  begin(config: LangGraphRunnableConfig): string;
  /** A run that did not begin the turn, as it was resumed, goes on from what the graph's state says. */
  open(turn: string, config: LangGraphRunnableConfig): Promise<Turn>;
}

export interface TurnsOptions {
  readonly budget: Budget;
  /** Whether the budget was asked for; else it counts only, and what stands around may limit. */
  readonly limited: boolean;
  readonly clock: Clock;
  /** A board that several runs share. @default one for each turn */
  readonly board?: Board;
}

export function createTurns({ budget, limited, clock, board }: TurnsOptions): Turns {
  const turns = new WeakMap<object, Map<string, Promise<Turn>>>();
  return {
    begin(config) {
      checkDurability(config);
      const step = stepOf(config);
      return step === undefined ? randomUUID() : hashJson(step).slice(0, 32);
    },
    open(turn, config) {
      const { run } = livesOf(config);
      const ofRun = turns.get(run) ?? new Map<string, Promise<Turn>>();
      turns.set(run, ofRun);
      const known = ofRun.get(turn);
      if (known !== undefined) return known;
      const opened = openTurn(turn, config);
      ofRun.set(turn, opened);
      opened.catch(() => ofRun.delete(turn));
      return opened;
    },
  };

  async function openTurn(turn: string, config: LangGraphRunnableConfig): Promise<Turn> {
    const around = liveOf(config)?.account;
    const ownsAccount = limited || around === undefined;
    const account = ownsAccount ? await openAccount(turn, config) : around;
    return { board: board ?? (await openBoard(config)), account, ownsAccount };
  }

  async function openAccount(turn: string, config: LangGraphRunnableConfig): Promise<Account> {
    const before = stateAt<Spent>(config, "spent");
    if (stateAt<Work>(config, "work")?.turn === turn) {
      const written = await writtenInStep<Spent>(config, "spent");
      return budget.account(written.reduce<Spent | undefined>(mergeSpent, before));
    }
    // What came before this question is settled, so its messages need not be told apart any more.
    return budget.account(budget.scope === "thread" && before ? { ...before, seen: [] } : undefined);
  }

  async function openBoard(config: LangGraphRunnableConfig): Promise<Board> {
    const before = stateAt<BoardState>(config, "board") ?? EMPTY_BOARD;
    const written = await writtenInStep<BoardState>(config, "board");
    return createBoard({ state: written.reduce(mergeBoard, before), clock });
  }
}

/** LangGraph 1.4.17 then stores delta channels so that a run that is resumed twice never ends reading them. */
function checkDurability(config: LangGraphRunnableConfig): void {
  const isStored = stepOf(config) !== undefined;
  if (!isStored || (config as { durability?: string }).durability !== "exit") return;
  const problem = `must not be "exit", which LangGraph cannot resume these graphs from: use "async" or "sync"`;
  throw configInvalid("the run", [{ path: "durability", problem }]);
}
