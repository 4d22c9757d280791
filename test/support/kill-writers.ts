import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import Sqlite from "better-sqlite3";
import type { SqliteStore } from "../../src/memory/stores/sqlite.js";

/** Arguments: the store's module, the file, the writer's name, items in a batch, and how many batches. */
export const storeWriter = fileURLToPath(new URL("store-writer.mjs", import.meta.url));

export interface KillOptions {
  readonly file: string;
  readonly kills: number;
  /** Options of Node and the address of the store's module, for the process that writes. */
  readonly nodeOptions?: readonly string[];
  readonly module: string;
  readonly open: (file: string) => SqliteStore;
  /** In [0, 1). */
  readonly random?: () => number;
}

export interface KillReport {
  /** Items of batches that the killed writers had acknowledged. */
  readonly acknowledged: number;
  /** Of those, the ones that are not in the file. */
  readonly lost: number;
  /** Batches of which a part is in the file. */
  readonly torn: number;
  /** Kills after which SQLite found fault with the file. */
  readonly damaged: number;
  /** How long each time the first read after the kill took, the opening included. */
  readonly reopenMs: readonly number[];
}

const BATCH_ITEMS = 20;
const MOST_BATCHES = 40;
const ALL = 1_000_000;

/** Kills processes with SIGKILL while they write to a SQLite store, and looks at what is left. */
export async function killWriters(options: KillOptions): Promise<KillReport> {
  const { file, kills, open, random = Math.random } = options;
  const report = { acknowledged: 0, lost: 0, torn: 0, damaged: 0, reopenMs: [] as number[] };
  const promised = new Map<string, number>();
  for (let kill = 0; kill < kills; kill++) {
    const name = `writer ${kill}`;
    promised.set(name, await killOne(options, name, 1 + Math.floor(random() * MOST_BATCHES)));
    const reopenedAt = performance.now();
    await using store = open(file);
    await store.get(["writers", name, "0"], "0");
    report.reopenMs.push(performance.now() - reopenedAt);
    if (!isSound(file)) report.damaged++;
  }
  // At the end, and so also what later kills may have done to earlier items.
  await using store = open(file);
  for (const [name, batches] of promised) {
    const found = new Map<string, number>();
    for (const { namespace } of await store.search(["writers", name], { limit: ALL }))
      found.set(namespace[2] ?? "", (found.get(namespace[2] ?? "") ?? 0) + 1);
    report.acknowledged += batches * BATCH_ITEMS;
    for (let batch = 0; batch < batches; batch++) report.lost += BATCH_ITEMS - (found.get(`${batch}`) ?? 0);
    report.torn += [...found.values()].filter((count) => count !== BATCH_ITEMS).length;
  }
  return report;
}

/** How many batches it had acknowledged when it was gone. */
async function killOne(
  { file, module, nodeOptions = [] }: KillOptions,
  name: string,
  after: number,
): Promise<number> {
  const child = spawn(process.execPath, [...nodeOptions, storeWriter, module, file, name, `${BATCH_ITEMS}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  let batches = 0;
  try {
    for await (const _ of createInterface(child.stdout)) if (++batches === after) child.kill("SIGKILL");
  } finally {
    child.kill("SIGKILL");
    await exited;
  }
  if (batches < after) throw new Error(`${name} ended before it was killed`);
  return batches;
}

function isSound(file: string): boolean {
  const database = new Sqlite(file);
  try {
    return database.pragma("integrity_check", { simple: true }) === "ok";
  } finally {
    database.close();
  }
}
