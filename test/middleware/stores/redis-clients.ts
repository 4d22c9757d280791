import { spawn } from "node:child_process";
import { once } from "node:events";
import { Redis as IoRedis } from "ioredis";
import { createClient } from "redis";
import type { RedisClient } from "../../../src/middleware/stores/redis.js";
import { freePort, until } from "../../support/processes.js";
import { temporaryFolder } from "../../support/stdio-fixture.js";

/** Where a Redis for tests runs; without it they are skipped, and their names say so. */
export const url = process.env.REDIS_URL ?? "";
export const unlessSkipped = url === "" ? " (skipped: REDIS_URL is not set)" : "";

/** Soon, so that a test that kills its server need not wait long. */
const RECONNECT_MS = 50;

export interface OpenClient {
  readonly client: RedisClient;
  readonly close: () => unknown;
}

const open = {
  async ioredis(address: string): Promise<OpenClient> {
    const client = new IoRedis(address, { maxRetriesPerRequest: 1, retryStrategy: () => RECONNECT_MS });
    client.on("error", () => {});
    await until(() => client.status === "ready", "ioredis is ready");
    return { client, close: () => client.disconnect() };
  },
  async redis(address: string): Promise<OpenClient> {
    const client = createClient({ url: address, socket: { reconnectStrategy: () => RECONNECT_MS } });
    client.on("error", () => {});
    await client.connect();
    return { client: client as unknown as RedisClient, close: () => client.destroy() };
  },
};

export type ClientName = keyof typeof open;
export const clientNames = Object.keys(open) as readonly ClientName[];

/** A client of this package that is connected. */
export function openClient(name: ClientName, address = url): Promise<OpenClient> {
  return open[name](address);
}

/** The same client, and how many commands it was handed: one without a connection would let them wait in its queue. */
export function counted(client: RedisClient): { readonly client: RedisClient; readonly sent: () => number } {
  let count = 0;
  const sending: readonly PropertyKey[] = ["call", "sendCommand"];
  const watched = new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        if (sending.includes(name)) count++;
        return value.apply(target, args);
      };
    },
  });
  return { client: watched, sent: () => count };
}

/** Removes what a test left under its prefix. */
export async function removeKeys(prefix: string): Promise<void> {
  const client = new IoRedis(url);
  const keys = await client.keys(`${prefix}*`);
  if (keys.length > 0) await client.del(...keys);
  client.disconnect();
}

/** A Redis server that a test may stop and kill: never the one at {@link url}. */
export async function startRedis(port?: number) {
  const at = port ?? (await freePort());
  const args = ["--port", `${at}`, "--bind", "127.0.0.1", "--save", "", "--dir", temporaryFolder()];
  const child = spawn("redis-server", args, { stdio: ["ignore", "pipe", "ignore"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  await until(() => output.includes("Ready to accept connections"), "redis-server starts");
  return {
    port: at,
    url: `redis://127.0.0.1:${at}`,
    /** It holds its connections and answers nothing. */
    freeze: () => child.kill("SIGSTOP"),
    thaw: () => child.kill("SIGCONT"),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}
