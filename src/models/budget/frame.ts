import { AsyncLocalStorage } from "node:async_hooks";
import type { Account } from "./account.js";
import type { Reservation } from "./ledger.js";

/** What runs as an agent's, and the reservation that its first call takes over. */
export interface Frame {
  readonly account: Account;
  readonly agent: string;
  readonly parent: Frame | undefined;
  planned: Reservation | undefined;
}

/** Beside LangChain's own: it hands callbacks an empty one. */
const frames = new AsyncLocalStorage<Frame>();

export function inFrame<Result>(
  { account, agent, planned }: Omit<Frame, "parent">,
  run: (frame: Frame) => Promise<Result>,
): Promise<Result> {
  const frame: Frame = { account, agent, planned, parent: frames.getStore() };
  return frames.run(frame, () => run(frame));
}

/** The nearest frame of this account around what runs. */
export function frameOf(account: Account): Frame | undefined {
  return framesFrom(frames.getStore()).find((frame) => frame.account === account);
}

/** A frame and all around it, from the inside. */
export function framesFrom(inner: Frame | undefined): readonly Frame[] {
  return inner === undefined ? [] : [inner, ...framesFrom(inner.parent)];
}
