import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { BenchmarkOptions } from "./benchmark.js";
import { startFaultyProxy } from "./faulty-proxy.js";
import { fixture } from "./paths.js";

/** One server of tools with effects, behind its own faults, for one contender. */
export interface World {
  /** The server's entry, in the words that every host has. */
  readonly entry: { readonly url: string } | { readonly command: string; readonly args: string[] };
  /** Faults happen from now on. */
  begin(): void;
  /** What happens every 200 calls: sessions forgotten or the server killed, in turn; over stdio always killed. */
  disrupt(): Promise<void>;
  journal(): Journal;
}

/** What the server did, which it wrote down before it answered. */
export interface Journal {
  readonly executions: number;
  /** Executions of each call, by tool and number. */
  readonly runs: ReadonlyMap<string, number>;
  readonly effects: ReadonlyMap<string, number>;
  readonly starts: number;
}

type Options = Pick<BenchmarkOptions, "defer">;

export async function createHttpWorld(seed: number, { defer }: Options): Promise<World> {
  const file = createJournal(defer);
  const proxy = await startFaultyProxy(seed);
  defer(() => proxy.close());
  let server = await startHttpServer(file, 0);
  defer(() => end(server.child));
  proxy.target = server.port;
  let disruptions = 0;
  return {
    entry: { url: proxy.url },
    begin() {
      proxy.faulty = true;
    },
    async disrupt() {
      if (disruptions++ % 2 === 0) {
        server.child.stdin?.write("forget\n");
        await once(server.lines, "line");
      } else {
        await end(server.child);
        server = await startHttpServer(file, server.port);
      }
    },
    journal: () => readJournal(file),
  };
}

export async function createStdioWorld(seed: number, { defer }: Options): Promise<World> {
  const file = createJournal(defer);
  return {
    entry: { command: process.execPath, args: [fixture("effects-stdio.mjs"), file, String(seed)] },
    begin: () => writeFileSync(`${file}.faults`, ""),
    async disrupt() {
      const pid = readLines(file)
        .findLast((line) => line.startsWith("start"))
        ?.split(" ")[1];
      try {
        process.kill(Number(pid), "SIGKILL");
      } catch {
        // It is dead and nobody has started it again.
      }
    },
    journal: () => readJournal(file),
  };
}

interface HttpServer {
  readonly child: ChildProcess;
  readonly port: number;
  readonly lines: Interface;
}

async function startHttpServer(journal: string, port: number): Promise<HttpServer> {
  const child = spawn(process.execPath, [fixture("effects-http.mjs"), journal, String(port)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  if (!child.stdout) throw new Error("the HTTP server has no output");
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, "line")) as [string];
  return { child, port: Number(line), lines };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

function createJournal(defer: BenchmarkOptions["defer"]): string {
  const folder = mkdtempSync(join(tmpdir(), "langbaton-bench-"));
  defer(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "journal");
  writeFileSync(file, "");
  return file;
}

function readLines(file: string): string[] {
  return readFileSync(file, "utf8").split("\n");
}

function readJournal(file: string): Journal {
  const runs = new Map<string, number>();
  const effects = new Map<string, number>();
  let executions = 0;
  let starts = 0;
  for (const line of readLines(file)) {
    const [what, tool, n] = line.split(" ");
    if (what === "start") starts++;
    const counted = what === "run" ? runs : what === "effect" ? effects : undefined;
    counted?.set(`${tool} ${n}`, (counted.get(`${tool} ${n}`) ?? 0) + 1);
    if (what === "run") executions++;
  }
  return { executions, runs, effects, starts };
}
