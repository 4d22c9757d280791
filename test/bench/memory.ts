import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type BaseStore, InMemoryStore } from "@langchain/langgraph-checkpoint";
import type { Benchmark, BenchmarkOptions } from "./benchmark.js";
import { type Figure, figure, quantile, time } from "./blocks.js";
import { builtFolder, importChromaStore, importMemory, importPackage, importSqliteStore } from "./built.js";
import { createTalk } from "./fixtures/talk.mjs";

type Turn = import("../../src/memory/turn.js").Turn;
type Memory = import("../../src/memory/memory.js").Memory;
type Figures = Record<string, Figure>;

const NAMESPACE = ["bench"];
const BATCH = 1000;
const QUERIES = { small: 100, full: 400 };
const GETS = 300;
const OPENINGS = { small: 3, full: 7 };

/** One user's memory, filled and asked, over each store. */
export const run: Benchmark = async (options) => {
  const { size, progress, defer } = options;
  await importPackage(progress);
  const { createMemory } = await importMemory();
  const { sqliteStore } = await importSqliteStore();
  const folder = await mkdtemp(join(tmpdir(), "langbaton-memory-"));
  defer(() => rm(folder, { recursive: true, force: true }));
  const sizes = size === "full" ? [10_000, 100_000] : [10_000];
  const figures: Figures = {};

  for (const items of sizes) {
    const file = join(folder, `${items}.db`);
    const stores: Record<string, () => Promise<BaseStore> | BaseStore> = {
      sqlite: () => sqliteStore(file),
      inmemory: () => new InMemoryStore(),
      ...(process.env.CHROMA_SERVER && { chroma: () => openChroma(options) }),
    };
    for (const [name, open] of Object.entries(stores)) {
      const store = await open();
      Object.assign(
        figures,
        await measure(name, items, store, createMemory({ store, namespace: NAMESPACE }), options),
      );
      await store.stop();
    }
    if (items === sizes.at(-1)) Object.assign(figures, await measureOpening(file, items, options));
  }
  if (!process.env.CHROMA_SERVER) progress("Chroma is left out: CHROMA_SERVER names no server");
  return { figures, runs: QUERIES[size] };
};

async function openChroma({ defer }: BenchmarkOptions): Promise<BaseStore> {
  const { chromaStore } = await importChromaStore();
  const { startChroma } = await import("../support/chroma-server.js");
  const server = await startChroma();
  defer(() => server.stop());
  return chromaStore({ url: server.url, timeoutMs: 30_000 });
}

async function measure(
  name: string,
  items: number,
  store: BaseStore,
  memory: Memory,
  { size, progress }: BenchmarkOptions,
): Promise<Figures> {
  const talk = createTalk(items);
  const questions: string[] = [];
  const addresses: { readonly namespace: string[]; readonly key: string }[] = [];
  const addsPerS: number[] = [];
  const every = Math.floor(items / GETS);
  for (let from = 0; from < items; from += BATCH) {
    const turns = talk.turns(from, Math.min(BATCH, items - from));
    const ms = await time(async () => {
      for (const [threadId, thread] of byThread(turns)) {
        const known = await memory.remember(thread, { threadId });
        const one = known[from % known.length];
        if (one && addresses.length < items / every) {
          addresses.push({ namespace: [...NAMESPACE, "=threads", threadId], key: one.id });
        }
      }
    });
    addsPerS.push((1000 * turns.length) / ms);
    for (const turn of turns)
      if (questions.length < QUERIES[size] && Number(turn.id) % 7 === 0)
        questions.push(talk.question(turn.text));
  }
  const recall = await times(questions, (question) => memory.recall(question));
  // A tenth of all: what was said on some days.
  const before = Date.UTC(2024, 0, 1) + (items / 500) * 3_600_000;
  const filtered = await times(questions, (question) => memory.recall(question, { where: { before } }));
  const gets = await times(addresses, ({ namespace, key }) => store.get(namespace, key));
  const search = await times(questions.slice(0, 20), () =>
    store.search(NAMESPACE, { filter: { speaker: "Ann" }, limit: 10 }),
  );
  const k = `${items / 1000}k`;
  const figures: Figures = {
    [`${name}_adds_per_s${items === 100_000 ? "" : `_${k}`}`]: figure(addsPerS),
    [`${name}_recall_p50_${k}_ms`]: worst(recall, 0.5),
    [`${name}_recall_p95_${k}_ms`]: worst(recall, 0.95),
    [`${name}_filtered_p95_${k}_ms`]: worst(filtered, 0.95),
    [`${name}_search_p95_${k}_ms`]: worst(search, 0.95),
    [`${name}_get_ms${items === 100_000 ? "" : `_${k}`}`]: worst(gets, 0.5),
  };
  progress(
    `${name} ${k}: ${Object.entries(figures)
      .map(([key, { value }]) => `${key} ${value.toPrecision(3)}`)
      .join(", ")}`,
  );
  return figures;
}

/** A file that another process wrote, in a process that has just started. */
async function measureOpening(
  file: string,
  items: number,
  { size, progress }: BenchmarkOptions,
): Promise<Figures> {
  const { sqliteStore } = await importSqliteStore();
  const store = sqliteStore(file);
  const [item] = await store.search([...NAMESPACE, "=threads", "thread-0"], { limit: 1 });
  await store.close();
  const fixture = fileURLToPath(new URL("fixtures/open-memory.mjs", import.meta.url));
  const args = [fixture, builtFolder(), file, item?.key ?? "", String(item?.value.text)];
  const opened: number[] = [];
  const recalled: number[] = [];
  for (let run = 0; run < OPENINGS[size]; run++) {
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const { openS, recallS } = JSON.parse(stdout) as { openS: number; recallS: number };
    opened.push(openS);
    recalled.push(recallS);
  }
  const k = `${items / 1000}k`;
  progress(
    `opening ${k}: ${figure(opened).value.toFixed(4)} s, first recall ${figure(recalled).value.toFixed(2)} s`,
  );
  return { [`sqlite_open_${k}_s`]: figure(opened), [`sqlite_first_recall_${k}_s`]: figure(recalled) };
}

async function times<T>(inputs: readonly T[], use: (input: T) => Promise<unknown>): Promise<number[]> {
  const taken: number[] = [];
  for (const input of inputs) taken.push(await time(() => use(input)));
  return taken;
}

function worst(taken: readonly number[], share: number): Figure {
  return { value: quantile(taken, share), spread: [Math.min(...taken), Math.max(...taken)] };
}

function byThread(turns: ReturnType<ReturnType<typeof createTalk>["turns"]>) {
  const threads = new Map<string, Turn[]>();
  for (const { threadId, ...turn } of turns) threads.set(threadId, [...(threads.get(threadId) ?? []), turn]);
  return threads;
}
