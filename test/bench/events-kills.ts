import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killEvents } from "../workflows/events-kills.js";
import type { Benchmark } from "./benchmark.js";
import { type Figure, figure } from "./blocks.js";

/**
 * Kills a process with SIGKILL again and again while it takes signed events and works them. Each event that was acknowledged
 * has to have its effects, each once.
 */
export const run: Benchmark = async ({ size, progress, defer }) => {
  const [events, kills] = size === "full" ? [1000, 20] : [60, 3];
  const folder = await mkdtemp(join(tmpdir(), "langbaton-events-kills-"));
  defer(() => rm(folder, { recursive: true, force: true }));
  const report = await killEvents({ folder, events, kills, progress });
  const whole = (value: number): Figure => ({ value, spread: [value, value] });
  return {
    runs: kills,
    figures: {
      kills: whole(kills),
      acknowledged: whole(report.acknowledged),
      lost: whole(report.lost),
      twice: whole(report.twice),
      unfinished: whole(report.unfinished),
      repeats: whole(report.repeats),
      steps_again: whole(report.stepsAgain),
      /** Most of it is Node starting, and tsx compiling. */
      back_ms: figure(report.backMs),
    },
  };
};
