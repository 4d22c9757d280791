/** Where calls wait until something is freed. */
export interface Changes {
  /** Resolves at the next change, in the order of asking; rejects when the caller gives up. */
  next(signal: AbortSignal | undefined): Promise<void>;
  announce(): void;
}

export function createChanges(): Changes {
  let waiting: (() => void)[] = [];
  return {
    next: (signal) =>
      new Promise((resolve, reject) => {
        const stop = () => {
          waiting = waiting.filter((each) => each !== go);
          reject(signal?.reason);
        };
        const go = () => {
          signal?.removeEventListener("abort", stop);
          resolve();
        };
        signal?.addEventListener("abort", stop, { once: true });
        waiting.push(go);
      }),
    announce() {
      const woken = waiting;
      waiting = [];
      for (const each of woken) each();
    },
  };
}
