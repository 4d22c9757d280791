/** An answer within so many milliseconds is quick. */
export const QUICK_MS = 1000;
/** So many quick answers in a row show that a tool is. */
const QUICK_CALLS = 8;

/**
 * Knows which tools answer quickly. A server that is asked to report progress pays for it, and so do we: a tenth of
 * a quick call over stdio. So a tool that has always been quick is not asked; one that was slow once is asked for ever.
 */
export interface Pace {
  isQuick(tool: string): boolean;
  record(tool: string, durationMs: number): void;
}

export function createPace(): Pace {
  const quickCalls = new Map<string, number>();
  return {
    isQuick: (tool) => (quickCalls.get(tool) ?? 0) >= QUICK_CALLS,
    record(tool, durationMs) {
      const before = quickCalls.get(tool) ?? 0;
      if (durationMs > QUICK_MS) quickCalls.set(tool, Number.NEGATIVE_INFINITY);
      else if (before < QUICK_CALLS) quickCalls.set(tool, before + 1);
    },
  };
}
