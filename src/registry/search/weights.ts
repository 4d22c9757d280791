import type { Feature } from "./features.js";

/**
 * What each feature adds to a tool's score. Learnt by `npm run -s bench -- tool-search --data FILE --learn` on half of the
 * tasks of LiveMCPBench (44 tasks, 527 tools of 70 servers): the loss by which recall learns its weights, with a stronger
 * pull to 0, as the tasks are few. Features that were not better than nothing on tasks left out are gone.
 */
export const WEIGHTS: Readonly<Record<Feature, number>> = {
  whole_parameters: 3.303,
  whole_place: 7.317,
  name_cover: 2.244,
  head_cover: 3.097,
  part_win: 1.216,
  part_win_mass: 0.285,
  server_best: 1.797,
  server_cover: 4.208,
  verb_fit: 0.563,
  verb_danger: -1.359,
  verb_read: -0.406,
  verb_find: -0.549,
  takes_url: 1.821,
  takes_date: 0.743,
  takes_number: 1.171,
  provides: 0.627,
  required: -0.737,
  name_words: -0.536,
  length: 0.906,
};
