/** A place in a line. Leaving it costs the same wherever it is. */
export interface Place<T> {
  readonly value: T;
  readonly priority: number;
  before: Place<T> | undefined;
  after: Place<T> | undefined;
}

/** Those who wait: the highest priority first, and within one priority who came first. */
export interface Line<T> {
  readonly size: number;
  /** Who came last of the lowest priority. */
  readonly last: Place<T> | undefined;
  join(value: T, priority: number): Place<T>;
  /** Once for each place that was not shifted. */
  leave(place: Place<T>): void;
  shift(): T | undefined;
}

/** A sorted list with links both ways: joining passes only those of lower priority, usually nobody. */
export function createLine<T>(): Line<T> {
  let first: Place<T> | undefined;
  let last: Place<T> | undefined;
  let size = 0;

  function leave({ before, after }: Place<T>): void {
    if (before) before.after = after;
    else first = after;
    if (after) after.before = before;
    else last = before;
    size--;
  }

  return {
    get size() {
      return size;
    },
    get last() {
      return last;
    },
    join(value, priority) {
      let before = last;
      while (before !== undefined && before.priority < priority) before = before.before;
      const after = before === undefined ? first : before.after;
      const place: Place<T> = { value, priority, before, after };
      if (before) before.after = place;
      else first = place;
      if (after) after.before = place;
      else last = place;
      size++;
      return place;
    },
    leave,
    shift() {
      if (first === undefined) return undefined;
      const { value } = first;
      leave(first);
      return value;
    },
  };
}
