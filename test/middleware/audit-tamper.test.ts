import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createCall } from "../../src/core/call.js";
import { seal, toKey } from "../../src/middleware/audit/record.js";
import {
  type AuditHead,
  type AuditRecord,
  audit,
  type CallRecord,
  verifyAudit,
} from "../../src/middleware/audit.js";
import { FakeClock } from "../support/fake-clock.js";
import { temporaryFolder } from "../support/stdio-fixture.js";

const KEY = "a secret of the auditors";
const EDITS = 10_000;
const RECORDS = 12;
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);

type Kind = (lines: readonly string[], pick: (below: number) => number, other: readonly string[]) => string;

const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");
const without = (lines: readonly string[], at: number): string[] => lines.filter((_, index) => index !== at);

/** Chained anew from a place on, as somebody can who has the log and not the key. */
function rehash(
  lines: readonly string[],
  from: number,
  change: (record: CallRecord) => object,
  key?: string,
): string[] {
  let head: AuditHead = { sequence: from, hash: from === 0 ? "0".repeat(64) : hashOf(lines[from - 1]) };
  return lines.map((line, index) => {
    if (index < from) return line;
    const { hash: _, ...entry } = JSON.parse(line) as CallRecord;
    const changed = { ...entry, ...(index === from ? change(entry as CallRecord) : {}) };
    const sealed = seal(changed, head, key === undefined ? undefined : toKey(key));
    head = sealed.head;
    return sealed.line;
  });
}

const hashOf = (line = ""): string => line.slice(-66, -2);

/** What somebody may do to a log. */
const KINDS: Readonly<Record<string, Kind>> = {
  "flip a bit": (lines, pick) => {
    const bytes = Buffer.from(text(lines));
    const at = pick(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << pick(8));
    return bytes.toString("latin1");
  },
  "insert a byte": (lines, pick) => {
    const whole = text(lines);
    const at = pick(whole.length);
    return whole.slice(0, at) + String.fromCharCode(pick(128)) + whole.slice(at);
  },
  "change a field": (lines, pick) => {
    const at = pick(lines.length);
    const record = JSON.parse(lines[at] ?? "") as Record<string, unknown>;
    const names = Object.keys(record);
    const name = names[pick(names.length)] ?? "";
    record[name] = typeof record[name] === "number" ? (record[name] as number) + 1 : `${record[name]}x`;
    return text(lines.with(at, JSON.stringify(record)));
  },
  "remove a field": (lines, pick) => {
    const at = pick(lines.length);
    const record = JSON.parse(lines[at] ?? "") as Record<string, unknown>;
    const names = Object.keys(record);
    delete record[names[pick(names.length)] ?? ""];
    return text(lines.with(at, JSON.stringify(record)));
  },
  "delete a record": (lines, pick) => text(without(lines, pick(lines.length))),
  "delete and renumber": (lines, pick) => {
    const at = pick(lines.length);
    return text(rehash(without(lines, at), Math.min(at, lines.length - 2), () => ({})));
  },
  "swap two records": (lines, pick) => {
    const [one, two] = [pick(lines.length), pick(lines.length - 1)];
    const next = two >= one ? two + 1 : two;
    return text(lines.with(one, lines[next] ?? "").with(next, lines[one] ?? ""));
  },
  "duplicate a record": (lines, pick) => {
    const at = pick(lines.length);
    return text(lines.toSpliced(pick(lines.length + 1), 0, lines[at] ?? ""));
  },
  "insert a forged record": (lines, pick) => {
    const at = pick(lines.length);
    const forged = rehash(lines, at, () => ({ tool: "forged" }))[at] ?? "";
    return text(lines.toSpliced(at, pick(2), forged));
  },
  "cut off bytes": (lines, pick) => text(lines).slice(0, -1 - pick(lines.at(-1)?.length ?? 1)),
  "cut off records": (lines, pick) => text(lines.slice(0, pick(lines.length))),
  "fork: the end of another log": (lines, pick, other) => {
    const at = pick(lines.length);
    return text([...lines.slice(0, at), ...other.slice(at)]);
  },
  "hash anew without a key": (lines, pick) =>
    text(rehash(lines, pick(lines.length), () => ({ outcome: "ok!" }))),
  "hash anew with another key": (lines, pick) =>
    text(rehash(lines, pick(lines.length), () => ({ user: "x" }), "the key of an attacker")),
};

async function makeLog(clock: FakeClock): Promise<readonly string[]> {
  const lines: string[] = [];
  const middleware = audit({
    to: (record: AuditRecord) => {
      const { hash, ...rest } = record;
      lines.push(`${JSON.stringify(rest).slice(0, -1)},"hash":"${hash}"}`);
    },
    key: KEY,
    clock,
  });
  for (let i = 0; i < RECORDS; i++) {
    await clock.advance(1);
    const call = createCall({ server: "files", tool: `tool-${i % 3}`, args: { i }, caller: { user: "ana" } });
    await middleware(call, async () => ({ content: [], isError: i % 4 === 0 }));
  }
  return lines;
}

test(`${EDITS} random edits of a log are found with key and head (seed ${SEED})`, {
  timeout: 120_000,
}, async () => {
  const clock = new FakeClock(undefined, SEED);
  const pick = (below: number): number => Math.floor(clock.random() * below);
  const lines = await makeLog(clock);
  const other = await makeLog(clock);
  const file = join(temporaryFolder(), "audit.jsonl");
  writeFileSync(file, text(lines));
  const { head, ok } = await verifyAudit(file, { key: KEY });
  expect(ok).toBe(true);
  expect(head.sequence).toBe(RECORDS);

  const table = Object.fromEntries(
    Object.keys(KINDS).map((kind) => [kind, { edits: 0, "key and head": 0, "key alone": 0 }]),
  );
  const kinds = Object.entries(KINDS);
  for (let i = 0; i < EDITS; i++) {
    const [kind, edit] = kinds[i % kinds.length] ?? [];
    const row = table[kind ?? ""];
    if (!edit || !row) throw new Error("no such kind");
    let edited = edit(lines, pick, other);
    while (edited === text(lines)) edited = edit(lines, pick, other);
    writeFileSync(file, edited, "latin1");
    row.edits++;
    const report = await verifyAudit(file, { key: KEY, head });
    if (!report.ok) row["key and head"]++;
    // The head only adds to what the key finds.
    if (report.fault && !/before the head|kept as the head/.test(report.fault.reason)) row["key alone"]++;
  }
  console.log(`seed ${SEED}: edits, and how many were found`);
  console.table(table);
  const missed = Object.values(table).reduce((sum, row) => sum + row.edits - row["key and head"], 0);
  expect(missed).toBe(0);
});

test("the end of another log with the same key is found without a head, wherever it was joined", async () => {
  const clock = new FakeClock();
  const lines = await makeLog(clock);
  const other = await makeLog(clock);
  const file = join(temporaryFolder(), "audit.jsonl");
  for (let at = 1; at < RECORDS; at++) {
    writeFileSync(file, text([...lines.slice(0, at), ...other.slice(at)]));
    const report = await verifyAudit(file, { key: KEY });
    expect(report).toMatchObject({ ok: false, records: at, fault: { at: at + 1 } });
  }
});

test("what only the head can tell: records cut off at the end, and another log with the same key", async () => {
  const clock = new FakeClock();
  const lines = await makeLog(clock);
  const other = await makeLog(clock);
  const file = join(temporaryFolder(), "audit.jsonl");
  writeFileSync(file, text(lines));
  const { head } = await verifyAudit(file, { key: KEY });
  for (const changed of [lines.slice(0, -1), [], other]) {
    writeFileSync(file, text(changed));
    expect(await verifyAudit(file, { key: KEY })).toMatchObject({ ok: true });
    const report = await verifyAudit(file, { key: KEY, head });
    expect(report).toMatchObject({ ok: false, fault: { reason: expect.stringContaining("head") } });
  }
  // A log that has grown since is as it should be.
  writeFileSync(file, text(lines));
  const early = { sequence: 3, hash: hashOf(lines[2]) };
  expect(await verifyAudit(file, { key: KEY, head: early })).toMatchObject({ ok: true, records: RECORDS });
});
