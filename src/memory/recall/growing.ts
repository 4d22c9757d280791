type Numbers = Int32Array | Uint16Array | Uint8Array | Float64Array;

/** A typed array that grows: `data` is longer than `length` and is replaced when it is full, so read it afresh. */
export interface Growing<A extends Numbers> {
  data: A;
  length: number;
  push(value: number): void;
  /** Makes room for this many, filled with zeros. */
  reach(length: number): void;
}

/** One `ArrayBuffer` in place of an object per entry: nothing for the garbage collector to walk. */
export function createGrowing<A extends Numbers>(make: new (length: number) => A, capacity = 64): Growing<A> {
  const growing: Growing<A> = {
    data: new make(capacity),
    length: 0,
    push(value) {
      if (growing.length === growing.data.length) grow(growing.length + 1);
      growing.data[growing.length++] = value;
    },
    reach(length) {
      if (length > growing.data.length) grow(length);
      if (length > growing.length) growing.length = length;
    },
  };
  function grow(atLeast: number): void {
    const larger = new make(Math.max(atLeast, growing.data.length * 2));
    larger.set(growing.data);
    growing.data = larger;
  }
  return growing;
}
