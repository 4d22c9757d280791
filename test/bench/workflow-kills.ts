import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import Sqlite from "better-sqlite3";
import postgres from "pg";
import ts from "typescript";
import type { WorkflowOutcome } from "../../src/workflows/run.js";
import { createRandom } from "../support/simulation-clock.js";
import type { RunnerInput, RunnerOrders } from "../support/workflow-runner.js";
import type { Benchmark } from "./benchmark.js";
import type { Figure } from "./blocks.js";

const RUNNER = "test/support/workflow-runner";
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const CACHE = join(ROOT, "node_modules", ".cache");
const KILLS = 3;
/** Three kills within this share of an undisturbed run each: most runs meet all of them before their end. */
const SHARE = 0.45;
/** So many runs meet their first kill before their input is written. */
const EARLY_EVERY = 5;

export interface KillOptions {
  /** Whether the eighth step fails, so that all before it is undone. */
  readonly fails: boolean;
  readonly runs: number;
  readonly seed: number;
  /** Where threads are kept. @default an SQLite file for each run */
  readonly database?: { readonly location: string; readonly schema: string };
  /** Runs at a time. @default 1 */
  readonly parallel?: number;
}

export interface KillReport {
  readonly runs: number;
  readonly kills: number;
  /** Kills before the process had said that its input is written. */
  readonly early: number;
  /** Runs that ended as one does that nobody kills, times and ids aside. */
  readonly identical: number;
  /** Effects that were had twice, or must not be had at all. */
  readonly duplicates: number;
  /** Effects that an undisturbed run has, and the killed one has not. */
  readonly lost: number;
  /** Effects that began, or were undone, before it was their turn. */
  readonly disordered: number;
  /** Attempts whose effect was there already: what keys are for. */
  readonly repeated: number;
  /** What was wrong, for people. */
  readonly faults: readonly string[];
}

/** Runs a workflow again and again, kills its process with SIGKILL at random moments, and looks at what comes of it. */
export async function killWorkflows(options: KillOptions): Promise<KillReport> {
  // Here packages are found.
  await mkdir(CACHE, { recursive: true });
  const folder = await mkdtemp(join(CACHE, "langbaton-workflow-kills-"));
  try {
    await transpile(folder);
    const measured = await runOnce(ordersOf(options, folder, "undisturbed"), options.fails);
    const expected = { outcome: measured.outcome, effects: readEffects(measured.folder) };
    const report = { kills: 0, early: 0, identical: 0, duplicates: 0, lost: 0, disordered: 0, repeated: 0 };
    const faults: string[] = [];
    let next = 0;
    const work = async (): Promise<void> => {
      for (let run = next++; run < options.runs; run = next++) {
        const random = createRandom(options.seed + run);
        const orders = ordersOf(options, folder, `run-${options.seed}-${run}`);
        const isEarly = run % EARLY_EVERY === 0;
        const delays = Array.from({ length: KILLS }, (_, kill) =>
          isEarly && kill === 0 ? measured.acceptedMs * random() : SHARE * measured.lastsMs * random(),
        );
        const killed = await runKilled(orders, options.fails, delays);
        const found = await compare(killed, orders, expected);
        report.kills += killed.kills;
        report.early += killed.early;
        report.identical += found.identical ? 1 : 0;
        report.duplicates += found.duplicates;
        report.lost += found.lost;
        report.disordered += found.disordered;
        report.repeated += found.repeated;
        faults.push(...found.faults.map((fault) => `run ${run} of seed ${options.seed}: ${fault}`));
      }
    };
    await Promise.all(Array.from({ length: options.parallel ?? 1 }, work));
    return { runs: options.runs, ...report, faults };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The sources as JavaScript: loading them through tsx would double what each of many starts takes. */
async function transpile(folder: string): Promise<void> {
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  const files = await readdir(join(ROOT, "src"), { recursive: true });
  for (const file of [...files.map((each) => join("src", each)), `${RUNNER}.ts`]) {
    if (!file.endsWith(".ts")) continue;
    const { outputText } = ts.transpileModule(await readFile(join(ROOT, file), "utf8"), { compilerOptions });
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file.replace(/ts$/, "js")), outputText);
  }
}

function ordersOf({ database }: KillOptions, folder: string, id: string): RunnerOrders {
  const kept = database ?? { location: join(folder, `${id}.db`) };
  return { ...kept, folder: join(folder, id), id: `${id}-${randomUUID()}` };
}

function inputOf(fails: boolean): RunnerInput {
  return { order: "A-1", items: ["a", "b", "c", "d"], big: true, fails };
}

/** One process, to its end or until it is killed, `killAfterMs` after its modules are loaded. */
async function runProcess(orders: RunnerOrders, killAfterMs?: number) {
  const program = join(dirname(orders.folder), `${RUNNER}.js`);
  const child = spawn(process.execPath, [program, JSON.stringify(orders)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = once(child, "close");
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  let timer: NodeJS.Timeout | undefined;
  let readyAt = 0;
  let acceptedMs: number | undefined;
  let outcome: WorkflowOutcome | undefined;
  try {
    for await (const line of createInterface(child.stdout)) {
      if (line === "ready") {
        readyAt = performance.now();
        if (killAfterMs !== undefined) timer = setTimeout(() => child.kill("SIGKILL"), killAfterMs);
      } else if (line === "accepted") acceptedMs = performance.now() - readyAt;
      else if (line.startsWith("outcome "))
        outcome = JSON.parse(line.slice("outcome ".length)) as WorkflowOutcome;
    }
  } finally {
    clearTimeout(timer);
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await closed;
  }
  const lastsMs = performance.now() - readyAt;
  const killed = child.signalCode === "SIGKILL";
  if (!killed && outcome === undefined)
    throw new Error(`the process that runs '${orders.id}' failed: ${errors}`);
  return { killed, acceptedMs, lastsMs, outcome };
}

async function runOnce(orders: RunnerOrders, fails: boolean) {
  const { outcome, acceptedMs = 0, lastsMs } = await runProcess({ ...orders, input: inputOf(fails) });
  if (outcome === undefined) throw new Error("the process that nobody kills was killed");
  return { outcome: normal(outcome, orders.id), acceptedMs, lastsMs, folder: orders.folder };
}

interface Killed {
  readonly outcome: WorkflowOutcome;
  readonly kills: number;
  readonly early: number;
}

/** Started anew after each kill: with the input until it was accepted, without it from then on. */
async function runKilled(orders: RunnerOrders, fails: boolean, delays: readonly number[]): Promise<Killed> {
  let isAccepted = false;
  let kills = 0;
  let early = 0;
  for (const delayMs of [...delays, undefined]) {
    const given = isAccepted ? orders : { ...orders, input: inputOf(fails) };
    const { killed, acceptedMs, outcome } = await runProcess(given, delayMs);
    isAccepted ||= acceptedMs !== undefined;
    if (outcome !== undefined) return { outcome, kills, early };
    if (!killed) throw new Error("a process ended without an outcome");
    kills++;
    if (!isAccepted) early++;
  }
  throw new Error("the last process is not killed");
}

/** Without what differs from run to run: times, the id, and the order of what is done at the same time. */
function normal(outcome: WorkflowOutcome, id: string): unknown {
  const nameOf = ({ step, index = 0 }: { readonly step: string; readonly index?: number | undefined }) =>
    `${step}/${index}`;
  const undone = outcome.undone.toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));
  const text = JSON.stringify({ ...outcome, undone }, (key, value) =>
    ["startedAt", "endedAt", "at", "order"].includes(key) ? undefined : value,
  );
  return JSON.parse(text.replaceAll(id, "ID"));
}

/** What was undone although something that was settled later was not undone yet. */
function undoneTooEarly({ steps, undone }: WorkflowOutcome): readonly string[] {
  const places = undone.map(({ step, index }) => {
    const record = steps[step];
    return (index === undefined ? record : record?.items?.[index])?.order ?? 0;
  });
  return undone.flatMap(({ step }, at) =>
    at > 0 && (places[at] ?? 0) > (places[at - 1] ?? 0) ? [`'${step}' was undone too late`] : [],
  );
}

interface Effects {
  readonly done: readonly { readonly key: string; readonly what: string }[];
  readonly log: readonly { readonly event: "begin" | "end"; readonly what: string }[];
}

function readEffects(folder: string): Effects {
  const database = new Sqlite(join(folder, "effects.db"), { readonly: true });
  try {
    return {
      done: database.prepare("SELECT key, what FROM effects").all() as Effects["done"],
      log: database.prepare("SELECT event, what FROM log ORDER BY place").all() as Effects["log"],
    };
  } finally {
    database.close();
  }
}

async function compare(
  { outcome }: Killed,
  { id, folder }: RunnerOrders,
  expected: { readonly outcome: unknown; readonly effects: Effects },
) {
  const { done, log } = readEffects(folder);
  const files = new Set((await readdir(join(folder, "effects"))).map(decodeURIComponent));
  const wanted = new Set(expected.effects.done.map(({ what }) => what));
  const had = new Set(done.filter(({ key }) => files.has(key)).map(({ what }) => what));
  const lost = [...wanted].filter((what) => !had.has(what));
  const unwanted = done.length - [...had].filter((what) => wanted.has(what)).length;
  const duplicates = unwanted + [...files].filter((file) => !done.some(({ key }) => key === file)).length;
  const disordered = [...outOfOrder(log), ...undoneTooEarly(outcome)];
  const given = normal(outcome, id);
  const identical = isDeepStrictEqual(given, expected.outcome);
  const faults = [
    ...lost.map((what) => `'${what}' was lost`),
    ...(duplicates > 0 ? [`${duplicates} effects too many: ${JSON.stringify(done)}`] : []),
    ...disordered,
    ...(identical
      ? []
      : [`it gave ${JSON.stringify(given)} in place of ${JSON.stringify(expected.outcome)}`]),
  ];
  const begun = log.filter(({ event }) => event === "begin").length;
  const counts = {
    duplicates,
    lost: lost.length,
    disordered: disordered.length,
    repeated: begun - done.length,
  };
  return { ...counts, identical, faults };
}

/** What the workflow says of its steps: those of one group need all of the group before. */
const GROUPS: readonly RegExp[] = [
  /^reserve$/,
  /^note$/,
  /^(left|right)$/,
  /^item /,
  /^(big|small)$/,
  /^charge$/,
  /^flaky$/,
];
const UNDO = "undo ";

function outOfOrder(log: Effects["log"]): readonly string[] {
  const first = (event: string, what: string) =>
    log.findIndex((one) => one.event === event && one.what === what);
  const whats = [...new Set(log.map(({ what }) => what))];
  // Undoing comes after all that was done, the last group first.
  const placeOf = (what: string): number => {
    const group = GROUPS.findIndex((one) => one.test(what.replace(UNDO, "")));
    return what.startsWith(UNDO) ? 2 * GROUPS.length - group : group;
  };
  return whats.flatMap((before) =>
    whats
      .filter((after) => placeOf(before) < placeOf(after) && first("end", before) > first("begin", after))
      .map((after) => `'${after}' began before '${before}' had ended`),
  );
}

const PART = 20;

/** Kills a process again and again in the midst of a workflow, which has to end as if nothing had happened. */
export const run: Benchmark = async ({ size, progress, defer }) => {
  const runs = size === "full" ? 200 : 3;
  const { DATABASE_URL: location } = process.env;
  const schema = `langbaton_${randomUUID().replaceAll("-", "")}`;
  if (location !== undefined) defer(() => dropSchema(location, schema));
  const stores = [
    { store: "sqlite" },
    ...(location === undefined ? [] : [{ store: "postgres", database: { location, schema } }]),
  ];
  const figures: Record<string, Figure> = {};
  const add = (key: string, value: number): void => {
    const sum = (figures[key]?.value ?? 0) + value;
    figures[key] = { value: sum, spread: [sum, sum] };
  };
  for (const { store, ...where } of stores) {
    for (const fails of [false, true]) {
      const name = fails ? `${store}_undone` : store;
      const parallel = availableParallelism();
      let identical = 0;
      // In parts, so that something is known of a run that has to be stopped.
      for (let done = 0; done < runs; done += PART) {
        const part = Math.min(PART, runs - done);
        const report = await killWorkflows({ fails, runs: part, seed: 1 + done, parallel, ...where });
        identical += report.identical;
        progress(`${name}: ${identical} of ${done + part} identical`);
        for (const fault of report.faults) progress(fault);
        add(`${name}_identical`, report.identical);
        for (const key of ["kills", "early", "duplicates", "lost", "disordered", "repeated"] as const)
          add(key, report[key]);
      }
    }
  }
  return { runs, figures };
};

export async function dropSchema(location: string, schema: string): Promise<void> {
  const client = new postgres.Client(location);
  await client.connect();
  await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  await client.end();
}
