import { parseArgs } from "node:util";
import type { Benchmark } from "./benchmark.js";
import { record, report } from "./report.js";

/** Each file is loaded when asked for, so that one benchmark's packages do not weigh on another. */
const benchmarks: Readonly<
  Record<string, { readonly about: string; readonly load: () => Promise<{ readonly run: Benchmark }> }>
> = {
  call: { about: "one tool call: stdio, HTTP and in-process", load: () => import("./call.js") },
  connect: { about: "ten slow servers at once", load: () => import("./connect.js") },
  list: { about: "list and convert 1,000 tools", load: () => import("./list.js") },
  import: { about: "what importing the package costs", load: () => import("./import.js") },
  kills: { about: "a stdio server killed again and again", load: () => import("./kills.js") },
  faults: {
    about: "calls over faulty connections to servers that get lost",
    load: () => import("./faults.js"),
  },
  middleware: { about: "what the standard stack costs a call", load: () => import("./middleware.js") },
  recall: { about: "questions about long conversations, --data FILE", load: () => import("./recall.js") },
  "tool-search": {
    about: "the tools that tasks need, among hundreds, --data FILE",
    load: () => import("./tool-search.js"),
  },
  memory: { about: "a user's memory filled and asked, over each store", load: () => import("./memory.js") },
  "memory-kills": {
    about: "a process killed again and again while it writes to a SQLite store",
    load: () => import("./memory-kills.js"),
  },
  tail: { about: "the slowest calls, with and without a hedge", load: () => import("./tail.js") },
  "workflow-kills": {
    about: "a workflow's process killed again and again",
    load: () => import("./workflow-kills.js"),
  },
  "events-kills": {
    about: "a process killed again and again while it takes events",
    load: () => import("./events-kills.js"),
  },
  conductor: { about: "a plan of tasks against its critical path", load: () => import("./conductor.js") },
  dag: { about: "steps that need each other, against the best schedule", load: () => import("./dag.js") },
  "fan-out": { about: "one tool on many HTTP servers at once", load: () => import("./fan-out.js") },
  agent: { about: "a step of an agent: a model call and a tool call", load: () => import("./agent.js") },
  checkpoints: {
    about: "what a long thread takes in a checkpoint store",
    load: () => import("./checkpoints.js"),
  },
};

const log = (line: string) => process.stderr.write(`${line}\n`);
const cleanups: (() => unknown)[] = [];

// tsx switches source maps on, which would charge for every error that somebody throws and catches.
process.setSourceMapsEnabled(false);
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // Stays on: tsx passes on what the terminal has sent already, and the second one must not cut the clean-up short.
  process.on(signal, async () => {
    if (interrupted) return;
    interrupted = true;
    await cleanUp();
    process.exit(130);
  });
}
process.exitCode = await main();

async function main(): Promise<number> {
  const { name, size, data, learn, record: isRecorded } = readArguments();
  const benchmark = name === undefined ? undefined : benchmarks[name];
  if (name === undefined || benchmark === undefined || (size !== "small" && size !== "full")) {
    log("Usage: npm run -s bench -- NAME [--data FILE] [--size small|full] [--learn] [--record]\n");
    for (const [each, { about }] of Object.entries(benchmarks)) log(`  ${each.padEnd(12)} ${about}`);
    return 2;
  }
  if (isRecorded && size !== "full") {
    log("Only what `--size full` measures is recorded: the documentation quotes it.");
    return 2;
  }
  const startedAt = performance.now();
  const progress = (line: string) =>
    log(`[${((performance.now() - startedAt) / 1000).toFixed(1)} s] ${name}: ${line}`);
  try {
    const { run } = await benchmark.load();
    const measured = await run({
      size,
      progress,
      defer: (cleanup) => void cleanups.push(cleanup),
      ...(data === undefined ? {} : { data }),
      learn,
    });
    const measurements = report(name, measured);
    await cleanUp();
    progress("done");
    process.stdout.write(`${JSON.stringify(measurements)}\n`);
    if (isRecorded) record(measurements);
    return 0;
  } finally {
    await cleanUp();
  }
}

function readArguments() {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: {
        data: { type: "string" },
        size: { type: "string", default: "small" },
        learn: { type: "boolean", default: false },
        record: { type: "boolean", default: false },
      },
    });
    return { name: positionals.length === 1 ? positionals[0] : undefined, ...values };
  } catch (error) {
    log(`${(error as Error).message}\n`);
    return { name: undefined, size: "", data: undefined, learn: false, record: false };
  }
}

async function cleanUp(): Promise<void> {
  for (let cleanup = cleanups.pop(); cleanup !== undefined; cleanup = cleanups.pop()) {
    try {
      await cleanup();
    } catch (error) {
      log(`clean-up: ${String(error)}`);
    }
  }
}
