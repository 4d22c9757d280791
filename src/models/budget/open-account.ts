import { AIMessage } from "@langchain/core/messages";
import { estimateTokenCount } from "tokenx";
import { type Clock, systemClock } from "../../core/clock.js";
import { costUsd, type Prices, priceOf, type TokenUsage, unknownPrice } from "../prices.js";
import type { Account, PlannedCall } from "./account.js";
import {
  isUnbilled,
  plain,
  startedMaxOutput,
  startedModel,
  startedTools,
  usageOf,
  usedBy,
} from "./call-facts.js";
import { createChanges } from "./changes.js";
import { estimateInput } from "./estimate.js";
import { exceeded } from "./exceeded.js";
import { type Frame, frameOf, inFrame } from "./frame.js";
import { BudgetHandler, type Calls } from "./handler.js";
import { createHolding, type Running } from "./holding.js";
import { createLedger, type Reservation } from "./ledger.js";
import { addCall, budgetReport, emptyRow, keyOf, type Spent, type SpentRow } from "./spent.js";

export interface AccountOptions {
  readonly spent: Spent;
  readonly prices: Prices;
  readonly maxOutputTokens: number;
  /** Told after each call. */
  readonly onSpent: (account: Account, share: number) => void;
  readonly clock?: Clock;
}

interface OpenRun extends Running {
  readonly agent: string;
  readonly model: string;
  readonly parentRunId: string | undefined;
  /** An estimate costs more than many a call of ours: made when it is needed. */
  readonly estimateInput: () => number;
}

/** An estimate that is off by more than this says more of the estimate than of the model. */
const GREATEST_CORRECTION = 4;

export function openAccount(options: AccountOptions): Account {
  const { spent: first, prices, maxOutputTokens, onSpent, clock = systemClock } = options;
  const rows = new Map(first.rows.map((row) => [keyOf(row), priced(row)]));
  const seen = new Set(first.seen);
  const open = new Map<string, OpenRun>();
  /** Calls that a model makes of another to answer: the outer one says what both used. */
  const inner = new Set<string>();
  const corrections = new Map<string, number>();
  const changes = createChanges();
  const { totals } = budgetReport({ rows: [...rows.values()] });
  let { raised } = first;
  const ledger = createLedger(first.limits, { tokens: totals.totalTokens, costUsd: totals.costUsd ?? 0 });

  const account: Account = {
    id: first.id,
    handler: (agent) => new BudgetHandler(first.id, agent, calls),
    spent: () => ({
      id: first.id,
      rows: [...rows.values()],
      limits: ledger.limits(),
      raised,
      seen: [...seen],
    }),
    remaining: () => ledger.left(),
    limits: () => ledger.limits(),
    isLimited,
    share: () => ledger.share(),
    report: () => budgetReport({ rows: [...rows.values()] }),
    countMissing(messages, agent) {
      let missing = 0;
      for (const message of messages) {
        if (!AIMessage.isInstance(message) || message.usage_metadata === undefined) continue;
        if (message.id === undefined || seen.has(message.id)) continue;
        const { model_name: name, model = name } = message.response_metadata as Record<string, unknown>;
        const known = typeof model === "string" ? model : modelOf(agent);
        pricedFor(known);
        count(agent, known, undefined, usageOf(message as AIMessage), false, message.id);
        missing++;
      }
      return missing;
    },
    raise(limits) {
      raised = true;
      ledger.raise(limits);
      changes.announce();
    },
    async run(agent, call, run) {
      const planned = call === undefined ? undefined : await reserve(agent, call, frameOf(account));
      return inFrame({ account, agent, planned }, async (frame) => {
        try {
          return await run(
            isLimited() ? (planned?.outputTokens ?? maxOutputTokens) : Number.POSITIVE_INFINITY,
          );
        } finally {
          if (frame.planned !== undefined) holding.free(frame.planned);
          for (const [runId, each] of open) if (each.frame === frame) calls.fail(runId, undefined);
        }
      });
    },
  };

  const holding = createHolding({ account, ledger, changes, clock, running: () => open.values() });

  const calls: Calls = {
    async start({ runId, parentRunId, agent, messages, facts }) {
      if (open.has(runId) || inner.has(runId)) return;
      if (parentRunId !== undefined && (open.has(parentRunId) || inner.has(parentRunId))) {
        inner.add(runId);
        return;
      }
      const frame = frameOf(account);
      const by = frame?.agent ?? agent;
      const model = startedModel(facts);
      let estimate: number | undefined;
      const estimateOnce = () => (estimate ??= estimateInput(messages, startedTools(facts)));
      const planned = frame?.planned;
      const call = {
        model,
        inputTokens: isLimited() ? estimateOnce() : 0,
        outputTokens: startedMaxOutput(facts) ?? planned?.outputTokens ?? maxOutputTokens,
        signal: (facts.extra?.options as { signal?: AbortSignal } | undefined)?.signal,
      };
      if (frame !== undefined) frame.planned = undefined;
      // Before it waits: another handler of this account may be told of the same call.
      inner.add(runId);
      try {
        const held = await take(planned, by, call, frame);
        open.set(runId, {
          agent: by,
          model,
          parentRunId,
          held,
          lastSign: clock.now(),
          estimateInput: estimateOnce,
          frame,
          written: "",
        });
      } finally {
        inner.delete(runId);
      }
    },
    wrote(runId, text) {
      const run = open.get(runId);
      if (run === undefined) return;
      run.written += text;
      run.lastSign = clock.now();
    },
    end(runId, output) {
      inner.delete(runId);
      const run = open.get(runId);
      if (run === undefined) return;
      open.delete(runId);
      const { usage, estimated, messageId } = usedBy(output, run.estimateInput);
      if (isLimited()) {
        const ratio = estimated ? 1 : usage.inputTokens / Math.max(1, run.estimateInput());
        corrections.set(run.model, Math.min(GREATEST_CORRECTION, Math.max(1, ratio)));
      }
      count(run.agent, run.model, run.held, usage, estimated, messageId);
    },
    fail(runId, error) {
      inner.delete(runId);
      const run = open.get(runId);
      if (run === undefined) return;
      open.delete(runId);
      if (isUnbilled(error)) holding.free(run.held);
      else {
        const usage = plain(run.estimateInput(), estimateTokenCount(run.written));
        count(run.agent, run.model, run.held, usage, true, undefined);
      }
    },
    failWithin(parentRunId, error) {
      for (const [runId, run] of open) if (run.parentRunId === parentRunId) calls.fail(runId, error);
    },
  };

  function isLimited(): boolean {
    return Object.keys(ledger.limits()).length > 0;
  }

  async function reserve(agent: string, call: PlannedCall, frame: Frame | undefined): Promise<Reservation> {
    const held = await holding.hold(wantOf(call), frame, call.signal);
    if (held === "refused") throw refused(agent, call);
    return held;
  }

  /** What was planned for a call, when it covers it. Else it is freed first, so that a call never waits for itself. */
  async function take(
    planned: Reservation | undefined,
    agent: string,
    call: PlannedCall,
    frame: Frame | undefined,
  ): Promise<Reservation> {
    if (planned === undefined) return reserve(agent, call, frame);
    let fits = false;
    try {
      fits = covers(planned, call);
    } finally {
      if (!fits) holding.free(planned);
    }
    return fits ? planned : reserve(agent, call, frame);
  }

  function wantOf({ model, inputTokens, outputTokens, leastOutputTokens }: PlannedCall) {
    const corrected = Math.ceil(inputTokens * (corrections.get(model) ?? 1));
    return { inputTokens: corrected, outputTokens, leastOutputTokens, price: pricedFor(model) };
  }

  /** A reservation was made for this very call, unless what runs between made it longer or changed the model. */
  function covers(held: Reservation, call: PlannedCall): boolean {
    const { inputTokens, outputTokens, price = FREE } = wantOf(call);
    const cost = costUsd(plain(inputTokens, held.outputTokens), price);
    const fits = inputTokens <= held.inputTokens && outputTokens <= held.outputTokens;
    return fits && cost <= held.costUsd * (1 + Number.EPSILON * 8);
  }

  function pricedFor(model: string) {
    const price = priceOf(model, prices);
    if (price === undefined && ledger.limits().maxUsd !== undefined)
      throw unknownPrice("createBudget()", model);
    return price;
  }

  /** What was spent at a price that was not known then. */
  function priced(row: SpentRow): SpentRow {
    if (row.costUsd !== null) return row;
    const price = priceOf(row.model, prices);
    if (price === undefined && first.limits.maxUsd !== undefined)
      throw unknownPrice("createBudget()", row.model);
    return price === undefined ? row : { ...row, costUsd: costUsd({ ...row, cacheWriteTokens: 0 }, price) };
  }

  function count(
    agent: string,
    model: string,
    held: Reservation | undefined,
    usage: TokenUsage,
    estimated: boolean,
    messageId: string | undefined,
  ): void {
    const price = priceOf(model, prices);
    const cost = price === undefined ? undefined : costUsd(usage, price);
    const key = keyOf({ agent, model });
    rows.set(key, addCall(rows.get(key) ?? emptyRow(agent, model), usage, cost, estimated));
    if (messageId !== undefined) seen.add(messageId);
    ledger.settle(held, { tokens: usage.inputTokens + usage.outputTokens, costUsd: cost ?? 0 });
    // First those that wait: what is told may throw.
    changes.announce();
    onSpent(account, ledger.share());
  }

  function modelOf(agent: string): string {
    const own = [...rows.values()].filter((row) => row.agent === agent);
    return own.length === 1 ? (own[0]?.model ?? "unknown") : "unknown";
  }

  function refused(agent: string, call: PlannedCall) {
    const { inputTokens, outputTokens, leastOutputTokens = outputTokens, price } = wantOf(call);
    const cost = price && costUsd(plain(inputTokens, leastOutputTokens), price);
    return exceeded(account, agent, call, {
      inputTokens,
      outputTokens: leastOutputTokens,
      ...(cost !== undefined && { costUsd: cost }),
    });
  }

  return account;
}

const FREE = { input: 0, output: 0 };
