import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { freePort, until } from "./processes.js";
import { temporaryFolder } from "./stdio-fixture.js";

/**
 * Folder of a package that holds Chroma's own server, such as `chromadb-js-bindings-linux-x64-gnu`. It is too large to
 * be a dependency: without it the tests that need it are skipped, and their names say so.
 */
export const chromaPackage = process.env.CHROMA_SERVER ?? "";
export const unlessSkipped = chromaPackage === "" ? " (skipped: CHROMA_SERVER is not set)" : "";

const PROGRAM = "const [folder, ...args] = process.argv.slice(1); require(folder).cli(['chroma', ...args]);";
const START_MS = 60_000;
const ATTEMPTS = 5;

export interface ChromaServer {
  readonly url: string;
  /** Ends it like a crash, and starts it again on the same port and folder. */
  restart(): Promise<void>;
  /** Ends it like a crash; its folder stays. */
  kill(): Promise<void>;
  /** It holds its connections and answers nothing. */
  freeze(): void;
  thaw(): void;
  /** Ends it for good. */
  stop(): Promise<void>;
}

/** A Chroma server of the caller's own, on a port chosen by the system and an empty folder. */
export async function startChroma(): Promise<ChromaServer> {
  const folder = temporaryFolder();
  const first = await startAnywhere(folder);
  const { port } = first;
  let child = first.child;
  return {
    url: urlOf(port),
    async restart() {
      await end(child);
      child = await start(folder, port);
    },
    kill: () => end(child),
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    async stop() {
      await end(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const urlOf = (port: number): string => `http://127.0.0.1:${port}`;

/** Another program may take the port before the server does. */
async function startAnywhere(
  folder: string,
): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    try {
      return { child: await start(folder, port), port };
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

async function start(folder: string, port: number): Promise<ChildProcess> {
  const args = ["run", "--path", folder, "--host", "127.0.0.1", "--port", `${port}`];
  const child = spawn(process.execPath, ["-e", PROGRAM, chromaPackage, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  try {
    await until(
      async () => {
        if (hasEnded(child)) throw new Error(`the Chroma server ended: ${errors}`);
        const answer = await fetch(`${urlOf(port)}/api/v2/heartbeat`).catch(() => undefined);
        return answer?.ok === true && !hasEnded(child);
      },
      "the Chroma server answers",
      START_MS,
    );
    return child;
  } catch (error) {
    await end(child);
    throw error;
  }
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}
