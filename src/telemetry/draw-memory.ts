import { checkMemoryMap, checkMemoryOptions } from "./memory-map/check.js";
import { bandOf, stack } from "./memory-map/frame.js";
import { longTermBand } from "./memory-map/long-term-band.js";
import { legendOf } from "./memory-map/marks.js";
import type { MemoryMap } from "./memory-map/memory-map.js";
import { memoryText } from "./memory-map/memory-text.js";
import { threadsBand } from "./memory-map/threads-band.js";
import { totalsOf } from "./memory-map/totals.js";
import { workingBand } from "./memory-map/working-band.js";
import { createPicture, type Picture } from "./picture.js";
import { counted } from "./pictures/columns.js";
import { svgOf, WIDTH } from "./pictures/svg.js";

export type { MappedItem, MappedMessage, MappedThread, MemoryMap } from "./memory-map/memory-map.js";

export interface DrawMemoryOptions {
  /** What `memory.recall()` gave, best first: drawn with its rank. @default nothing was asked */
  readonly found?: readonly { readonly id: string }[];
  /** The notes of working memory, `state.working` for example. @default their band is left out */
  readonly working?: Readonly<Record<string, unknown>>;
}

/**
 * What a memory holds, at one glance: the notes of the task at hand, when `working` is given; each thread with the window that is short-term
 * memory; and on an axis of time what long-term memory keeps, with facts, their corrections, and what recall found.
 * Large memories are summed up: the newest 8 threads and at most 14 facts and finds have a place of their own.
 *
 * @throws {BatonError} `CONFIG_INVALID` for options that cannot be used, `INVALID_ARGUMENTS` for what is no map
 * @example
 * ```ts
 * const found = await memory.recall("What may Alice eat?");
 * drawMemory(await memory.map(), { found });
 * ```
 */
export function drawMemory(map: MemoryMap, options: DrawMemoryOptions = {}): Picture {
  checkMemoryMap(map);
  checkMemoryOptions(options);
  const { found = [], working } = options;
  const ranks = new Map(found.map(({ id }, index) => [id, index + 1]));
  const totals = totalsOf(map);
  const summary = [
    counted(totals.threads, "thread"),
    counted(totals.messages, "message"),
    counted(totals.facts, "fact"),
  ].join(", ");
  const { height, elements } = stack([
    { height: 8, elements: [] },
    ...(working
      ? [bandOf("working", "what the task at hand needs, in the state of the graph", workingBand(working))]
      : []),
    bandOf(
      "short-term (window)",
      "the newest words of each thread as they are; what leaves the frame is kept below",
      threadsBand(map, ranks),
    ),
    bandOf("long-term", "every word and every fact, for recall() to find", longTermBand(map, ranks)),
    legendOf(map, ranks, summary),
  ]);
  const svg = svgOf(WIDTH, height, `a memory of ${summary}`, elements);
  return createPicture(svg, memoryText(map, ranks, working));
}
