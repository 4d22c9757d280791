import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killWriters } from "../support/kill-writers.js";
import type { Benchmark } from "./benchmark.js";
import { type Figure, figure } from "./blocks.js";
import { buildPackage, builtFolder, importSqliteStore } from "./built.js";

/**
 * Kills a process with SIGKILL again and again while it writes batches to one SQLite store. Whatever it had acknowledged
 * has to be in the file, and of the batch it was at all or nothing.
 */
export const run: Benchmark = async ({ size, progress, defer }) => {
  const kills = size === "full" ? 100 : 5;
  await buildPackage(progress);
  const { sqliteStore } = await importSqliteStore();
  const folder = await mkdtemp(join(tmpdir(), "langbaton-memory-kills-"));
  defer(() => rm(folder, { recursive: true, force: true }));
  const report = await killWriters({
    file: join(folder, "memory.db"),
    kills,
    module: new URL("memory/stores/sqlite.js", builtFolder()).href,
    open: sqliteStore,
  });
  progress(`${kills} kills, ${report.acknowledged} items acknowledged, ${report.lost} lost`);
  const whole = (value: number): Figure => ({ value, spread: [value, value] });
  return {
    runs: kills,
    figures: {
      kills: whole(kills),
      acknowledged: whole(report.acknowledged),
      lost: whole(report.lost),
      torn_batches: whole(report.torn),
      damaged_files: whole(report.damaged),
      reopen_ms: figure(report.reopenMs),
    },
  };
};
