/** Something that comes after other things. Names in `needs` that nobody has count as fulfilled. */
export interface Ordered {
  readonly id: string;
  readonly needs: readonly string[];
}

/**
 * In an order in which each comes after all that it needs: first what needs nothing, then what needs only that, and so on,
 * otherwise as they were. What is in a circle, or needs something that is, comes apart. Takes time in proportion to the
 * number of needs.
 */
export function inOrder<One extends Ordered>(
  all: readonly One[],
): { readonly ordered: readonly One[]; readonly circular: readonly One[] } {
  const waveOf = wavesOf(all);
  const waves: One[][] = [];
  const circular: One[] = [];
  for (const [index, one] of all.entries()) {
    const wave = waveOf[index];
    if (wave === undefined) {
      circular.push(one);
      continue;
    }
    waves[wave] ??= [];
    waves[wave].push(one);
  }
  return { ordered: waves.flat(), circular };
}

/** The ids along one circle, the first of them again at the end; undefined when there is none. */
export function findCircle(all: readonly Ordered[]): readonly string[] | undefined {
  const { circular } = inOrder(all);
  const byId = new Map(circular.map((one) => [one.id, one]));
  const path = new Set<string>();
  // Each of them needs another one of them, so that from any of them the way leads into a circle.
  let at = circular[0];
  while (at !== undefined && !path.has(at.id)) {
    path.add(at.id);
    at = byId.get(at.needs.find((need) => byId.has(need)) ?? "");
  }
  if (at === undefined) return undefined;
  const ids = [...path];
  return [...ids.slice(ids.indexOf(at.id)), at.id];
}

/** How many come one after the other before each of them; nothing for those that never can. */
function wavesOf(all: readonly Ordered[]): readonly (number | undefined)[] {
  const indexOf = new Map(all.map(({ id }, index) => [id, index]));
  const dependents: number[][] = all.map(() => []);
  const missing = all.map(() => 0);
  for (const [index, { needs }] of all.entries()) {
    for (const need of needs) {
      const needed = indexOf.get(need);
      if (needed === undefined) continue;
      dependents[needed]?.push(index);
      missing[index] = (missing[index] ?? 0) + 1;
    }
  }
  const waves: (number | undefined)[] = all.map((_, index) => (missing[index] === 0 ? 0 : undefined));
  const free = all.flatMap((_, index) => (missing[index] === 0 ? index : []));
  for (const index of free) {
    for (const dependent of dependents[index] ?? []) {
      missing[dependent] = (missing[dependent] ?? 0) - 1;
      if (missing[dependent] !== 0) continue;
      // The last one that it needs is of the latest wave, as those come in the order of waves.
      waves[dependent] = (waves[index] ?? 0) + 1;
      free.push(dependent);
    }
  }
  return waves;
}
