import type { Span } from "./dates.js";
import type { Documents } from "./documents.js";

/** The newest `most` accepted messages that were said within any of these times. Settle first. */
export function saidWithin(
  spans: readonly Span[],
  documents: Documents,
  most: number,
  accept: (document: number) => boolean,
): number[] {
  const { threads, timeOf } = documents;
  const found: number[] = [];
  for (const { from, to } of spans) {
    for (let thread = 0; thread < threads.count; thread++) {
      const order = threads.order(thread);
      let at = firstAfter(order, (document) => (timeOf.data[document] as number) >= to) - 1;
      for (let taken = 0; taken < most && at >= 0; at--) {
        const document = order[at] as number;
        if ((timeOf.data[document] as number) < from) break;
        if (!accept(document)) continue;
        found.push(document);
        taken++;
      }
    }
  }
  return [...new Set(found)].sort(documents.newestFirst).slice(0, most);
}

/** The first place in an ordered list from which on `isAfter` holds. */
function firstAfter(order: readonly number[], isAfter: (document: number) => boolean): number {
  let [low, high] = [0, order.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isAfter(order[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}
