import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Benchmark } from "./benchmark.js";
import { type Figure, figure, ratio } from "./blocks.js";
import { buildPackage } from "./built.js";
import { fixture } from "./paths.js";

interface Cost {
  readonly cpuMs: number;
  readonly wholeCpuMs: number;
  readonly rssMb: number;
  readonly wallMs: number;
}

const RUNS = [
  ["empty", "import"],
  ["ours", "import"],
  ["peer", "import"],
  ["ours", "ready"],
  ["peer", "ready"],
] as const;

/**
 * What a fresh process pays for `import "langbaton"`, and what it has paid once one stdio server is connected and
 * its tools are loaded: our root loads the SDK and LangChain only then, so the second is the honest figure.
 */
export const run: Benchmark = async ({ size, progress }) => {
  const blocks = size === "full" ? 21 : 9;
  const url = await buildPackage(progress);
  const costs = new Map<string, Cost[]>(RUNS.map(([who, stage]) => [`${who} ${stage}`, []]));
  // The first block warms the file cache and does not count.
  for (let block = -1; block < blocks; block++) {
    for (let turn = 0; turn < RUNS.length; turn++) {
      const [who, stage] = RUNS[(block + 1 + turn) % RUNS.length] as (typeof RUNS)[number];
      const { stdout } = await promisify(execFile)(process.execPath, [
        fixture("import-cost.mjs"),
        who,
        stage,
        url,
      ]);
      if (block >= 0) costs.get(`${who} ${stage}`)?.push(JSON.parse(stdout) as Cost);
    }
    if (block >= 0) progress(`block ${block + 1} of ${blocks}`);
  }

  const of = (run: string, key: keyof Cost): number[] => (costs.get(run) ?? []).map((cost) => cost[key]);
  const emptyMb = of("empty import", "rssMb");
  /** Resident memory beyond that of a node that did nothing. */
  const added = (run: string): number[] =>
    of(run, "rssMb").map((mb, block) => mb - (emptyMb[block] as number));
  const figures: Record<string, Figure> = {
    cpu_vs_peer: ratio(of("ours import", "cpuMs"), of("peer import", "cpuMs")),
    rss_vs_peer: ratio(added("ours import"), added("peer import")),
    rss_total_vs_peer: ratio(of("ours import", "rssMb"), of("peer import", "rssMb")),
    process_cpu_vs_peer: ratio(of("ours import", "wholeCpuMs"), of("peer import", "wholeCpuMs")),
    wall_vs_peer: ratio(of("ours import", "wallMs"), of("peer import", "wallMs")),
    ready_cpu_vs_peer: ratio(of("ours ready", "cpuMs"), of("peer ready", "cpuMs")),
    ready_rss_vs_peer: ratio(added("ours ready"), added("peer ready")),
    ready_rss_total_vs_peer: ratio(of("ours ready", "rssMb"), of("peer ready", "rssMb")),
    ready_wall_vs_peer: ratio(of("ours ready", "wallMs"), of("peer ready", "wallMs")),
    rss_mb_empty: figure(emptyMb),
  };
  for (const [who, stage] of RUNS.slice(1)) {
    const prefix = stage === "ready" ? "ready_" : "";
    figures[`${prefix}cpu_ms_${who}`] = figure(of(`${who} ${stage}`, "cpuMs"));
    figures[`${prefix}rss_mb_${who}`] = figure(of(`${who} ${stage}`, "rssMb"));
  }
  return { figures, runs: blocks };
};
