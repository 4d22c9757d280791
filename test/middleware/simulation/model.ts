import type { Call, Handler } from "../../../src/core/call.js";
import { BatonError, type BatonErrorOptions, type ErrorCode } from "../../../src/core/errors.js";
import type { Result } from "../../../src/core/result.js";
import type { SimulationClock } from "../../support/simulation-clock.js";

export const TOOLS = ["look", "set", "create", "append"] as const;
export type Tool = (typeof TOOLS)[number];

/** Data that replicas share, by tenant. */
interface Data {
  version: number;
  readonly byKey: Map<string, Facts>;
}

/** What a result says of itself, so that a wrong one is known. */
export interface Facts {
  readonly store: string;
  readonly tenant: string;
  readonly tool: string;
  readonly k: unknown;
  /** Of the data: each write makes the next one. */
  readonly version: number;
  /** When the server made it. */
  readonly at: number;
}

export interface Outage {
  readonly from: number;
  readonly until: number;
  readonly kind: "refuses" | "breaks" | "is silent";
}

export interface ServerTraits {
  readonly name: string;
  /** Replicas name the same one. */
  readonly store: string;
  readonly latencyMs: number;
  /** How often something goes wrong, 0 to 1. */
  readonly trouble: number;
  readonly outages: readonly Outage[];
}

/** What the model tells of each attempt that reaches a server. Each may note a violation. */
export interface Watcher {
  onAttempt(call: Call, fate: Fate): void;
  onEffect(call: Call): void;
  onEnd(call: Call, how: string): void;
}

const FATES = [
  ["refused", 0.03],
  ["broken before", 0.03],
  ["broken after", 0.03],
  ["silent before", 0.02],
  ["silent after", 0.02],
  ["asked to wait", 0.02],
  ["tool failed", 0.03],
  ["invalid", 0.01],
  ["nonsense", 0.01],
  ["interrupted", 0.005],
] as const;
export type Fate = (typeof FATES)[number][0] | "fine";

/** Thrown by identity, as LangGraph does it. */
export class Interrupt extends Error {
  override readonly name = "GraphInterrupt";
}

/** How long a request may take when nothing limits it. */
const LONGEST_MS = 60_000;

/**
 * Servers as a stack may meet them: slow, failing, silent, refusing, with effects that happen or do not. Keeps to what
 * `Server.call` promises: the signal, the deadline and `timeoutMs` end an attempt, and an error says what may have happened.
 */
export function createModel(
  traits: readonly ServerTraits[],
  clock: SimulationClock,
  random: () => number,
  watcher: Watcher,
): { readonly handler: Handler; heal(): void } {
  const servers = new Map(traits.map((each) => [each.name, each]));
  const stores = new Map<string, Data>();
  const start = clock.now();
  let healed = false;

  function fateOf({ trouble, outages }: ServerTraits): Fate {
    const at = clock.now() - start;
    const outage = healed ? undefined : outages.find(({ from, until }) => from <= at && at < until);
    // Drawn in any case: what one server does must not change what others meet.
    let chance = random();
    if (outage)
      return ({ refuses: "refused", breaks: "broken before", "is silent": "silent before" } as const)[
        outage.kind
      ];
    if (healed) return "fine";
    chance /= trouble;
    for (const [fate, share] of FATES) {
      if (chance < share) return fate;
      chance -= share;
    }
    return "fine";
  }

  function perform(call: Call, store: string): Facts {
    const tenant = call.caller?.tenant ?? "";
    const name = `${store} ${tenant}`;
    const data = stores.get(name) ?? { version: 0, byKey: new Map<string, Facts>() };
    stores.set(name, data);
    const { idempotencyKey: key, tool, args } = call;
    const done = key === undefined ? undefined : data.byKey.get(key);
    if (done) return done;
    if (tool !== "look") data.version++;
    const facts = { store, tenant, tool, k: args.k, version: data.version, at: clock.now() };
    if (key !== undefined) data.byKey.set(key, facts);
    if (tool !== "look") watcher.onEffect(call);
    return facts;
  }

  const handler: Handler = (call) => {
    const server = servers.get(call.server) as ServerTraits;
    const { signal, deadline = Number.POSITIVE_INFINITY, timeoutMs = LONGEST_MS } = call;
    const fate = fateOf(server);
    const slow = random() < 0.03 ? 10 : 1;
    const latencyMs = Math.ceil(server.latencyMs * (0.5 + random()) * slow);
    const waitMs = Math.ceil(random() ** 3 * 7000);
    const goesOnAfterCancel = random() < 0.5;
    const leftMs = deadline - clock.now();
    if (signal?.aborted || leftMs <= 0) {
      // As `Server.call` has it: nothing is sent.
      const code = signal?.aborted ? "CANCELLED" : "TIMEOUT";
      return Promise.reject(
        new BatonError(code, "too late", { retryable: code === "TIMEOUT", cause: signal?.reason }),
      );
    }
    watcher.onAttempt(call, fate);

    return new Promise((resolve, reject) => {
      let over = false;
      let facts: Facts | undefined;
      const cancels: (() => void)[] = [];
      const onAbort = (): void => {
        if (!goesOnAfterCancel) stopEffect?.();
        fail("CANCELLED", { cause: signal?.reason, effect: "possible" });
      };
      function end(how: string): boolean {
        if (over) return false;
        over = true;
        for (const cancel of cancels) cancel();
        signal?.removeEventListener("abort", onAbort);
        watcher.onEnd(call, how);
        return true;
      }
      function fail(code: ErrorCode, options: BatonErrorOptions = {}): void {
        if (!end(code)) return;
        const data = { server: call.server, tool: call.tool, ...options.data };
        reject(new BatonError(code, `server '${call.server}': ${fate}`, { ...options, data }));
      }
      function answer(isError: boolean): void {
        if (!end(isError ? "tool failed" : "answered")) return;
        const result: Result = {
          content: [{ type: "text", text: call.tool }],
          structuredContent: { ...facts },
        };
        resolve(isError ? { ...result, isError } : result);
      }
      const after = (ms: number, run: () => void): void => void cancels.push(clock.plan(ms, run));

      let stopEffect: (() => void) | undefined;
      signal?.addEventListener("abort", onAbort, { once: true });
      after(Math.min(timeoutMs, leftMs), () => fail("TIMEOUT", { retryable: true, effect: "possible" }));
      if (fate === "fine" || fate === "broken after" || fate === "silent after" || fate === "tool failed") {
        // The server goes on, whatever becomes of the request.
        stopEffect = clock.plan(latencyMs / 2, () => {
          facts = perform(call, server.store);
        });
      }
      switch (fate) {
        case "fine":
        case "tool failed":
          return after(latencyMs, () => answer(fate === "tool failed"));
        case "broken before":
        case "broken after":
          return after(latencyMs, () => fail("UPSTREAM", { retryable: true, effect: "possible" }));
        case "refused":
          return after(Math.min(2, latencyMs), () => fail("NOT_CONNECTED", { retryable: true }));
        case "asked to wait":
          return after(latencyMs, () =>
            fail("RATE_LIMITED", { retryable: true, data: { retryAfterMs: waitMs } }),
          );
        case "invalid":
          return after(latencyMs, () => fail("INVALID_ARGUMENTS"));
        case "nonsense":
          return after(latencyMs, () => fail("PROTOCOL", { effect: "possible" }));
        case "interrupted":
          return after(latencyMs, () => {
            if (end("interrupted")) reject(new Interrupt(call.id));
          });
      }
    });
  };
  return {
    handler,
    heal() {
      healed = true;
    },
  };
}
