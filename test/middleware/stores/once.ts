// Run by tests in a process of its own: uses idempotency keys, writes each effect to a file, and may kill itself on the way.
import { appendFileSync } from "node:fs";
import { createCall, type Handler } from "../../../src/core/call.js";
import { resultText } from "../../../src/core/result.js";
import { type IdempotencyStore, idempotency } from "../../../src/middleware/idempotency.js";
import { redisIdempotency } from "../../../src/middleware/stores/redis-idempotency.js";
import { sqliteIdempotency } from "../../../src/middleware/stores/sqlite-idempotency.js";
import { openClient } from "./redis-clients.js";

/** Where it dies. */
export type Point = "before begin" | "before effect" | "after effect" | "after finish";

export interface Orders {
  /** Keys, each used so many times at once. */
  readonly keys: readonly string[];
  readonly times: number;
  readonly effects: string;
  readonly store: { readonly file: string } | { readonly prefix: string };
  readonly die?: Point;
}

const { keys, times, effects, store: where, die } = JSON.parse(process.argv[2] ?? "") as Orders;
const dieAt = (point: Point): void => {
  if (point === die) process.kill(process.pid, "SIGKILL");
};

const { inner, close } = await openStore();
const store: IdempotencyStore = {
  ...inner,
  begin(key, record) {
    dieAt("before begin");
    return inner.begin(key, record);
  },
  async finish(key, record) {
    await inner.finish(key, record);
    dieAt("after finish");
  },
};
const use = idempotency({ store });
const tool: Handler = async ({ idempotencyKey }) => {
  dieAt("before effect");
  appendFileSync(effects, `${idempotencyKey}\n`);
  dieAt("after effect");
  return { content: [{ type: "text", text: `done in ${process.pid}` }] };
};
const answers = await Promise.all(
  keys.flatMap((idempotencyKey) =>
    Array.from({ length: times }, async () => {
      const result = await use(
        createCall({ server: "bank", tool: "pay", args: { eur: 1 }, idempotencyKey }),
        tool,
      );
      return [idempotencyKey, resultText(result)] as const;
    }),
  ),
);
console.log(JSON.stringify(answers));
await close();

async function openStore(): Promise<{ readonly inner: IdempotencyStore; readonly close: () => unknown }> {
  if ("file" in where) {
    const sqlite = sqliteIdempotency(where.file);
    return { inner: sqlite, close: () => sqlite.close() };
  }
  const { client, close } = await openClient("ioredis");
  return { inner: redisIdempotency(client, { prefix: where.prefix, timeoutMs: 10_000 }), close };
}
