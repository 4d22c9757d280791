/** One of the things compared: does one piece of work and answers what it cost, in any unit. */
export type Sample = () => Promise<number>;

export interface BlockOptions {
  readonly blocks: number;
  /** Samples of one contender in one block; their median is the block's figure. */
  readonly samples: number;
  /** Samples of each contender beforehand, thrown away. */
  readonly warmup: number;
}

/** What each contender cost in each block. */
export type Blocks<Name extends string> = Readonly<Record<Name, readonly number[]>>;

/** A figure, and the range within which its middle half lay. */
export interface Figure {
  readonly value: number;
  readonly spread: readonly [number, number];
}

/**
 * Runs contenders in turn, block by block, each block starting with the next one: whatever slows the machine for a
 * while then slows all of them.
 */
export async function interleave<Name extends string>(
  contenders: Readonly<Record<Name, Sample>>,
  { blocks, samples, warmup }: BlockOptions,
): Promise<Blocks<Name>> {
  const entries = Object.entries(contenders) as [Name, Sample][];
  for (const [, sample] of entries) await run(sample, warmup);
  const figures = Object.fromEntries(entries.map(([name]) => [name, []])) as unknown as Record<
    Name,
    number[]
  >;
  for (let block = 0; block < blocks; block++) {
    for (let turn = 0; turn < entries.length; turn++) {
      const [name, sample] = entries[(block + turn) % entries.length] as [Name, Sample];
      figures[name].push(median(await run(sample, samples)));
    }
  }
  return figures;
}

/** The median over blocks of one contender's figure over another's. */
export function ratio(of: readonly number[], over: readonly number[]): Figure {
  return figure(of.map((value, block) => value / (over[block] as number)));
}

/** The median over blocks. */
export function figure(values: readonly number[]): Figure {
  return { value: median(values), spread: [quantile(values, 0.25), quantile(values, 0.75)] };
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Linear between neighbours. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/** What `work` took, in milliseconds. */
export async function time(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

async function run(sample: Sample, times: number): Promise<number[]> {
  const costs: number[] = [];
  for (let done = 0; done < times; done++) costs.push(await sample());
  return costs;
}
