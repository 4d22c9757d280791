import { setTimeout as delay } from "node:timers/promises";
import type { Benchmark } from "./benchmark.js";
import { type Figure, figure, interleave, ratio, time } from "./blocks.js";
import { buildPackage, importExecution } from "./built.js";
import { createRandom } from "./fixtures/random.mjs";

interface Work {
  readonly durationMs: number;
  /** Places of earlier ones. */
  readonly needs: readonly number[];
}

type Graph = readonly Work[];
type RunDag = Awaited<ReturnType<typeof importExecution>>["runDag"];

/** So long that the millisecond by which a timer of Node is late counts for about 1 %. */
const MEAN_MS = 100;
const SLOTS = { unlimited: Number.POSITIVE_INFINITY, slots8: 8 };
const CPU = { nodes: 1000, runs: 20 };
const SIZES = {
  small: { blocks: 7, layers: 6, width: 12, cpuBlocks: 9 },
  full: { blocks: 7, layers: 20, width: 50, cpuBlocks: 21 },
};

/**
 * What a step costs in CPU, with functions that do nothing; and how long graphs of steps that only wait take on the wall,
 * against the list schedule of the same durations without any overhead: what is ready starts at once, of several the one
 * with the longest chain of steps behind it. Beside it, at the same time, the same graph wave by wave.
 */
export const run: Benchmark = async ({ size, progress }) => {
  await buildPackage(progress);
  const { runDag } = await importExecution();
  const { blocks, layers, width, cpuBlocks } = SIZES[size];
  const figures: Record<string, Figure> = {};
  const { trivial } = await interleave(
    { trivial: () => cpuPerNode(runDag) },
    { blocks: cpuBlocks, samples: 3, warmup: 5 },
  );
  figures.cpu_us_per_node = figure(trivial);
  progress(`CPU per step: ${figures.cpu_us_per_node.value.toFixed(2)} us`);

  for (const [slots, concurrency] of Object.entries(SLOTS)) {
    const cases = graphsOf(layers, width).map(({ name, graph }) => ({
      name: `${name}_${slots}`,
      graph,
      optimumMs: listSchedule(graph, concurrency),
    }));
    const walls = cases.map(() => ({ ours: [] as number[], waves: [] as number[] }));
    for (let block = 0; block < blocks; block++) {
      // They only wait, so that many of them fit beside each other; small graphs all at once, large ones three at a time.
      const atOnce = size === "small" ? cases.length : 3;
      for (let first = 0; first < cases.length; first += atOnce) {
        await Promise.all(
          cases.slice(first, first + atOnce).map(async ({ graph }, index) => {
            const [ours, waves] = await Promise.all([
              time(() => runDag(toSteps(graph), { concurrency })),
              time(() => inWaves(graph, concurrency)),
            ]);
            walls[first + index]?.ours.push(ours);
            walls[first + index]?.waves.push(waves);
          }),
        );
      }
    }
    for (const [index, { name, optimumMs }] of cases.entries()) {
      const { ours = [], waves = [] } = walls[index] ?? {};
      const optimum = ours.map(() => optimumMs);
      figures[`${name}_vs_optimum`] = ratio(ours, optimum);
      figures[`${name}_waves_vs_optimum`] = ratio(waves, optimum);
    }
    progress(`${slots}: done`);
  }
  const worst = (isWaves: boolean): Figure =>
    Object.entries(figures)
      .filter(([key]) => key.endsWith("_vs_optimum") && key.endsWith("_waves_vs_optimum") === isWaves)
      .map(([, each]) => each)
      .reduce((one, other) => (other.value > one.value ? other : one));
  const { cpu_us_per_node, ...rest } = figures;
  const [ours, waves] = [worst(false), worst(true)];
  progress(`the worst wall over the optimum: ${ours.value.toFixed(3)}; waves ${waves.value.toFixed(3)}`);
  return {
    figures: { cpu_us_per_node, wall_vs_optimum: ours, waves_vs_optimum: waves, ...rest },
    runs: blocks,
  };
};

/** Microseconds of CPU per step, over runs of a layered graph, the check of the steps included. */
async function cpuPerNode(runDag: RunDag): Promise<number> {
  const random = createRandom(1);
  const steps = Object.fromEntries(
    layered(20, CPU.nodes / 20, random, () => 0).map(({ needs }, index) => [
      `s${index}`,
      { needs: needs.map((need) => `s${need}`), run: async () => index },
    ]),
  );
  const before = process.cpuUsage();
  for (let done = 0; done < CPU.runs; done++) await runDag(steps);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (CPU.runs * CPU.nodes);
}

function graphsOf(layers: number, width: number): readonly { name: string; graph: Graph }[] {
  const distributions = {
    uniform: (random: () => number) => 2 * MEAN_MS * random(),
    exponential: (random: () => number) => -MEAN_MS * Math.log(1 - random()),
    // A mean of one with a sigma of one.
    lognormal: (random: () => number) =>
      MEAN_MS * Math.exp(Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()) - 0.5),
  };
  return Object.entries(distributions).flatMap(([distribution, sample], index) => {
    const random = createRandom(7 + index);
    const durationOf = () => Math.max(1, Math.round(sample(random)));
    return [
      { name: `layered_${distribution}`, graph: layered(layers, width, random, durationOf) },
      { name: `chains_${distribution}`, graph: grid(layers, width, durationOf, 0) },
      { name: `mesh_${distribution}`, graph: grid(10, 4, durationOf, 1) },
    ];
  });
}

/** Each needs one to three of the layer before. */
function layered(layers: number, width: number, random: () => number, durationOf: () => number): Graph {
  return Array.from({ length: layers * width }, (_, index) => {
    const layer = Math.floor(index / width);
    const count = layer === 0 ? 0 : 1 + Math.floor(3 * random());
    const needs = Array.from({ length: count }, () => (layer - 1) * width + Math.floor(width * random()));
    return { durationMs: durationOf(), needs: [...new Set(needs)] };
  });
}

/** Each needs those of the layer before that are no further than `reach` from its column. */
function grid(layers: number, width: number, durationOf: () => number, reach: number): Graph {
  return Array.from({ length: layers * width }, (_, index) => {
    const [layer, column] = [Math.floor(index / width), index % width];
    const columns = Array.from({ length: 2 * reach + 1 }, (_, offset) => column + offset - reach);
    const inside = columns.filter((each) => each >= 0 && each < width);
    const needs = layer === 0 ? [] : inside.map((each) => (layer - 1) * width + each);
    return { durationMs: durationOf(), needs };
  });
}

function toSteps(graph: Graph) {
  return Object.fromEntries(
    graph.map(({ durationMs, needs }, index) => [
      `s${index}`,
      { needs: needs.map((need) => `s${need}`), run: () => delay(durationMs) },
    ]),
  );
}

/** The time at which the last one ends, when each starts as soon as it can. */
function listSchedule(graph: Graph, slots: number): number {
  const hops = graph.map(() => 0);
  for (const [index, { needs }] of [...graph.entries()].reverse())
    for (const need of needs) hops[need] = Math.max(hops[need] ?? 0, (hops[index] ?? 0) + 1);
  const endsAt = new Map<number, number>();
  const running = new Set<number>();
  let now = 0;
  while (endsAt.size < graph.length || running.size > 0) {
    const isDone = (index: number) => endsAt.has(index) && !running.has(index);
    const ready = [...graph.keys()]
      .filter((index) => !endsAt.has(index) && graph[index]?.needs.every(isDone))
      .sort((one, other) => (hops[other] ?? 0) - (hops[one] ?? 0) || one - other);
    for (const index of ready.slice(0, slots - running.size)) {
      running.add(index);
      endsAt.set(index, now + (graph[index]?.durationMs ?? 0));
    }
    now = Math.min(...[...running].map((index) => endsAt.get(index) ?? 0));
    for (const index of running) if ((endsAt.get(index) ?? 0) <= now) running.delete(index);
  }
  return now;
}

/** A wave starts when the whole one before is over. */
async function inWaves(graph: Graph, slots: number): Promise<void> {
  const levels: number[] = [];
  const waves: Work[][] = [];
  for (const [index, work] of graph.entries()) {
    const level = 1 + Math.max(-1, ...work.needs.map((need) => levels[need] ?? 0));
    levels[index] = level;
    waves[level] = [...(waves[level] ?? []), work];
  }
  for (const wave of waves) {
    const left = [...wave];
    const worker = async () => {
      for (let work = left.shift(); work !== undefined; work = left.shift()) await delay(work.durationMs);
    };
    await Promise.all(Array.from({ length: Math.min(slots, wave.length) }, worker));
  }
}
