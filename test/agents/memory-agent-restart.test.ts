import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "../support/child.js";
import { until } from "../support/processes.js";
import { temporaryFolder } from "../support/stdio-fixture.js";
import { isStored } from "../support/stored.js";

const script = join(import.meta.dirname, "../support/memory-agent.ts");

/** A process that says one thing to the agent and ends; its output. */
async function say(folder: string, thread: string, user: string, text: string): Promise<string> {
  const { code, stdout, stderr } = await run(process.execPath, [
    "--import",
    "tsx",
    script,
    folder,
    thread,
    user,
    text,
  ]);
  expect(code, stderr).toBe(0);
  return stdout;
}

test("what a user said is known after a restart in another thread, and to that user alone", async () => {
  const folder = temporaryFolder();
  await say(folder, "1", "alice", "I am allergic to peanuts.");
  expect(await say(folder, "2", "alice", "What am I allergic to?")).toMatch(/ai: .*peanuts/);
  expect(await say(folder, "3", "bob", "What am I allergic to?")).not.toContain("peanuts");
}, 60_000);

test("a run that was killed in a tool goes on with the unfinished tool alone", async () => {
  const folder = temporaryFolder();
  const args = ["--import", "tsx", script, folder, "1", "foreman", "Do both jobs."];
  const killed = await run(process.execPath, args, {
    onStart: async (child) => {
      await until(() => isStored(folder, "sweeping is done"), "the finished tool's result is stored", 30_000);
      child.kill("SIGKILL");
    },
  });
  expect(killed.stdout).toContain("painting runs");
  const after = await say(folder, "1", "foreman", "null");
  expect(after).not.toContain("sweeping runs");
  expect(after).toContain("painting runs");
  expect(after).toContain("tool: sweeping is done");
  expect(after).toContain("tool: painting is done");
}, 60_000);
