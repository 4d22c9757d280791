import type { FeatureName } from "./columns.js";

/**
 * How much each feature counts. Learnt from 786 questions about five conversations of LoCoMo (Maharana et al., 2024) by
 * `npm run -s bench -- recall --data locomo-dev.json --learn`, which also learns without each conversation in turn and
 * asks about that one: 83.2 % of the evidence is among the first ten then, 83.7 % under the weights below.
 */
export const weights: Readonly<Record<FeatureName, number>> = {
  words: 2.132,
  neighbours: 2.185,
  core: 2.751,
  alike: 8.592,
  coverage: 0.635,
  phrase: 0.744,
  thread: 3.335,
  speaker: 1.668,
  self: 0.83,
  firstNamed: 2.049,
  otherAsks: 0.227,
  asking: -1.214,
  onlyAsks: -0.072,
  names: 1.127,
  length: 0.232,
  information: 2.753,
  opening: 0.368,
  reply: 0.266,
  answer: 1.709,
  time: 1.365,
  saysDate: 1.188,
  saidThen: 3.931,
  saidInYear: 2.232,
  saidNear: 5.552,
  noDate: -1.091,
  // Learnt apart, with the Universal Sentence Encoder's small model: 1.5 points more among the first ten.
  semantic: 0.65,
};
