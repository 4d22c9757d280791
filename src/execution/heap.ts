/** A member of a heap knows where it lies, so that it can leave from the middle. */
export interface HeapMember {
  /** Kept by the heap; anything outside of one. */
  place: number;
}

export interface Heap<T extends HeapMember> {
  readonly size: number;
  readonly first: T | undefined;
  push(member: T): void;
  /** Takes the first out. */
  pop(): T | undefined;
  /** Takes one out that is in it. */
  remove(member: T): void;
}

/** A binary heap: the member that is before all others comes out first. Every step takes the logarithm of its size. */
export function createHeap<T extends HeapMember>(isBefore: (one: T, other: T) => boolean): Heap<T> {
  const members: T[] = [];

  const put = (member: T, place: number): void => {
    members[place] = member;
    member.place = place;
  };

  function rise(member: T, from: number): void {
    let place = from;
    while (place > 0) {
      const parent = members[(place - 1) >> 1] as T;
      if (!isBefore(member, parent)) break;
      put(parent, place);
      place = (place - 1) >> 1;
    }
    put(member, place);
  }

  function sink(member: T, from: number): void {
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= members.length) break;
      if (child + 1 < members.length && isBefore(members[child + 1] as T, members[child] as T)) child++;
      const smaller = members[child] as T;
      if (!isBefore(smaller, member)) break;
      put(smaller, place);
      place = child;
    }
    put(member, place);
  }

  function remove(member: T): void {
    const { place } = member;
    const last = members.pop() as T;
    if (last === member) return;
    // It may belong above as well as below the gap.
    sink(last, place);
    rise(last, last.place);
  }

  return {
    get size() {
      return members.length;
    },
    get first() {
      return members[0];
    },
    push: (member) => rise(member, members.length),
    pop() {
      const first = members[0];
      if (first !== undefined) remove(first);
      return first;
    },
    remove,
  };
}
