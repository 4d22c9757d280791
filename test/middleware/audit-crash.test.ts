import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { createCall } from "../../src/core/call.js";
import { type AuditRecord, audit, auditFile, auditSqlite, verifyAudit } from "../../src/middleware/audit.js";
import { failure } from "../support/calls.js";
import { run } from "../support/child.js";
import { FakeClock } from "../support/fake-clock.js";
import { startProgram, until } from "../support/processes.js";
import { temporaryFolder } from "../support/stdio-fixture.js";

const KEY = "a secret of the auditors";
const WRITER = fileURLToPath(new URL("../support/audit-writer.ts", import.meta.url));
const call = () => createCall({ server: "s", tool: "t", args: {} });
const answer = async () => ({ content: [] });
const file = (name = "audit.jsonl"): string => join(temporaryFolder(), name);

function records(path: string): AuditRecord[] {
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as AuditRecord);
}

/** Opens a log as the next process would, and records one call. */
async function reopen(path: string): Promise<string[]> {
  const warnings: string[] = [];
  await using log = auditFile(path);
  await audit({ to: log, key: KEY, onWarning: (warning) => warnings.push(warning) })(call(), answer);
  return warnings;
}

describe("a log whose last record was cut", () => {
  test("at any byte is repaired when it is opened: whole records stay, the rest is kept aside, and the log says so", async () => {
    const path = file();
    await reopen(path);
    await reopen(path);
    const whole = readFileSync(path);
    const start = whole.indexOf("\n") + 1;
    for (let size = start + 1; size < whole.length; size++) {
      const cut = file();
      writeFileSync(cut, whole.subarray(0, size));
      expect(await verifyAudit(cut, { key: KEY })).toMatchObject({ ok: false, records: 1, fault: { at: 2 } });
      const warnings = await reopen(cut);
      expect(warnings).toHaveLength(1);
      expect(await verifyAudit(cut, { key: KEY })).toMatchObject({ ok: true, records: 3 });
      expect(records(cut)[1]).toMatchObject({ event: "repaired", bytes: size - start });
      expect(readFileSync(`${cut}.torn`, "utf8")).toBe(`${whole.toString("utf8", start, size)}\n`);
    }
  });

  test("is repaired when it was the first, and after a loss of power that left zeros", async () => {
    const path = file();
    await reopen(path);
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, 100));
    await reopen(path);
    expect(records(path)).toMatchObject([{ event: "repaired", bytes: 100 }, { event: "call" }]);
    writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(4096)]));
    await reopen(path);
    expect(await verifyAudit(path, { key: KEY })).toMatchObject({ ok: true, records: 4 });
  });
});

test.skipIf(process.platform === "win32")(
  "kill -9 at any moment loses no record of a call that returned, and the next process goes on",
  { timeout: 120_000 },
  async () => {
    const path = file();
    const clock = new FakeClock(0, 7);
    let returned = 0;
    for (let kill = 0; kill < 12; kill++) {
      const enough = 1 + Math.floor(clock.random() * 300);
      let output = "";
      {
        await using writer = await startProgram(
          ["--import", "tsx", WRITER],
          { LOG: path, AT_ONCE: String(1 + (kill % 4)) },
          "-7",
        );
        await until(() => writer.output().split("\n").length > enough, "the writer writes");
        writer.child.kill("SIGKILL");
        await until(() => writer.child.signalCode !== null, "it is gone");
        output = writer.output();
      }
      const ids = output.split("\n").slice(0, -1);
      const found = new Set(records(path).flatMap((each) => (each.event === "call" ? each.callId : [])));
      expect(ids.filter((id) => !found.has(id))).toEqual([]);
      returned += ids.length;
      await reopen(path);
      expect(await verifyAudit(path, { key: KEY })).toMatchObject({ ok: true });
    }
    console.log(`12 kills, ${returned} calls returned, ${records(path).length} records, 0 lost`);
  },
);

describe("one file and several processes", () => {
  test("a second process is refused while the first lives, and takes over when it was killed", async () => {
    const path = file();
    {
      await using writer = await startProgram(["--import", "tsx", WRITER], { LOG: path }, "-7");
      await using log = auditFile(path);
      const error = await failure(audit({ to: log, key: KEY, onWarning() {} })(call(), answer));
      expect(error).toMatchObject({ code: "STORE", effect: "none", retryable: true });
      expect(error.message).toContain(`process ${writer.child.pid}`);
      expect(error.message).toContain("auditSqlite()");
    }
    expect(existsSync(`${path}.lock`)).toBe(true);
    await reopen(path);
    expect(existsSync(`${path}.lock`)).toBe(false);
    expect(await verifyAudit(path, { key: KEY })).toMatchObject({ ok: true });
  });

  test.each([
    [
      "of a process that got a dead one's id",
      { pid: process.pid, started: "another boot 5" },
      process.platform === "linux",
    ],
    ["of a process that is gone", { pid: 2 ** 30, started: null }, true],
    ["of another machine", { pid: 2 ** 30, started: null, host: "elsewhere" }, false],
    ["that is being written", undefined, false],
  ])("a lock %s", async (_, owner, free) => {
    const path = file();
    writeFileSync(`${path}.lock`, owner ? JSON.stringify({ host: hostname(), token: "x", ...owner }) : "");
    if (free) await reopen(path);
    else expect((await failure(reopen(path))).message).toContain(`delete '${path}.lock'`);
  });

  test("four processes share a SQLite log: one chain, no record lost", { timeout: 60_000 }, async () => {
    const path = file("audit.db");
    const writer = () =>
      run(process.execPath, ["--import", "tsx", WRITER], { env: { LOG: path, CALLS: "200", AT_ONCE: "4" } });
    const done = await Promise.all([writer(), writer(), writer(), writer()]);
    for (const { code, stdout, stderr } of done)
      expect([code, stdout.split("\n").length, stderr]).toEqual([0, 202, ""]);
    const report = await verifyAudit(path, { key: KEY });
    expect(report).toMatchObject({ ok: true, records: 800 });
    expect(await auditSqlite(path).head()).toEqual(report.head);
  });

  test("a SQLite log that was edited is found out", async () => {
    const path = file("audit.db");
    {
      await using log = auditSqlite(path);
      const middleware = audit({ to: log, key: KEY });
      for (let i = 0; i < 5; i++) await middleware(call(), answer);
    }
    const { default: Sqlite } = await import("better-sqlite3");
    const { head } = await verifyAudit(path, { key: KEY });
    const edits: [string, number][] = [
      ["UPDATE audit SET line = replace(line, '\"ok\"', '\"no\"') WHERE sequence = 3", 3],
      ["DELETE FROM audit WHERE sequence = 3", 3],
      ["UPDATE audit SET sequence = -sequence; UPDATE audit SET sequence = 6 + sequence", 1],
      ["UPDATE audit SET sequence = 9 WHERE sequence = 5", 5],
      ["DELETE FROM audit WHERE sequence = 5", 5],
      ["DELETE FROM audit", 1],
    ];
    for (const [edit, at] of edits) {
      const copy = file("copy.db");
      writeFileSync(copy, readFileSync(path));
      const database = new Sqlite(copy);
      database.exec(edit);
      database.close();
      expect(await verifyAudit(copy, { key: KEY, head })).toMatchObject({ ok: false, fault: { at } });
    }
    const damaged = file("damaged.db");
    const bytes = readFileSync(path);
    writeFileSync(damaged, bytes.fill(0xff, 4096, 4200));
    expect(await verifyAudit(damaged, { key: KEY, head })).toMatchObject({ ok: false });
  });
});
