import type { Feature } from "./features.js";

/**
 * What each feature adds to a tool's score. Learnt by `npm run -s bench -- tool-search --data FILE --learn` on half of the
 * tasks of LiveMCPBench (44 tasks, 527 tools of 70 servers): the loss by which recall learns its weights, with a stronger
 * pull to 0, as the tasks are few. Features that were not better than nothing on tasks left out are gone.
 */
export const WEIGHTS: Readonly<Record<Feature, number>> = {
  whole_parameters: 3.443,
  whole_place: 6.12,
  name_cover: 1.62,
  head_cover: 3.4,
  part_win: 1.207,
  server_best: 2.841,
  server_cover: 2.526,
  verb_fit: 0.507,
  verb_danger: -1.487,
  verb_read: -0.265,
  verb_find: -0.56,
  takes_url: 1.562,
  takes_date: 0.893,
  provides: 0.733,
  required: -0.669,
  name_words: -0.543,
  length: 0.955,
};
