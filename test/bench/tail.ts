import type { Benchmark } from "./benchmark.js";
import { type Figure, figure, quantile, ratio } from "./blocks.js";
import { importHedge, importPackage } from "./built.js";
import { createRandom } from "./fixtures/random.mjs";

type Package = typeof import("../../src/index.js");
type Handler = import("../../src/index.js").Handler;
type Result = import("../../src/index.js").Result;

const FAN_OUT = 8;
/** Far above what timers and a busy machine add. */
const USUAL_MS = 30;
const JITTER_MS = 6;
const SLOW_SHARE = 0.01;
const SLOW_TIMES = 10;
/** Requests that run at any time. */
const REQUESTS_AT_ONCE = 16;
const LEARNING_CALLS = 200;

interface Side {
  readonly handler: Handler;
  /** Calls that reached a replica. */
  reached: number;
  asked: number;
}

/**
 * Two replicas in this process, on real timers, each slow on one call in a hundred. A request is several calls at
 * once and takes as long as the slowest of them.
 */
export const run: Benchmark = async ({ size, progress }) => {
  const blocks = size === "full" ? 15 : 7;
  const requests = size === "full" ? 1600 : 500;
  const langbaton = await importPackage(progress);
  const { hedge } = await importHedge();
  const plain = createSide(1, (replica) => replica);
  const hedged = createSide(2, (replica) => langbaton.compose([hedge({ to: "b" })], replica));
  for (const side of [plain, hedged]) {
    await requestTimes(langbaton, side, LEARNING_CALLS, 1);
    side.asked = side.reached = 0;
  }

  const figures: Record<string, Figure> = {};
  for (const [fan, count] of [
    [FAN_OUT, requests],
    [1, 4 * requests],
  ] as const) {
    const times = { plain: [] as number[][], hedged: [] as number[][] };
    const extraPct: number[] = [];
    for (let block = 0; block < blocks; block++) {
      const before = { ...hedged };
      // Each block starts with the other side.
      for (const who of block % 2 === 0 ? (["plain", "hedged"] as const) : (["hedged", "plain"] as const))
        times[who].push(await requestTimes(langbaton, { plain, hedged }[who], count, fan));
      extraPct.push(100 * ((hedged.reached - before.reached) / (hedged.asked - before.asked) - 1));
    }
    const at = (who: keyof typeof times, share: number): number[] =>
      times[who].map((block) => quantile(block, share));
    const prefix = fan === FAN_OUT ? "" : "fan1_";
    figures[`${prefix}p50_ms_plain`] = figure(at("plain", 0.5));
    figures[`${prefix}p50_ms_hedged`] = figure(at("hedged", 0.5));
    for (const [name, share] of [
      ["p99", 0.99],
      ["p999", 0.999],
    ] as const) {
      figures[`${prefix}${name}_gain`] = ratio(at("plain", share), at("hedged", share));
      figures[`${prefix}${name}_ms_plain`] = figure(at("plain", share));
      figures[`${prefix}${name}_ms_hedged`] = figure(at("hedged", share));
    }
    figures[`${prefix}extra_calls_pct`] = figure(extraPct);
    progress(
      `fan-out ${fan}: p99 ${figures[`${prefix}p99_gain`]?.value.toFixed(2)}, p99.9 ${figures[`${prefix}p999_gain`]?.value.toFixed(2)}, ${figure(extraPct).value.toFixed(1)} % extra`,
    );
  }
  return { figures, runs: blocks };
};

function createSide(seed: number, wrap: (replica: Handler) => Handler): Side {
  const random = createRandom(seed);
  const result: Result = { content: [{ type: "text", text: "done" }] };
  const side = { asked: 0, reached: 0 };
  const handler = wrap(({ signal }) => {
    side.reached++;
    const usualMs = USUAL_MS + JITTER_MS * random();
    const ms = random() < SLOW_SHARE ? SLOW_TIMES * usualMs : usualMs;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", onAbort);
        resolve(result);
      }, ms);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  });
  return Object.assign(side, { handler });
}

/** Milliseconds of each request. */
async function requestTimes(
  { createCall }: Package,
  side: Side,
  count: number,
  fan: number,
): Promise<number[]> {
  const times: number[] = [];
  let started = 0;
  const call = () => {
    side.asked++;
    return side.handler(createCall({ server: "a", tool: "read", args: {}, hints: { readOnly: true } }));
  };
  const work = async (): Promise<void> => {
    while (started++ < count) {
      const startedAt = performance.now();
      await Promise.all(Array.from({ length: fan }, call));
      times.push(performance.now() - startedAt);
    }
  };
  // As many calls at once whatever the fan-out.
  await Promise.all(Array.from({ length: (REQUESTS_AT_ONCE * FAN_OUT) / fan }, work));
  return times;
}
