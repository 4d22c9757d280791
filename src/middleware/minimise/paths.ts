import { BatonError } from "../../core/errors.js";

/** Paths that begin alike, as one tree. */
export interface PathTree {
  /** A path ends here: what stands at it goes. */
  readonly ends: boolean;
  readonly next: ReadonlyMap<string, PathTree>;
}

/** Where a walk stands: more than one, as `*` and a name may both fit. */
export type Places = readonly PathTree[];

interface Growing {
  ends: boolean;
  readonly next: Map<string, Growing>;
}

/**
 * Paths such as `employees.*.salary`, where `*` stands for any item of a list or any key.
 *
 * @throws {BatonError} `CONFIG_INVALID` for a path with an empty step
 */
export function parsePaths(paths: readonly string[]): Places {
  if (paths.length === 0) return [];
  const root: Growing = { ends: false, next: new Map() };
  for (const path of paths) {
    const steps = path.split(".");
    if (steps.some((step) => step === "" || step !== step.trim())) {
      const problem = `minimise(): the path ${JSON.stringify(path)} has an empty step: write it as in employees.*.salary`;
      throw new BatonError("CONFIG_INVALID", problem, { data: { part: "minimise", path } });
    }
    let place = root;
    for (const step of steps) {
      const next = place.next.get(step) ?? { ends: false, next: new Map() };
      place.next.set(step, next);
      place = next;
    }
    place.ends = true;
  }
  return [root];
}

/** One step on; undefined when a path ends there. */
export function stepTo(places: Places, key: string): Places | undefined {
  if (places.length === 0) return places;
  const found: PathTree[] = [];
  for (const { next } of places) {
    for (const step of [key, "*"]) {
      const place = next.get(step);
      if (place?.ends) return undefined;
      if (place !== undefined) found.push(place);
    }
  }
  return found;
}
