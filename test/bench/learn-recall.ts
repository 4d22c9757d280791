/** What one question taught: a row of features per candidate, and which of them hold the answer. */
export interface Example {
  readonly rows: readonly Float64Array[];
  readonly isGold: readonly boolean[];
  /** Examples of one group are left out together. */
  readonly group: string;
}

export interface LearnOptions {
  /** Pulls weights towards 0, in units of a feature's standard deviation. @default 0.015 */
  readonly penalty?: number;
  /** @default 100 */
  readonly steps?: number;
}

const RATE = 0.05;
/** Questions with much evidence count more, but not as much more as they have. */
const GOLD_POWER = 0.5;
const DECAY_1 = 0.9;
const DECAY_2 = 0.999;

/**
 * Weights of a linear score under which gold candidates come before the others: the mean over questions, and over the
 * gold of each, of -log(softmax) of one gold candidate against all that are not gold. Adam on all examples at once,
 * from zero, so the same examples give the same weights.
 */
export function learnWeights(examples: readonly Example[], options: LearnOptions = {}): number[] {
  const { penalty = 0.015, steps = 100 } = options;
  const usable = examples.filter(({ isGold }) => isGold.includes(true) && isGold.includes(false));
  const columns = usable[0]?.rows[0]?.length ?? 0;
  const deviations = deviationsOf(usable, columns);
  const flat = usable.map(({ rows, isGold }) => flatten(rows, isGold, deviations, columns));
  const weights = new Float64Array(columns);
  const [mean, square] = [new Float64Array(columns), new Float64Array(columns)];
  for (let step = 1; step <= steps; step++) {
    const slope = new Float64Array(columns);
    for (const each of flat) addSlope(each, weights, slope, 1 / flat.length);
    // Slows down towards the end, so that it stands still there.
    const rate = RATE * (1 - (step - 1) / steps);
    for (let column = 0; column < columns; column++) {
      const down = (slope[column] as number) + penalty * (weights[column] as number);
      mean[column] = DECAY_1 * (mean[column] as number) + (1 - DECAY_1) * down;
      square[column] = DECAY_2 * (square[column] as number) + (1 - DECAY_2) * down * down;
      const [first, second] = [
        (mean[column] as number) / (1 - DECAY_1 ** step),
        (square[column] as number) / (1 - DECAY_2 ** step),
      ];
      (weights[column] as number) -= (rate * first) / (Math.sqrt(second) + 1e-9);
    }
  }
  return Array.from(weights, (weight, column) =>
    deviations[column] === 0 ? 0 : weight / (deviations[column] as number),
  );
}

interface Flat {
  /** Gold first, candidate by candidate. */
  readonly values: Float32Array;
  readonly gold: number;
  readonly count: number;
  readonly columns: number;
}

function flatten(
  rows: readonly Float64Array[],
  isGold: readonly boolean[],
  deviations: readonly number[],
  columns: number,
): Flat {
  const order = rows.map((_, at) => at).sort((a, b) => Number(isGold[b]) - Number(isGold[a]) || a - b);
  const values = new Float32Array(rows.length * columns);
  order.forEach((from, at) => {
    for (let column = 0; column < columns; column++)
      values[at * columns + column] =
        ((rows[from] as Float64Array)[column] as number) / (deviations[column] || 1);
  });
  return { values, gold: isGold.filter(Boolean).length, count: rows.length, columns };
}

/** Adds the slope of the loss of one question. */
function addSlope(example: Flat, weights: Float64Array, slope: Float64Array, share: number): void {
  const { values, gold, count, columns } = example;
  const scores = new Float64Array(count);
  let largest = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < count; at++) {
    let score = 0;
    for (let column = 0; column < columns; column++)
      score += (values[at * columns + column] as number) * (weights[column] as number);
    scores[at] = score;
    largest = Math.max(largest, score);
  }
  let others = 0;
  for (let at = 0; at < count; at++) {
    scores[at] = Math.exp((scores[at] as number) - largest);
    if (at >= gold) others += scores[at] as number;
  }
  // d loss / d score: what a gold one lacks to 1, and each other's part of what the gold ones lack.
  let lacking = 0;
  const pulls = new Float64Array(count);
  for (let at = 0; at < gold; at++) {
    const chance = (scores[at] as number) / ((scores[at] as number) + others);
    pulls[at] = chance - 1;
    lacking += (1 - chance) / others;
  }
  for (let at = gold; at < count; at++) pulls[at] = (scores[at] as number) * lacking;
  for (let at = 0; at < count; at++) {
    const pull = ((pulls[at] as number) * share) / gold ** GOLD_POWER;
    if (pull === 0) continue;
    for (let column = 0; column < columns; column++)
      (slope[column] as number) += pull * (values[at * columns + column] as number);
  }
}

/** Of each feature, over all candidates. */
function deviationsOf(examples: readonly Example[], columns: number): number[] {
  const [sums, squares] = [new Float64Array(columns), new Float64Array(columns)];
  let count = 0;
  for (const { rows } of examples)
    for (const row of rows) {
      count++;
      for (let column = 0; column < columns; column++) {
        const value = row[column] as number;
        (sums[column] as number) += value;
        (squares[column] as number) += value * value;
      }
    }
  return Array.from(sums, (sum, column) =>
    Math.sqrt(Math.max(0, (squares[column] as number) / count - (sum / count) ** 2)),
  );
}
