import type { Settings } from "../../../src/core/settings.js";
import type { BreakerChange } from "../../../src/middleware/breaker.js";
import type { StandardOptions } from "../../../src/middleware/standard.js";
import type { Outage, ServerTraits, Tool } from "./model.js";

/** All that a seed draws before its run begins. */
export interface Plan {
  readonly servers: readonly ServerTraits[];
  /** Servers that callers name; the others are replicas. */
  readonly callable: readonly string[];
  readonly tenants: readonly string[];
  readonly callers: number;
  readonly callsEach: number;
  readonly concurrent: number;
  readonly halfOpen: number;
  readonly attempts: number;
  readonly cacheMs: number | undefined;
  readonly totalMs: number;
  /** A caller that may not use server c. */
  readonly guest: string;
  readonly triesToRecover: number;
  readonly recoverMs: number;
  options(onBreaker: (change: BreakerChange) => void): StandardOptions;
  /** What the configuration says for a tool. */
  settings(tool: Tool): Settings | undefined;
}

/** Longer than any breaker stays open or any server asks to wait. */
const RECOVER_MS = 120_000;
/** Outages lie within the time that the callers are there. */
const RUN_MS = 5000;

export function createPlan(random: () => number): Plan {
  const whole = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  const chance = (share: number): boolean => random() < share;
  const trouble = chance(0.2) ? 0.1 : 0.5 + 2 * random();

  const servers = ["a", "b", "c"].map((name): ServerTraits => {
    const outages = Array.from({ length: whole(0, 2) }, (): Outage => {
      const from = whole(0, RUN_MS);
      const kind = (["refuses", "breaks", "is silent"] as const)[whole(0, 2)] as Outage["kind"];
      return { from, until: from + whole(50, 2000), kind };
    });
    return { name, store: name === "b" ? "a" : name, latencyMs: whole(2, 80), trouble, outages };
  });

  const totalMs = whole(1000, 15_000);
  const concurrent = whole(1, 6);
  const halfOpen = whole(1, 3);
  const attempts = whole(1, 5);
  const openMs = whole(100, 6000);
  const cacheMs = chance(0.6) ? whole(20, 3000) : undefined;
  const fixed = {
    timeout: { totalMs, factor: 1 + 4 * random(), minMs: whole(20, 500), maxMs: whole(500, 5000) },
    retry: {
      attempts,
      baseMs: whole(1, 200),
      maxDelayMs: whole(50, 6000),
      reserve: whole(5, 60),
      perSuccess: 0.2,
    },
    breaker: {
      openMs,
      halfOpen,
      consecutive: whole(2, 8),
      failureRate: 0.3 + 0.7 * random(),
      window: whole(5, 40),
    },
    limit: { concurrent, queue: whole(0, 30) },
    cache: cacheMs === undefined ? {} : { ttlMs: cacheMs, maxEntries: whole(1, 50) },
    rateLimit: chance(0.3) ? { calls: whole(20, 200), perMs: 1000 } : (false as const),
  };
  const hedge = chance(0.6) && {
    percentile: 0.5 + 0.49 * random(),
    extra: whole(5, 100) / 100,
    minDelayMs: whole(1, 20),
  };
  const special: Partial<globalThis.Record<Tool, Settings>> = {
    ...(chance(0.15) && { set: { retry: false } }),
    ...(chance(0.15) && { look: { hedge: false, cache: false } }),
    ...(chance(0.15) && { create: { timeout: { totalMs: Math.ceil(totalMs / 2) } } }),
  };

  const guest = "c1";
  return {
    guest,
    servers,
    callable: ["a", "c"],
    tenants: ["red", "blue"],
    callers: whole(4, 12),
    callsEach: whole(10, 40),
    ...{ concurrent, halfOpen, attempts, cacheMs, totalMs },
    triesToRecover: 2 * halfOpen + 4,
    recoverMs: RECOVER_MS,
    options: (onBreaker) => ({
      ...fixed,
      hedge: hedge && { ...hedge, to: ({ server }) => (server === "a" ? "b" : undefined) },
      breaker: { ...fixed.breaker, onChange: onBreaker },
      limit: { ...fixed.limit, priority: ({ args }) => Number(args.k) % 2 },
      permit: { rules: [{ allow: "*.*" }, { deny: "c.*", agents: [guest] }] },
      measure: false,
    }),
    settings: (tool) => special[tool],
  };
}
