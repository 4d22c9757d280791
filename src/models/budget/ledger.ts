import type { Price } from "../prices.js";
import type { Limits } from "./spent.js";

/** What a call needs: its input for certain, and as much output as it may write. */
export interface Want {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** The least output that is of use. @default all of it */
  readonly leastOutputTokens?: number | undefined;
  /** Needed where money is limited. */
  readonly price?: Price | undefined;
}

export interface Reservation {
  readonly inputTokens: number;
  /** What was granted, which may be less than was wanted. */
  readonly outputTokens: number;
  readonly costUsd: number;
  readonly usdPerOutput: number;
}

export interface Ledger {
  /** Synchronous, so that no two calls get the same tokens. `wait` when what others hold may suffice once they are done. */
  reserve(want: Want): Reservation | "wait" | "refused";
  /** Holds less output from now on, if that is less. */
  shrink(held: Reservation, outputTokens: number): Reservation;
  /** The call is over: what it held is free again, and what it used is spent. */
  settle(held: Reservation | undefined, used: { readonly tokens: number; readonly costUsd: number }): void;
  raise(limits: Limits): void;
  limits(): Limits;
  /** What neither is spent nor held; undefined where nothing is limited. */
  left(): { readonly tokens?: number; readonly usd?: number };
  /** The greatest share of a limit that is spent, 1 when it is all. */
  share(): number;
}

/** Keeps what is spent and held within the limits. Knows nothing of models. */
export function createLedger(first: Limits, spent: { tokens: number; costUsd: number }): Ledger {
  let limits = first;
  let { tokens, costUsd } = spent;
  const held = new Set<Reservation>();

  const heldTokens = () => [...held].reduce((all, one) => all + one.inputTokens + one.outputTokens, 0);
  const heldUsd = () => [...held].reduce((all, one) => all + one.costUsd, 0);
  const leftTokens = () => (limits.maxTokens ?? Number.POSITIVE_INFINITY) - tokens - heldTokens();
  const leftUsd = () => (limits.maxUsd ?? Number.POSITIVE_INFINITY) - costUsd - heldUsd();

  return {
    reserve({ inputTokens, outputTokens, leastOutputTokens = outputTokens, price = FREE }) {
      const inputUsd = (inputTokens * dearestInput(price)) / MILLION;
      const usdPerOutput = price.output / MILLION;
      const fitting = Math.min(
        outputTokens,
        leftTokens() - inputTokens,
        usdPerOutput === 0 && leftUsd() >= inputUsd
          ? outputTokens
          : Math.floor((leftUsd() - inputUsd) / usdPerOutput),
      );
      if (fitting < outputTokens && held.size > 0) return "wait";
      if (!(fitting >= leastOutputTokens)) return "refused";
      const cost = inputUsd + fitting * usdPerOutput;
      const reservation = { inputTokens, outputTokens: fitting, costUsd: cost, usdPerOutput };
      held.add(reservation);
      return reservation;
    },
    shrink(reservation, outputTokens) {
      const less = reservation.outputTokens - outputTokens;
      if (less <= 0) return reservation;
      const shrunk = {
        ...reservation,
        outputTokens,
        costUsd: reservation.costUsd - less * reservation.usdPerOutput,
      };
      held.delete(reservation);
      held.add(shrunk);
      return shrunk;
    },
    settle(reservation, used) {
      if (reservation !== undefined) held.delete(reservation);
      tokens += used.tokens;
      costUsd += used.costUsd;
    },
    raise(raised) {
      limits = { ...limits, ...raised };
    },
    limits: () => limits,
    left: () => ({
      ...(limits.maxTokens !== undefined && { tokens: Math.max(0, leftTokens()) }),
      ...(limits.maxUsd !== undefined && { usd: Math.max(0, leftUsd()) }),
    }),
    share: () =>
      Math.max(
        limits.maxTokens === undefined ? 0 : tokens / limits.maxTokens,
        limits.maxUsd === undefined ? 0 : costUsd / limits.maxUsd,
      ),
  };
}

const MILLION = 1_000_000;
const FREE: Price = { input: 0, output: 0 };

/** Nobody knows before a call which part of its input the provider will write into its cache. */
function dearestInput({ input, cacheWrite = input }: Price): number {
  return Math.max(input, cacheWrite);
}
