import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import Sqlite from "better-sqlite3";
import { Webhook } from "standardwebhooks";
import { freePort, until } from "../support/processes.js";

const worker = fileURLToPath(new URL("events-worker.ts", import.meta.url));
const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const SENDERS = 8;
const STEPS = 2;
const AGAIN_MS = 25;
/** A kill comes at a random time up to so long after its turn. */
const UNTIL_KILL_MS = 120;
const SETTLE_MS = 120_000;

export interface KillReport {
  /** Events that were acknowledged, each once. */
  readonly acknowledged: number;
  /** Requests that were sent again, as nobody had answered. */
  readonly repeats: number;
  readonly kills: number;
  /** Effects that should be there and are not. */
  readonly lost: number;
  /** Effects beyond one for each step of an event, under whatever run. */
  readonly twice: number;
  /** Steps that were run again, as a kill had cut them short. */
  readonly stepsAgain: number;
  /** Runs that are not done. */
  readonly unfinished: number;
  /** From each kill to the first event that was acknowledged after it. */
  readonly backMs: readonly number[];
}

/**
 * Sends signed events to a process that is killed with SIGKILL again and again and started anew. Senders repeat what was
 * not acknowledged, and at random what was, as senders do.
 */
export async function killEvents({
  folder,
  events,
  kills,
  random = Math.random,
  progress = () => {},
}: {
  readonly folder: string;
  readonly events: number;
  readonly kills: number;
  /** In [0, 1). */
  readonly random?: () => number;
  readonly progress?: (line: string) => void;
}): Promise<KillReport> {
  const port = await freePort();
  const start = (): Promise<Running> => startWorker(folder, port);
  let running = await start();
  const acknowledgedAt: number[] = [];
  const backMs: number[] = [];
  let repeats = 0;
  let next = 0;
  let isOver = false;

  async function sendAll(): Promise<void> {
    for (let index = next++; index < events && !isOver; index = next++) {
      const id = `msg_${index}`;
      const mustRepeat = random() < 0.1;
      while (!isOver && !(await send(port, id, index))) {
        repeats++;
        await sleep(AGAIN_MS);
      }
      acknowledgedAt.push(performance.now());
      if (mustRepeat) await send(port, id, index);
    }
  }

  async function killAll(): Promise<void> {
    for (let kill = 0; kill < kills; kill++) {
      // Spread over all events: the last one comes when all were acknowledged and some still run.
      const turn = Math.ceil(((kill + 1) * events) / kills);
      await until(() => acknowledgedAt.length >= turn, `${turn} events are acknowledged`, SETTLE_MS);
      await sleep(random() * UNTIL_KILL_MS);
      const killedAt = performance.now();
      await running.kill();
      running = await start();
      progress(`${kill + 1} kills, ${acknowledgedAt.length} of ${events} events acknowledged`);
      if (acknowledgedAt.length === events) continue;
      const back = await until(() => acknowledgedAt.find((at) => at > killedAt + 1), "it is back", SETTLE_MS);
      backMs.push(back - killedAt);
    }
  }

  try {
    await Promise.all([killAll(), ...Array.from({ length: SENDERS }, sendAll)]);
    const count = (file: string, query: string): number => countIn(join(folder, file), query);
    const unfinished = (): number =>
      count("events.db", "SELECT count(*) FROM langbaton_event_runs WHERE state NOT IN ('done', 'dead')");
    await until(() => unfinished() === 0, "all runs have ended", SETTLE_MS);
    const effects = count("effects.db", "SELECT count(*) FROM effects");
    const distinct = count(
      "effects.db",
      "SELECT count(*) FROM (SELECT DISTINCT run, step FROM effects WHERE run LIKE 'msg\\_%/laptops' ESCAPE '\\')",
    );
    const executed = count("effects.db", "SELECT count(*) FROM executions");
    return {
      acknowledged: acknowledgedAt.length,
      repeats,
      kills,
      lost: events * STEPS - distinct,
      twice: effects - distinct,
      stepsAgain: executed - effects,
      unfinished:
        events - count("events.db", "SELECT count(*) FROM langbaton_event_runs WHERE state = 'done'"),
      backMs,
    };
  } catch (error) {
    throw new Error(`${String(error)}; the process said: ${running.output()}`, { cause: error });
  } finally {
    isOver = true;
    await running.kill();
  }
}

interface Running {
  readonly output: () => string;
  kill(): Promise<void>;
}

/** Waits until it serves: on a busy machine Node and tsx may take long. */
async function startWorker(folder: string, port: number): Promise<Running> {
  const child = spawn(process.execPath, ["--import", "tsx", worker, folder, `${port}`], {
    env: { ...process.env, WEBHOOK_SECRET: SECRET },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "exit");
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  try {
    await until(
      () => {
        if (child.exitCode !== null) throw new Error("it ended before it served");
        return output.includes("listening on");
      },
      "it serves",
      SETTLE_MS,
    );
  } catch (error) {
    await kill();
    throw new Error(`the worker did not start: ${String(error)}; it said: ${output}`, { cause: error });
  }
  return { output: () => output, kill };
}

/** True when it was acknowledged. A refusal is a fault of the test. */
async function send(port: number, id: string, index: number): Promise<boolean> {
  const body = JSON.stringify({
    type: "laptop.requested",
    timestamp: "2026-01-01T00:00:00Z",
    data: { index },
  });
  const at = new Date();
  const headers = {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": `${Math.floor(at.getTime() / 1000)}`,
    "webhook-signature": new Webhook(SECRET).sign(id, at, body),
  };
  let response: Response;
  try {
    response = await fetch(`http://127.0.0.1:${port}/events`, { method: "POST", body, headers });
    await response.arrayBuffer();
  } catch {
    return false;
  }
  if (response.ok) return true;
  if (response.status === 503) return false;
  throw new Error(`event ${id} was refused with ${response.status}`);
}

function countIn(file: string, query: string): number {
  if (!existsSync(file)) throw new Error(`there is no ${file}`);
  const database = new Sqlite(file, { readonly: true, timeout: 5000 });
  try {
    return database.prepare<[], number>(query).pluck().get() ?? 0;
  } finally {
    database.close();
  }
}
