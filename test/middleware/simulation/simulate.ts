import { getEventListeners, setMaxListeners } from "node:events";
import { type Call, createCall, type Handler, type Middleware } from "../../../src/core/call.js";
import { compose } from "../../../src/core/compose.js";
import type { StandardOptions } from "../../../src/middleware/standard.js";
import { createRandom, SimulationClock } from "../../support/simulation-clock.js";
import { createModel, TOOLS } from "./model.js";
import { createPlan } from "./plan.js";
import { createRecords, type Record } from "./records.js";

export interface Simulation {
  readonly seed: number;
  /** What was not as it must be; empty when all is well. */
  readonly violations: readonly string[];
  /** One line for each thing that happened, the same each time that the seed is run. */
  readonly history: readonly string[];
  readonly calls: number;
  readonly succeeded: number;
}

/** Makes the stack under test out of the options that a seed has drawn; `inside` belongs directly inside the breaker. */
export type MakeStack = (options: StandardOptions, inside: Middleware) => readonly Middleware[];

const LONGEST_THOUGHT_MS = 120;
const ABORTS = 0.1;

/**
 * Runs callers, a whole stack and servers that fail through some minutes of virtual time, everything drawn from the
 * seed, and notes each promise of the stack that was not kept.
 */
export async function simulate(seed: number, makeStack: MakeStack): Promise<Simulation> {
  const clock = new SimulationClock(seed);
  const random = createRandom(seed ^ 0x5eed);
  const plan = createPlan(random);
  const records = createRecords(clock, plan);
  const model = createModel(plan.servers, clock, createRandom(seed ^ 0xfa7e), records.watcher);
  const options = { ...plan.options(records.onBreaker), clock };
  const handler = compose(makeStack(options, records.inside), model.handler);

  const signals = new Set<AbortSignal>();
  let callersLeft = plan.callers;
  for (let index = 0; index < plan.callers; index++) {
    void runCaller(`c${index}`).then(() => callersLeft--);
  }
  await clock.run(() => callersLeft === 0 && records.unsettled === 0);
  await recover();
  records.finish();
  if (clock.pending > 0) records.violation(`${clock.pending} timers are left`);
  for (const signal of signals) {
    const left = getEventListeners(signal, "abort").length;
    if (left > 0) records.violation(`${left} listeners are left on a signal`);
  }
  return { seed, ...records.summary() };

  async function runCaller(agent: string): Promise<void> {
    const caller = { agent, tenant: pick(plan.tenants, random) };
    let shared = new AbortController();
    for (let made = 0; made < plan.callsEach; made++) {
      await new Promise<void>((resolve) =>
        clock.plan(Math.ceil(random() ** 2 * LONGEST_THOUGHT_MS), resolve),
      );
      const own = new AbortController();
      // Many calls of one caller under one signal, as in a graph.
      const isShared = random() < 0.5;
      const controller = isShared ? shared : own;
      const record = records.open(drawCall(caller, controller.signal));
      signals.add(controller.signal);
      // Many at once are no leak; what is left at the end would be one.
      setMaxListeners(0, controller.signal);
      if (random() < ABORTS) {
        const reason = new Error("enough");
        const abort = (): void => {
          records.aborted(controller.signal);
          controller.abort(reason);
        };
        const afterMs = Math.ceil(random() ** 2 * 800);
        if (afterMs < 10) abort();
        else clock.plan(afterMs, abort);
        if (isShared) shared = new AbortController();
      }
      const settled = settle(record, handler);
      // Some callers do not wait for one call before they make the next one.
      if (random() < 0.6) await settled;
    }
  }

  function drawCall(caller: Call["caller"], signal: AbortSignal): Call {
    const tool = pick(TOOLS, random);
    const server = pick(plan.callable, random);
    const again = tool === "create" && random() < 0.15 ? records.anyKeyed(server, caller?.tenant) : undefined;
    const key = tool === "create" ? { idempotencyKey: again?.idempotencyKey ?? `key ${records.count}` } : {};
    const hints = { readOnly: tool === "look", idempotent: tool === "set" };
    const deadline = random() < 0.6 ? { deadline: clock.now() + Math.ceil(random() ** 2 * 9000) - 50 } : {};
    const timeoutMs = random() < 0.1 ? { timeoutMs: 20 + Math.ceil(random() * 500) } : {};
    const settings = plan.settings(tool);
    const args = again?.args ?? { k: Math.floor(random() * 4) };
    const given = settings === undefined ? {} : { settings };
    return createCall({
      id: `${records.count}`,
      ...{ server, tool, args, hints, caller, signal },
      ...{ ...key, ...deadline, ...timeoutMs, ...given },
    });
  }

  function settle(record: Record, handler: Handler): Promise<void> {
    return handler(Object.freeze(record.call)).then(
      (result) => records.succeeded(record, result),
      (error: unknown) => records.failed(record, error),
    );
  }

  /** When all is well again the stack must let calls through again: nothing may have got stuck or leaked. */
  async function recover(): Promise<void> {
    model.heal();
    for (const server of plan.callable) {
      let works = false;
      for (let attempt = 0; attempt < plan.triesToRecover && !works; attempt++) {
        let isTime = false;
        clock.plan(plan.recoverMs, () => {
          isTime = true;
        });
        await clock.run(() => isTime);
        const call = createCall({ id: `${records.count}`, server, tool: "append", args: { k: attempt } });
        const record = records.open(call);
        void settle(record, handler);
        await clock.run(() => record.outcome !== undefined);
        works = record.outcome === "answered";
      }
      if (!works) records.violation(`server ${server} is well and calls still fail`);
    }
  }
}

function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)] as T;
}
