import { reasonOf } from "../core/errors.js";
import { emitWarning } from "../core/warning.js";

/** A listener that cannot break what it listens to: what it throws becomes a warning, the first time. */
export function harmless<Event>(
  what: string,
  listener: ((event: Event) => void) | undefined,
): ((event: Event) => void) | undefined {
  if (listener === undefined) return undefined;
  let isWarned = false;
  const warn = (error: unknown): void => {
    if (isWarned) return;
    isWarned = true;
    emitWarning(`${what}: its listener threw, and must not: ${reasonOf(error)}`, "REPORT");
  };
  return (event) => {
    try {
      const returned: unknown = listener(event);
      // An async function is a listener too, and its rejection would end the process.
      if (returned instanceof Promise) returned.catch(warn);
    } catch (error) {
      warn(error);
    }
  };
}
