import type { FeatureName } from "./columns.js";

/**
 * How much each feature counts. Learnt from 786 questions about five conversations of LoCoMo (Maharana et al., 2024) by
 * `npm run -s bench -- recall --data locomo-dev.json --learn`, which also learns without each conversation in turn and
 * asks about that one: 84.4 % of the evidence is among the first ten then.
 */
export const weights: Readonly<Record<FeatureName, number>> = {
  words: 1.599,
  neighbours: 2.308,
  core: 2.251,
  literal: 3.947,
  standIn: 0.952,
  phrase: 0.335,
  thread: 2.343,
  speaker: 1.661,
  self: 0.826,
  firstNamed: 2.014,
  asking: -1.141,
  names: 1.118,
  length: 0.285,
  information: 2.81,
  opening: 0.421,
  reply: 0.287,
  answer: 2.996,
  time: 1.343,
  saysDate: 1.191,
  saidThen: 3.762,
  saidInYear: 1.99,
  saidNear: 5.239,
  noDate: -1.086,
  // Learnt apart in the same way, with the cosines of the Universal Sentence Encoder's small model, then rounded.
  semantic: 0.65,
};
