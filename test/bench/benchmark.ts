import type { Figure } from "./blocks.js";

export interface BenchmarkOptions {
  /** `small` ends within a minute; `full` is what is quoted. */
  readonly size: "small" | "full";
  /** A file for the benchmarks that need one. */
  readonly data?: string;
  /** Learn anew what was learnt from data, and print it. */
  readonly learn?: boolean;
  /** Says on stderr how far it is. */
  readonly progress: (line: string) => void;
  /** Runs at the end, also after a failure; the last one given runs first. */
  readonly defer: (cleanup: () => unknown) => void;
}

export interface Measured {
  /** By key, as in the list of benchmarks. */
  readonly figures: Readonly<Record<string, Figure>>;
  /** Blocks, or kills, or whatever was repeated. */
  readonly runs: number;
}

/** What the file of a benchmark exports as `run`. */
export type Benchmark = (options: BenchmarkOptions) => Promise<Measured>;
