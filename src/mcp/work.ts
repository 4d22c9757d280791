/**
 * What checking one value may take, in units of about 20 nanoseconds. A server writes both the schema and, in its results,
 * the value, and a small schema can make a small value the work of years.
 */
const MOST_WORK = 2_000_000;

let left = MOST_WORK;

/** Thrown through the validator that is at work. */
class GivenUp extends Error {}

/** Counts work, and the issues that have gathered, which take memory; ends a check that takes too much. */
export function spend(units: number, issues = 0): void {
  left -= units + issues / 8;
  if (left < 0) throw new GivenUp("given up");
}

/**
 * Runs a check within the limit. A value whose check takes too much, or recurses without end, counts as valid: whoever
 * made the schema checks by itself.
 */
export function withinWork(isValid: () => boolean): boolean {
  left = MOST_WORK;
  try {
    return isValid();
  } catch (error) {
    // The stack ends before the work does where a schema refers to itself without end.
    if (error instanceof GivenUp || error instanceof RangeError) return true;
    throw error;
  }
}
