import { AIMessage } from "@langchain/core/messages";
import { estimateTokenCount } from "tokenx";
import { BatonError } from "../../core/errors.js";
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
import { type Frame, frameOf, inFrame } from "./frame.js";
import { BudgetHandler, type Calls } from "./handler.js";
import { createLedger, type Reservation } from "./ledger.js";
import { addCall, budgetReport, describeSpent, emptyRow, keyOf, type Spent, type SpentRow } from "./spent.js";

export interface AccountOptions {
  readonly spent: Spent;
  readonly prices: Prices;
  readonly maxOutputTokens: number;
  /** Told after each call. */
  readonly onSpent: (account: Account, share: number) => void;
}

interface OpenRun {
  readonly agent: string;
  readonly model: string;
  readonly parentRunId: string | undefined;
  readonly held: Reservation;
  /** An estimate costs more than many a call of ours: made when it is needed. */
  readonly estimateInput: () => number;
  readonly frame: Frame | undefined;
  written: string;
}

/** An estimate that is off by more than this says more of the estimate than of the model. */
const GREATEST_CORRECTION = 4;

export function openAccount({ spent: first, prices, maxOutputTokens, onSpent }: AccountOptions): Account {
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
      const planned = call === undefined ? undefined : await reserve(agent, call);
      return inFrame({ account, agent, planned }, async (frame) => {
        try {
          return await run(
            isLimited() ? (planned?.outputTokens ?? maxOutputTokens) : Number.POSITIVE_INFINITY,
          );
        } finally {
          if (frame.planned !== undefined) free(frame.planned);
          for (const [runId, each] of open) if (each.frame === frame) calls.fail(runId, undefined);
        }
      });
    },
  };

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
      const call = {
        model,
        inputTokens: isLimited() ? estimateOnce() : 0,
        outputTokens: startedMaxOutput(facts) ?? maxOutputTokens,
        signal: (facts.extra?.options as { signal?: AbortSignal } | undefined)?.signal,
      };
      const planned = frame?.planned;
      if (frame !== undefined) frame.planned = undefined;
      // Before it waits: another handler of this account may be told of the same call.
      inner.add(runId);
      try {
        const held = await take(planned, by, call);
        open.set(runId, {
          agent: by,
          model,
          parentRunId,
          held,
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
      if (run !== undefined) run.written += text;
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
      if (isUnbilled(error)) free(run.held);
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

  async function reserve(agent: string, call: PlannedCall): Promise<Reservation> {
    const want = wantOf(call);
    for (;;) {
      call.signal?.throwIfAborted();
      const result = ledger.reserve(want);
      if (result === "refused") throw exceeded(agent, call);
      if (result !== "wait") return result;
      await changes.next(call.signal);
    }
  }

  /**
   * What was planned for a call, when it covers it. Else it is freed first, so that a call never waits for itself; and the
   * call was told how much it may write, so that less would not hold it.
   */
  async function take(
    planned: Reservation | undefined,
    agent: string,
    call: PlannedCall,
  ): Promise<Reservation> {
    if (planned === undefined) return reserve(agent, call);
    let fits = false;
    try {
      fits = covers(planned, call);
    } finally {
      if (!fits) free(planned);
    }
    if (fits) return planned;
    const outputTokens = Math.min(call.outputTokens, planned.outputTokens);
    const held = await reserve(agent, { ...call, outputTokens });
    if (held.outputTokens === outputTokens) return held;
    free(held);
    throw exceeded(agent, call);
  }

  function wantOf({ model, inputTokens, outputTokens }: PlannedCall) {
    const corrected = Math.ceil(inputTokens * (corrections.get(model) ?? 1));
    return { inputTokens: corrected, outputTokens, price: pricedFor(model) };
  }

  /** A reservation was made for this very call, unless what runs between made it longer or changed the model. */
  function covers(held: Reservation, call: PlannedCall): boolean {
    const { inputTokens, price = FREE } = wantOf(call);
    const cost = costUsd(plain(inputTokens, held.outputTokens), price);
    return inputTokens <= held.inputTokens && cost <= held.costUsd * (1 + Number.EPSILON * 8);
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
    onSpent(account, ledger.share());
    changes.announce();
  }

  function free(held: Reservation): void {
    ledger.settle(held, { tokens: 0, costUsd: 0 });
    changes.announce();
  }

  function modelOf(agent: string): string {
    const own = [...rows.values()].filter((row) => row.agent === agent);
    return own.length === 1 ? (own[0]?.model ?? "unknown") : "unknown";
  }

  function exceeded(agent: string, { model, inputTokens }: PlannedCall): BatonError {
    const { totals: spent } = account.report();
    const limit = ledger.limits();
    const message = `the budget is used up: ${describeSpent(account.spent())}; the next call, of '${model}' for '${agent}', needs about ${inputTokens} tokens for its input alone. Allow more, or ask for less`;
    return new BatonError("BUDGET_EXCEEDED", message, {
      data: { spent, limit, agent, model, account: account.id },
    });
  }

  return account;
}

const FREE = { input: 0, output: 0 };
