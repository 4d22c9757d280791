import { setTimeout as sleep } from "node:timers/promises";
import type { Benchmark } from "./benchmark.js";
import { type Figure, figure } from "./blocks.js";
import { importPackage } from "./built.js";
import { fixture } from "./paths.js";
import { createTag } from "./tagged.js";

const RECOVER_WITHIN_MS = 2000;
const GIVE_UP_MS = 30_000;
const BETWEEN_TRIES_MS = 10;
/** Longer than any recovery: the call in flight can only be ended by the kill. */
const IN_FLIGHT_MS = 60_000;

/** A process that was sent SIGKILL is still listed for a moment. */
const SETTLE_MS = 500;

/**
 * Kills a stdio server with SIGKILL again and again, every other time with a call in flight. The same tool object
 * has to answer again, and nothing may be left when the server is closed, the server's own children included.
 */
export const run: Benchmark = async ({ size, progress, defer }) => {
  const kills = size === "full" ? 200 : 10;
  const { connect, loadTools } = await importPackage(progress);
  const tag = createTag();
  defer(() => tag.killAll());
  const echo = {
    command: process.execPath,
    args: [fixture("echo-stdio.mjs"), "--helper"],
    env: tag.env,
  };
  const servers = await connect({ mcpServers: { echo } }, { onEvent: () => {} });
  defer(() => servers.close());
  const server = servers.get("echo");
  const [tool] = await loadTools(servers);
  if (!tool) throw new Error("the server has no tool");
  await tool.invoke({ text: "first" });

  const recoveryMs: number[] = [];
  const settledMs: number[] = [];
  let unrecovered = 0;
  let unsettled = 0;
  for (let kill = 0; kill < kills; kill++) {
    const { pid } = server;
    if (pid === undefined) throw new Error("the server is not connected");
    const inFlight = kill % 2 === 0 ? tool.invoke({ text: "lost", delayMs: IN_FLIGHT_MS }) : undefined;
    if (inFlight) await sleep(BETWEEN_TRIES_MS);
    const killedAt = performance.now();
    process.kill(pid, "SIGKILL");
    const lost = inFlight?.then(
      () => Number.POSITIVE_INFINITY,
      () => performance.now() - killedAt,
    );
    const ms = await untilAnswered(killedAt, (text) => tool.invoke({ text }));
    recoveryMs.push(ms);
    if (ms > RECOVER_WITHIN_MS) unrecovered++;
    if (lost) {
      const settled = await Promise.race([lost, sleep(1000, Number.POSITIVE_INFINITY, { ref: false })]);
      if (Number.isFinite(settled)) settledMs.push(settled);
      else unsettled++;
    }
    if ((kill + 1) % 10 === 0) progress(`${kill + 1} kills, ${unrecovered} not recovered in time`);
  }
  const processes = await tag.pids();
  await servers.close();
  const atOnce = (await tag.pids()).length;
  await sleep(SETTLE_MS);
  const left = (await tag.pids()).length;

  const whole = (value: number): Figure => ({ value, spread: [value, value] });
  const range = (values: readonly number[]): readonly [number, number] => [
    Math.min(...values),
    Math.max(...values),
  ];
  return {
    runs: kills,
    figures: {
      recovered: whole(kills - unrecovered),
      recovered_pct: whole((100 * (kills - unrecovered)) / kills),
      worst_ms: { value: Math.max(...recoveryMs), spread: range(recoveryMs) },
      median_ms: figure(recoveryMs),
      lost_calls_settled_pct: whole((100 * settledMs.length) / (settledMs.length + unsettled)),
      lost_calls_worst_ms: { value: Math.max(...settledMs), spread: range(settledMs) },
      /** The server and its helper: more would mean that kills left some behind. */
      processes_before_close: whole(processes.length),
      processes_at_close: whole(atOnce),
      processes_left: whole(left),
    },
  };
};

/** Milliseconds from the kill to the first answer. */
async function untilAnswered(killedAt: number, call: (text: string) => Promise<unknown>): Promise<number> {
  for (let tries = 0; ; tries++) {
    try {
      await call(`try ${tries}`);
      return performance.now() - killedAt;
    } catch (error) {
      if (performance.now() - killedAt > GIVE_UP_MS) throw error;
      await sleep(BETWEEN_TRIES_MS);
    }
  }
}
