import { getEventListeners } from "node:events";
import { expect } from "vitest";
import type { Clock } from "../../src/core/clock.js";
import type { Job } from "../../src/execution/job.js";

/** Jobs that a test ends by hand, and what it saw of them. */
export function createJobs<T = string>(...names: readonly string[]) {
  const started: string[] = [];
  const cancelled: string[] = [];
  const ends = new Map<string, { resolve: (value: T) => void; reject: (error: unknown) => void }>();
  const jobs = names.map(
    (name): Job<T> => ({
      name,
      run(signal) {
        started.push(name);
        signal.addEventListener("abort", () => cancelled.push(name), { once: true });
        return new Promise((resolve, reject) => ends.set(name, { resolve, reject }));
      },
    }),
  );
  const end = (name: string) => {
    const found = ends.get(name);
    if (!found) throw new Error(`'${name}' was not started`);
    return found;
  };
  return {
    jobs,
    started,
    cancelled,
    succeed: (name: string, value: T) => end(name).resolve(value),
    fail: (name: string, error: unknown = new Error(`${name} broke`)) => end(name).reject(error),
  };
}

/** A job that takes its time. */
export function timed<T>(clock: Clock, name: string, ms: number, value: T): Job<T> {
  return { name, run: (signal) => clock.sleep(ms, signal).then(() => value) };
}

/** A job that takes its time and then fails. */
export function failing(clock: Clock, name: string, ms: number, error: Error): Job<never> {
  return { name, run: (signal) => clock.sleep(ms, signal).then(() => Promise.reject(error)) };
}

/** A signal that a test fires, and proof that nobody listens to it any more. */
export function createSignal() {
  const controller = new AbortController();
  const { signal } = controller;
  return {
    signal,
    fire: (reason: unknown = "enough") => controller.abort(reason),
    listeners: () => getEventListeners(signal, "abort").length,
  };
}

export function expectNothingLeft(
  clock: { readonly pending: number },
  { listeners }: { listeners: () => number },
): void {
  expect({ timers: clock.pending, listeners: listeners() }).toEqual({ timers: 0, listeners: 0 });
}

/** What LangGraph throws to ask a person. */
export function interrupt(): Error {
  return Object.assign(new Error("ask"), { name: "GraphInterrupt" });
}
