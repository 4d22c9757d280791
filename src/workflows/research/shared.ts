/**
 * Work that many may wait for at once and that is done once for them all; begun anew when it has ended. One who gives up
 * leaves it to the others, and the last to give up ends it.
 */
export function shared<T>(work: (signal: AbortSignal) => Promise<T>): (signal: AbortSignal) => Promise<T> {
  let running: Running<T> | undefined;
  return async (signal) => {
    signal.throwIfAborted();
    running ??= begin(work, (ended) => {
      if (running === ended) running = undefined;
    });
    const joined = running;
    joined.waiting++;
    try {
      return await orAbort(joined.result, signal);
    } finally {
      if (--joined.waiting === 0) {
        if (running === joined) running = undefined;
        joined.abort.abort(signal.reason);
      }
    }
  };
}

interface Running<T> {
  readonly result: Promise<T>;
  readonly abort: AbortController;
  waiting: number;
}

function begin<T>(work: (signal: AbortSignal) => Promise<T>, onEnd: (ended: Running<T>) => void): Running<T> {
  const abort = new AbortController();
  const begun: Running<T> = { result: work(abort.signal), abort, waiting: 0 };
  const end = (): void => onEnd(begun);
  begun.result.then(end, end);
  return begun;
}

function orAbort<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}
