import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";

/** Polls until something holds; the limit is generous, as the machine may be busy. */
export async function until<T>(
  probe: () => T | Promise<T>,
  what: string,
  limitMs = 10_000,
): Promise<NonNullable<T>> {
  const end = performance.now() + limitMs;
  for (;;) {
    const value = await probe();
    if (value) return value as NonNullable<T>;
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A process that runs; one that ended and was not yet reaped does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== "linux") return true;
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Ids of processes whose command line shows this text, which is how strays are found. */
export function processesWith(text: string): number[] {
  return commandLines().flatMap(([pid, line]) => (line.includes(text) ? [pid] : []));
}

/** Without `ps` on Linux, as a machine with Node alone may lack it. */
function commandLines(): (readonly [number, string])[] {
  if (process.platform !== "linux") {
    const lines = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8", maxBuffer: 1 << 24 }).split(
      "\n",
    );
    return lines.map((line) => [Number.parseInt(line, 10), line]);
  }
  const pids = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
  return pids.flatMap((pid) => {
    try {
      return [[Number(pid), readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")] as const];
    } catch {
      // It ended meanwhile.
      return [];
    }
  });
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

export interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a Node program and waits until it has written a text. */
export async function startProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  ready: string,
): Promise<Running> {
  const child = spawn(process.execPath, [...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };
  try {
    await until(() => {
      if (child.exitCode !== null) throw new Error(`it ended before it was ready: ${output}`);
      return output.includes(ready);
    }, `${args[0]} writes '${ready}'`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { child, output: () => output, [Symbol.asyncDispose]: stop };
}
