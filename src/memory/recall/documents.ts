import { createGrowing, type Growing } from "./growing.js";
import type { IndexedItem } from "./ranked.js";
import { createSpeakers, type Speakers } from "./speakers.js";
import { createThreads, NONE, REACH, type Threads } from "./threads.js";
import { tokenise } from "./tokenise.js";
import { createTraits, FACT } from "./traits.js";
import { createVocabulary, DATE, STOP, type Vocabulary } from "./vocabulary.js";

/** Words of one item that are indexed: some 12,000 characters. What comes later in it is not found by its words. */
export const MOST_WORDS = 2048;

/** How much a turn counts towards another, by their distance; in twentieths, so that sums are exact in any order. */
export const OWN_SHARE = 20;
export const BEFORE_SHARES: readonly number[] = [0, 10, 4, 2];
export const AFTER_SHARES: readonly number[] = [0, 6, 3, 1];

/** What the index knows of each item, by its number: columns, no text. */
export interface Documents {
  readonly vocabulary: Vocabulary;
  readonly speakers: Speakers;
  readonly threads: Threads;
  readonly ids: string[];
  /** The words of all items, without stop words that name no date. */
  readonly words: Growing<Int32Array>;
  /** Where the words of each begin; those of the next begin where they end. */
  readonly starts: Growing<Float64Array>;
  /** Words that are no stop words. */
  readonly lengths: Growing<Uint16Array>;
  /** `NONE` for what has no neighbours. */
  readonly threadOf: Growing<Int32Array>;
  readonly speakerOf: Growing<Int32Array>;
  /** See `traits.ts`. */
  readonly bitsOf: Growing<Uint8Array>;
  readonly askingOf: Growing<Uint8Array>;
  readonly namesOf: Growing<Uint8Array>;
  readonly timeOf: Growing<Float64Array>;
  readonly sequenceOf: Growing<Float64Array>;
  readonly isGone: Growing<Uint8Array>;
  /** Own length and that of the neighbours, each by its share. Settle first. */
  readonly windowLengths: Growing<Int32Array>;
  readonly totals: { count: number; length: number; windowLength: number };
  add(item: IndexedItem): number;
  remove(document: number): void;
  settle(): void;
  /** Leaves no gap where items were removed: the others get new numbers, in the same order. */
  compact(): void;
  /** Newest first, then by thread order and id: never 0 for two that differ. */
  newestFirst(a: number, b: number): number;
}

export function createDocuments(): Documents {
  const vocabulary = createVocabulary();
  const speakers = createSpeakers();
  const ids: string[] = [];
  const words = createGrowing(Int32Array, 1024);
  const starts = createGrowing(Float64Array);
  const lengths = createGrowing(Uint16Array);
  const threadOf = createGrowing(Int32Array);
  const speakerOf = createGrowing(Int32Array);
  const bitsOf = createGrowing(Uint8Array);
  const askingOf = createGrowing(Uint8Array);
  const namesOf = createGrowing(Uint8Array);
  const timeOf = createGrowing(Float64Array);
  const sequenceOf = createGrowing(Float64Array);
  const isGone = createGrowing(Uint8Array);
  const windowLengths = createGrowing(Int32Array);
  const columns = [
    lengths,
    threadOf,
    speakerOf,
    bitsOf,
    askingOf,
    namesOf,
    timeOf,
    sequenceOf,
    isGone,
    windowLengths,
  ];
  const totals = { count: 0, length: 0, windowLength: 0 };
  starts.push(0);

  const oldestFirst = (a: number, b: number): number =>
    (timeOf.data[a] as number) - (timeOf.data[b] as number) ||
    (sequenceOf.data[a] as number) - (sequenceOf.data[b] as number) ||
    ((ids[a] as string) < (ids[b] as string) ? -1 : 1);
  const threads = createThreads(oldestFirst);

  const traits = createTraits(vocabulary);
  let length = 0;
  let text = "";
  const visit = (written: string, start: number): void => {
    const word = vocabulary.wordOf(written);
    traits.take(word, text, start);
    const bits = vocabulary.bitsOf.data[word] as number;
    if ((bits & STOP) === 0) {
      length++;
      words.push(word);
    } else if ((bits & DATE) !== 0) words.push(word);
  };

  function windowLength(document: number): number {
    let sum = OWN_SHARE * (lengths.data[document] as number);
    let [before, after] = [document, document];
    for (let distance = 1; distance <= REACH; distance++) {
      before = before === NONE ? NONE : (threads.previous.data[before] as number);
      after = after === NONE ? NONE : (threads.next.data[after] as number);
      if (before !== NONE) sum += (BEFORE_SHARES[distance] as number) * (lengths.data[before] as number);
      if (after !== NONE) sum += (AFTER_SHARES[distance] as number) * (lengths.data[after] as number);
    }
    return sum;
  }

  function measure(document: number): void {
    const now = windowLength(document);
    totals.windowLength += now - (windowLengths.data[document] as number);
    windowLengths.data[document] = now;
  }

  return {
    vocabulary,
    speakers,
    threads,
    ids,
    words,
    starts,
    lengths,
    threadOf,
    speakerOf,
    bitsOf,
    askingOf,
    namesOf,
    timeOf,
    sequenceOf,
    isGone,
    windowLengths,
    totals,
    add(item) {
      const document = ids.push(item.id) - 1;
      length = 0;
      text = item.text;
      tokenise(text, MOST_WORDS, visit);
      starts.push(words.length);
      lengths.push(length);
      totals.count++;
      totals.length += length;
      const time = Date.parse(item.time);
      timeOf.push(Number.isNaN(time) ? 0 : time);
      sequenceOf.push(item.sequence);
      const speaker = speakers.speakerOf(item.speaker, item.role);
      speakerOf.push(speaker);
      speakers.count(speaker, 1);
      const { bits, asking, names } = traits.finish(text);
      bitsOf.push(bits | (item.kind === "fact" ? FACT : 0));
      askingOf.push(asking);
      namesOf.push(names);
      isGone.push(0);
      windowLengths.push(0);
      threads.previous.push(NONE);
      threads.next.push(NONE);
      threads.position.push(0);
      if (item.kind === "message") {
        const thread = threads.threadOf(item.threadId);
        threadOf.push(thread);
        threads.put(document, thread);
      } else {
        threadOf.push(NONE);
        measure(document);
      }
      return document;
    },
    remove(document) {
      isGone.data[document] = 1;
      speakers.count(speakerOf.data[document] as number, -1);
      totals.count--;
      totals.length -= lengths.data[document] as number;
      totals.windowLength -= windowLengths.data[document] as number;
      const thread = threadOf.data[document] as number;
      if (thread !== NONE) threads.remove(document, thread);
    },
    settle: () => threads.settle(measure),
    compact() {
      threads.settle(measure);
      const numbers = new Int32Array(ids.length).fill(NONE);
      let kept = 0;
      let end = 0;
      for (let document = 0; document < numbers.length; document++) {
        if (isGone.data[document] === 1) continue;
        const [from, to] = [starts.data[document] as number, starts.data[document + 1] as number];
        words.data.copyWithin(end, from, to);
        for (const column of columns) column.data[kept] = column.data[document] as number;
        ids[kept] = ids[document] as string;
        starts.data[kept] = end;
        end += to - from;
        numbers[document] = kept++;
      }
      starts.data[kept] = end;
      starts.length = kept + 1;
      words.length = end;
      ids.length = kept;
      for (const column of columns) column.length = kept;
      threads.renumber((document) => numbers[document] as number);
      threads.previous.reach(kept);
      threads.next.reach(kept);
      threads.position.reach(kept);
      for (let document = 0; document < kept; document++)
        if (threadOf.data[document] === NONE)
          threads.previous.data[document] = threads.next.data[document] = NONE;
    },
    newestFirst: (a, b) => oldestFirst(b, a),
  };
}
