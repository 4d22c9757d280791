/** What is measured of each candidate. Most are 0 to 1. */
export const featureNames = [
  /** How well its own words meet the query's, or words that may stand for them: BM25, of the most that is possible. */
  "words",
  /** The same with its neighbours, by their distance, over the best. */
  "neighbours",
  /** The same by the words alone that say what is asked about, of the most that is possible. */
  "core",
  /** As `core`, by no words but the query's own, where it matters how often they come. */
  "literal",
  /** How much of the query is in no item, and met here by words that may stand for it. */
  "standIn",
  /** Of the query's neighbouring words, how many are neighbours here. */
  "phrase",
  /** BM25 of the whole thread, of the most that is possible. */
  "thread",
  /** Said by whom the query is about. */
  "speaker",
  /** By them and of themselves. */
  "self",
  /** Said by the one who was named first of several, half or minus a half. */
  "firstNamed",
  /** How much of it is a question. */
  "asking",
  /** Names of people, places and things. */
  "names",
  "length",
  /** How rare its words are. */
  "information",
  /** One of the first two turns of its thread. */
  "opening",
  /** Comes after a question. */
  "reply",
  /** Comes after a question that has the query's words. */
  "answer",
  /** Speaks of time, where the query asks when. */
  "time",
  /** Says when, where the query asks when. */
  "saysDate",
  /** Said at the month asked about, in its year, or on its day or soon after. */
  "saidThen",
  "saidInYear",
  "saidNear",
  /** Says nothing of when, though the query names a date. */
  "noDate",
  /** What an embedding model thinks: standard deviations above the mean of the candidates. */
  "semantic",
] as const;

export type FeatureName = (typeof featureNames)[number];

export const columnOf = Object.fromEntries(featureNames.map((name, column) => [name, column])) as Readonly<
  Record<FeatureName, number>
>;
