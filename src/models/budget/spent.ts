import type { TokenUsage } from "../prices.js";

export interface Limits {
  readonly maxTokens?: number;
  readonly maxUsd?: number;
}

/** What one agent spent on one model. */
export interface SpentRow {
  readonly agent: string;
  readonly model: string;
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Part of `inputTokens`. */
  readonly cachedInputTokens: number;
  /** Null when a price is not known. */
  readonly costUsd: number | null;
  /** Calls whose tokens the provider did not say, so that they are estimates. */
  readonly estimatedCalls: number;
}

/** What an account has spent, as plain JSON for the state of a graph. It only ever grows. */
export interface Spent {
  /** Of the account: one run, or one thread. */
  readonly id: string;
  readonly rows: readonly SpentRow[];
  /** The limits in force, which a person may have raised. */
  readonly limits: Limits;
  /** A person raised them: they hold whatever the budget itself says. */
  readonly raised: boolean;
  /** The ids of the messages that are counted. */
  readonly seen: readonly string[];
}

export interface SpentTotals {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly totalTokens: number;
  readonly cachedInputTokens: number;
  /** Null when a price is not known. */
  readonly costUsd: number | null;
  readonly estimatedCalls: number;
}

export interface BudgetReport {
  readonly totals: SpentTotals;
  readonly byModel: Readonly<Record<string, SpentTotals>>;
  readonly byAgent: Readonly<Record<string, SpentTotals>>;
  readonly calls: number;
}

/**
 * Two states of one account as one: of each number the greater, as an account only grows. So parallel branches may each
 * write what the whole account has spent. Of two accounts, the second: a new run has begun.
 */
export function mergeSpent(before: Spent | undefined, after: Spent | undefined): Spent | undefined {
  if (before === undefined || after === undefined || before.id !== after.id) return after ?? before;
  const rows = new Map(before.rows.map((row) => [keyOf(row), row]));
  for (const row of after.rows) {
    const other = rows.get(keyOf(row));
    rows.set(keyOf(row), other === undefined ? row : greater(other, row));
  }
  return {
    id: after.id,
    limits: limitsOf(before, after),
    raised: before.raised || after.raised,
    rows: [...rows.values()],
    seen: [...new Set([...before.seen, ...after.seen])],
  };
}

/** Totals, by model and by agent. Undefined counts as nothing spent. */
export function budgetReport(spent: Pick<Spent, "rows"> | undefined): BudgetReport {
  const rows = spent?.rows ?? [];
  const totals = total(rows);
  return { totals, byModel: by("model", rows), byAgent: by("agent", rows), calls: totals.calls };
}

/** "9,800 of 10,000 tokens, 0.12 of 0.10 USD" */
export function describeSpent({ rows, limits }: Spent): string {
  const { totalTokens, costUsd: cost } = budgetReport({ rows }).totals;
  const { maxTokens, maxUsd } = limits;
  const money = cost === null ? "an unknown part" : Number(cost.toPrecision(3));
  return [
    `${count(totalTokens)}${maxTokens === undefined ? "" : ` of ${count(maxTokens)}`} tokens`,
    ...(maxUsd === undefined ? [] : [`${money} of ${maxUsd} USD`]),
  ].join(", ");
}

/** "12,000" */
export function count(tokens: number): string {
  return tokens.toLocaleString("en");
}

export function keyOf({ agent, model }: Pick<SpentRow, "agent" | "model">): string {
  return JSON.stringify([agent, model]);
}

export function addCall(
  row: SpentRow,
  usage: TokenUsage,
  cost: number | undefined,
  estimated: boolean,
): SpentRow {
  return {
    ...row,
    calls: row.calls + 1,
    inputTokens: row.inputTokens + usage.inputTokens,
    outputTokens: row.outputTokens + usage.outputTokens,
    cachedInputTokens: row.cachedInputTokens + usage.cachedInputTokens,
    costUsd: sum([row.costUsd, cost ?? null]),
    estimatedCalls: row.estimatedCalls + (estimated ? 1 : 0),
  };
}

export function emptyRow(agent: string, model: string): SpentRow {
  const numbers = { calls: 0, inputTokens: 0, outputTokens: 0, cachedInputTokens: 0 };
  return { agent, model, ...numbers, costUsd: 0, estimatedCalls: 0 };
}

/** Those that a person raised; of two such, and of none, the greater: a branch may not know yet that they were raised. */
function limitsOf(before: Spent, after: Spent): Limits {
  if (before.raised !== after.raised) return before.raised ? before.limits : after.limits;
  const both = { ...before.limits, ...after.limits };
  const keys = Object.keys(both) as (keyof Limits)[];
  return Object.fromEntries(
    keys.map((key) => [key, Math.max(before.limits[key] ?? 0, after.limits[key] ?? 0)]),
  );
}

function greater(one: SpentRow, other: SpentRow): SpentRow {
  return {
    agent: one.agent,
    model: one.model,
    calls: Math.max(one.calls, other.calls),
    inputTokens: Math.max(one.inputTokens, other.inputTokens),
    outputTokens: Math.max(one.outputTokens, other.outputTokens),
    cachedInputTokens: Math.max(one.cachedInputTokens, other.cachedInputTokens),
    costUsd: one.costUsd === null || other.costUsd === null ? null : Math.max(one.costUsd, other.costUsd),
    estimatedCalls: Math.max(one.estimatedCalls, other.estimatedCalls),
  };
}

function by(part: "model" | "agent", rows: readonly SpentRow[]): Record<string, SpentTotals> {
  const names = [...new Set(rows.map((row) => row[part]))].sort();
  return Object.fromEntries(names.map((name) => [name, total(rows.filter((row) => row[part] === name))]));
}

function total(rows: readonly SpentRow[]): SpentTotals {
  const of = (part: "calls" | "inputTokens" | "outputTokens" | "cachedInputTokens" | "estimatedCalls") =>
    rows.reduce((all, row) => all + row[part], 0);
  return {
    calls: of("calls"),
    inputTokens: of("inputTokens"),
    outputTokens: of("outputTokens"),
    totalTokens: of("inputTokens") + of("outputTokens"),
    cachedInputTokens: of("cachedInputTokens"),
    costUsd: sum(rows.map((row) => row.costUsd)),
    estimatedCalls: of("estimatedCalls"),
  };
}

/** One unknown makes the sum unknown: it is never taken for zero. */
function sum(costs: readonly (number | null)[]): number | null {
  return costs.reduce((all, cost) => (all === null || cost === null ? null : all + cost), 0);
}
