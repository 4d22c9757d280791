import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { systemClock } from "../../src/core/clock.js";
import { until } from "../support/processes.js";

const timers = (): number => process.getActiveResourcesInfo().filter((each) => each === "Timeout").length;

test("systemClock.sleep() ends with the signal's reason and leaves no timer and no listener", async () => {
  const before = timers();
  const controller = new AbortController();
  const reason = new Error("enough");
  const sleeping = systemClock.sleep(60_000, controller.signal);
  expect(timers()).toBe(before + 1);
  controller.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
  expect(timers()).toBe(before);
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
});

test("systemClock.sleep() does not begin when the signal has fired", async () => {
  const before = timers();
  const reason = new Error("already");
  await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(timers()).toBe(before);
});

test("systemClock.sleep() resolves after its time", async () => {
  const before = performance.now();
  await systemClock.sleep(20, new AbortController().signal);
  expect(performance.now() - before).toBeGreaterThan(15);
});

test("systemClock.after() runs its callback unless it is cancelled, and keeps no process alive", async () => {
  const fired: string[] = [];
  const cancel = systemClock.after(5, () => fired.push("cancelled"));
  // A timer that keeps the process alive is an active resource; this one must not be.
  const before = timers();
  systemClock.after(10, () => fired.push("ran"));
  expect(timers()).toBe(before);
  cancel();
  await until(() => fired.length > 0, "the callback runs");
  expect(fired).toEqual(["ran"]);
});

test("systemClock.random() lies in [0, 1)", () => {
  for (let i = 0; i < 100; i++) {
    const value = systemClock.random();
    expect(value >= 0 && value < 1).toBe(true);
  }
});
