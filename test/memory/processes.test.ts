import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createMemory } from "../../src/memory/memory.js";
import { sqliteStore } from "../../src/memory/stores/sqlite.js";
import { run } from "../support/child.js";
import { FakeClock } from "../support/fake-clock.js";
import { temporaryFolder } from "../support/stdio-fixture.js";

async function inAnotherProcess(file: string, verb: "remember" | "forget", subject: string): Promise<string> {
  const script = join(import.meta.dirname, "../support/remember.ts");
  const { code, stdout, stderr } = await run(process.execPath, [
    "--import",
    "tsx",
    script,
    file,
    verb,
    subject,
  ]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return stdout.trim();
}

test("over one file, what another process remembers and forgets is known at the next recall", async () => {
  const file = join(temporaryFolder(), "memory.db");
  const store = sqliteStore(file);
  onTestFinished(() => store.close());
  const memory = createMemory({ store, namespace: ["users", "alice"] });
  await memory.remember("The kettle is blue");
  expect(await memory.recall("lamp")).toEqual([]);
  const id = await inAnotherProcess(file, "remember", "The lamp is new");
  expect((await memory.recall("lamp"))[0]).toMatchObject({ id, text: "The lamp is new" });
  await inAnotherProcess(file, "forget", id);
  expect(await memory.recall("lamp")).toEqual([]);
  // It had the same id here, so that saying it again is no second item.
  expect(await inAnotherProcess(file, "remember", "The kettle is blue")).toBe(
    (await memory.recall("kettle"))[0]?.id,
  );
  expect((await memory.stats()).longTerm.facts).toBe(1);
});

test("what another process removed and said again is not removed by one that still knows it as it was", async () => {
  const file = join(temporaryFolder(), "memory.db");
  const clock = new FakeClock();
  const [here, there] = [sqliteStore(file), sqliteStore(file)].map((store) => {
    onTestFinished(() => store.close());
    return createMemory({ store, namespace: ["users", "alice"], clock });
  });
  await here?.remember("The door code is 4711", { ttlMs: 1000 });
  expect(await there?.recall("door code")).toHaveLength(1);
  await clock.advance(1000);
  // Sweeps it, and says it again for ever.
  await there?.remember("The sun shines");
  await there?.remember("The door code is 4711");
  await here?.remember("The moon shines");
  expect((await here?.recall("door code"))?.[0]?.expiresAt).toBeUndefined();
  expect((await there?.recall("door code"))?.[0]?.text).toBe("The door code is 4711");
});
