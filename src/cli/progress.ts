import { type Clock, systemClock } from "../core/clock.js";
import { type Display, textOf } from "./progress/display.js";
import { plainDisplay } from "./progress/plain.js";
import { readEvent, type StepChange } from "./progress/read-event.js";

export interface ProgressOptions {
  /** @default process.stderr */
  readonly stream?: NodeJS.WriteStream;
  /** @default systemClock */
  readonly clock?: Clock;
}

/**
 * Does `work`, and shows what it tells of its steps: events of workflows, of `runDag()`, and what graphs stream as
 * "custom". On a terminal each step has a line that changes; elsewhere each change of note is a line. Events that it
 * does not know are passed over. When the work ends, whichever way, so does the showing.
 *
 * @example
 * ```ts
 * const outcome = await withProgress((onEvent) => runWorkflow(workflow, { id, input, onEvent }));
 * ```
 */
export async function withProgress<T>(
  work: (onEvent: (event: unknown) => void) => Promise<T>,
  { stream = process.stderr, clock = systemClock }: ProgressOptions = {},
): Promise<T> {
  const display = await openDisplay(stream);
  /** When each step that has not ended was begun. */
  const open = new Map<string, number>();
  const retries = new Map<string, number>();

  function change({ step, status, detail, attempt }: StepChange): void {
    const startedAt = open.get(step);
    if (status === "started") open.set(step, startedAt ?? clock.now());
    else if (status === "retrying") retries.set(step, attempt ?? (retries.get(step) ?? 1) + 1);
    else {
      open.delete(step);
      retries.delete(step);
    }
    const durationMs = startedAt === undefined ? undefined : clock.now() - startedAt;
    display.show(step, status, textOf(step, status, { detail, durationMs, attempt: retries.get(step) }));
  }

  function endAll(status: "waiting" | "stopped"): void {
    for (const step of [...open.keys()]) change({ step, status });
  }

  try {
    return await work((event) => {
      const read = readEvent(event);
      if (read === undefined) return;
      if (read.type === "step") change(read);
      else if (read.type === "hint") display.hint(read.text);
      else endAll("waiting");
    });
  } finally {
    endAll("stopped");
    await display.close();
  }
}

async function openDisplay(stream: NodeJS.WriteStream): Promise<Display> {
  if (!isLive(stream)) return plainDisplay(stream);
  const { liveDisplay } = await import("./progress/live.js");
  return liveDisplay(stream);
}

/** A build server's log, a terminal that cannot move its cursor and one without a width get plain lines. */
function isLive({ isTTY, columns }: NodeJS.WriteStream): boolean {
  const { CI, TERM } = process.env;
  if (!isTTY || CI || TERM === "dumb") return false;
  // listr2 asks standard output, which may be another terminal, or none.
  return [columns, process.stdout.columns].every((width) => width === undefined || width >= NARROWEST);
}

const NARROWEST = 20;
