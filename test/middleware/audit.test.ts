import {
  chmodSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createCall, type Handler } from "../../src/core/call.js";
import { canonicalJson, hashJson } from "../../src/core/canonical.js";
import { BatonError } from "../../src/core/errors.js";
import { createFileSink, type Disk } from "../../src/middleware/audit/file.js";
import { AuditLog } from "../../src/middleware/audit/log.js";
import {
  type AuditOptions,
  type AuditRecord,
  audit,
  auditFile,
  auditSqlite,
  type CallRecord,
  verifyAudit,
} from "../../src/middleware/audit.js";
import { failure } from "../support/calls.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { temporaryFolder } from "../support/stdio-fixture.js";
import { obeysLaws } from "./laws.js";

const KEY = "a secret of the auditors";
const fine = { content: [{ type: "text", text: "fine" }] } as const;
const answer: Handler = async () => fine;
const a = (rest: object = {}) => createCall({ server: "s", tool: "t", args: { query: "canary" }, ...rest });

const path = (): string => join(temporaryFolder(), "audit.jsonl");
const lines = (file: string): AuditRecord[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as AuditRecord);

function logOf(file: string, disk?: Partial<Disk>, options = {}): AuditLog {
  const log = disk
    ? new AuditLog(createFileSink(file, options, { ...realDisk(), ...disk }))
    : auditFile(file, options);
  onTestFinished(() => log.close().catch(() => {}));
  return log;
}

function realDisk(): Disk {
  return {
    write: (fd, bytes) => writeSync(fd, bytes),
    truncate: (fd, size) => ftruncateSync(fd, size),
    sync: async () => {},
  };
}

/** Records in memory, and the warnings. */
function inMemory(options: Partial<AuditOptions> = {}) {
  const records: CallRecord[] = [];
  const warnings: string[] = [];
  const middleware = audit({
    to: (record) => void records.push(record as CallRecord),
    onWarning: (warning) => warnings.push(warning),
    clock: new FakeClock(),
    ...options,
  });
  return { records, warnings, middleware };
}

obeysLaws("audit to a function", (clock) => audit({ to: () => {}, clock }));
obeysLaws("audit to an asynchronous function", (clock) => audit({ to: async () => {}, clock }));
obeysLaws("audit to a file", (clock) => audit({ to: logOf(path()), clock, key: KEY }));
obeysLaws("audit to a file with fsync", (clock) => audit({ to: logOf(path(), {}, { fsync: true }), clock }));
obeysLaws("audit to a file that cannot be written, warning", (clock) => {
  const to = logOf("/dev/null/nothing");
  return audit({ to, clock, whenBroken: "warn", onWarning: () => {} });
});

describe("a record", () => {
  test("says who, what, when and how it ended, and nothing of arguments and results", async () => {
    const { records, middleware } = inMemory();
    const clock = new FakeClock();
    const timed = audit({ to: (record) => void records.push(record as CallRecord), clock });
    const call = a({
      caller: { agent: "react", user: "ana", tenant: "acme", permissions: ["secret-permission"] },
      threadId: "thread-1",
      toolCallId: "call-1",
    });
    const result = {
      ...fine,
      structuredContent: { a: 1 },
      obtained: { attempts: 2, cache: "miss", server: "b" },
    } as const;
    await timed(call, async () => {
      await clock.advance(25);
      return result;
    });
    expect(records[0]).toEqual({
      answeredBy: "b.t",
      approvedBy: undefined,
      argsHash: hashJson({ query: "canary" }),
      attempts: 2,
      cache: "miss",
      callId: call.id,
      caller: { agent: "react", tenant: "acme", user: "ana" },
      durationMs: 25,
      effect: undefined,
      event: "call",
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      outcome: "ok",
      previous: "0".repeat(64),
      ranArgsHash: undefined,
      resultHash: hashJson({ content: fine.content, structuredContent: { a: 1 } }),
      sequence: 1,
      server: "s",
      threadId: "thread-1",
      time: "2026-01-01T00:00:00.025Z",
      tool: "t",
      toolCallId: "call-1",
    });
    await middleware(a(), answer);
    expect(JSON.stringify(records)).not.toMatch(/canary|fine|secret-permission/);
  });

  test.each([
    ["ok", undefined, async () => fine],
    ["tool_error", undefined, async () => ({ ...fine, isError: true })],
    ["DENIED", "none", () => Promise.reject(new BatonError("DENIED", "no"))],
    ["TIMEOUT", "possible", () => Promise.reject(new BatonError("TIMEOUT", "late", { effect: "possible" }))],
    ["interrupted", undefined, () => Promise.reject(Object.assign(new Error("ask"), { is_bubble_up: true }))],
    ["interrupted", undefined, () => Promise.reject(Object.assign(new Error(), { name: "GraphInterrupt" }))],
    ["error", "possible", () => Promise.reject(new Error("a bug"))],
    ["error", "possible", () => Promise.reject("no error at all")],
  ] as const)("has the outcome %s", async (outcome, effect, next) => {
    const { records, middleware } = inMemory();
    await middleware(a(), next as Handler).catch(() => {});
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({ outcome, effect });
  });

  test("tells who approved the call and which arguments ran, when that is known", async () => {
    const { records, middleware } = inMemory();
    const ranArgsHash = hashJson({ query: "edited" });
    const facts = { approvedBy: "ann", ranArgsHash };
    await middleware(a(), async () => ({ ...fine, obtained: facts }));
    const error = new BatonError("UPSTREAM", "down", { data: facts });
    await failure(middleware(a(), () => Promise.reject(error)));
    const odd = new BatonError("UPSTREAM", "down", { data: { approvedBy: 1, ranArgsHash: {} } });
    await failure(middleware(a(), () => Promise.reject(odd)));
    expect(records[0]).toMatchObject({ ...facts, argsHash: hashJson({ query: "canary" }) });
    expect(records[1]).toMatchObject({ ...facts, outcome: "UPSTREAM" });
    expect(records[2]).toMatchObject({ approvedBy: undefined, ranArgsHash: undefined });
  });

  test("that begins with who approved is known as one when a crash had cut it", async () => {
    const file = path();
    const approved: Handler = async () => ({ ...fine, obtained: { approvedBy: "ann", ranArgsHash: "0" } });
    {
      await using log = auditFile(file);
      await audit({ to: log })(a(), approved);
      await audit({ to: log })(a(), approved);
    }
    const whole = readFileSync(file, "utf8");
    expect(lines(file)[0]).toMatchObject({ approvedBy: "ann", ranArgsHash: "0" });
    writeFileSync(file, whole.slice(0, -20));
    await audit({ to: logOf(file), onWarning() {} })(a(), answer);
    expect(lines(file).map(({ event }) => event)).toEqual(["call", "repaired", "call"]);
    const [{ hash, ...rest } = { hash: "" }] = lines(file);
    expect(whole).toContain(`${canonicalJson(rest).slice(0, -1)},"hash":"${hash}"}`);
  });

  test("does not cost the result when its hash cannot be made", async () => {
    const { records, middleware } = inMemory();
    const odd = { content: [], structuredContent: 1n };
    expect(await middleware(a(), async () => odd)).toBe(odd);
    expect(records[0]).toMatchObject({ outcome: "ok", resultHash: undefined });
    await middleware(a({ args: { text: "\ud800" } }), answer);
    expect(records[1]?.argsHash).toBe(hashJson({ text: "\ud800" }));
  });

  test("is canonical JSON in the file, so that other programs can check it", async () => {
    const file = path();
    const log = logOf(file);
    const middleware = audit({ to: log });
    for (let i = 0; i < 3; i++)
      await middleware(a({ caller: { user: "ü", agent: "x" }, threadId: "\ud800" }), answer);
    for (const line of readFileSync(file, "utf8").trim().split("\n")) {
      const { hash, ...rest } = JSON.parse(line) as AuditRecord;
      expect(line).toBe(`${canonicalJson(rest).slice(0, -1)},"hash":"${hash}"}`);
      expect(hash).toBe(hashJson(rest));
    }
    expect(await verifyAudit(lines(file))).toEqual({ ok: true, records: 3, head: await log.head() });
  });
});

describe("a file", () => {
  test("has a record before its call returns; calls that end together are one write, in the order they ended", async () => {
    const file = path();
    const writes: number[] = [];
    const real = realDisk();
    const log = logOf(file, {
      write: (fd, bytes) => {
        writes.push(bytes.length);
        return real.write(fd, bytes);
      },
    });
    const middleware = audit({ to: log });
    await middleware(a(), answer);
    expect(lines(file)).toHaveLength(1);
    const calls = Array.from({ length: 50 }, () => a());
    await Promise.all(calls.map((call) => middleware(call, answer)));
    expect(writes).toHaveLength(2);
    expect(lines(file).slice(1)).toMatchObject(calls.map(({ id }) => ({ callId: id })));
  });

  test("is for its owner alone, in a folder that was made, and is continued when opened again", async () => {
    const file = join(temporaryFolder(), "new", "audit.jsonl");
    for (let i = 1; i <= 3; i++) {
      await using log = auditFile(file);
      expect(await log.head()).toMatchObject({ sequence: i - 1 });
      await audit({ to: log, key: KEY })(a(), answer);
      expect(await log.head()).toMatchObject({ sequence: i });
    }
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(existsSync(`${file}.lock`)).toBe(false);
    expect(await verifyAudit(file, { key: KEY })).toMatchObject({ ok: true, records: 3 });
  });

  test("is not continued when its end was changed, is under another key or was never a log", async () => {
    const file = path();
    {
      await using log = auditFile(file);
      await audit({ to: log, key: KEY })(a(), answer);
    }
    const before = readFileSync(file, "utf8");
    const other = await failure(
      audit({ to: logOf(file), key: "another secret, long", onWarning() {} })(a(), answer),
    );
    expect(other).toMatchObject({
      code: "STORE",
      effect: "none",
      data: { server: "s", tool: "t", store: file },
    });
    expect(other.message).toContain("has another key");
    writeFileSync(file, before.replace('"ok"', '"no"'));
    expect((await failure(audit({ to: logOf(file), key: KEY, onWarning() {} })(a(), answer))).code).toBe(
      "STORE",
    );
    for (const text of ["my diary\n", "my diary", '{"mcpServers":{}}', "\n"]) {
      writeFileSync(file, text);
      expect((await failure(audit({ to: logOf(file), onWarning() {} })(a(), answer))).code).toBe("STORE");
      expect(readFileSync(file, "utf8")).toBe(text);
    }
  });

  test("that is deleted or written to by another while open stops the calls", async () => {
    for (const harm of [
      (file: string) => rmSync(file),
      (file: string) => writeFileSync(file, "x", { flag: "a" }),
    ]) {
      const file = path();
      const clock = new FakeClock();
      const warnings: string[] = [];
      const middleware = audit({ to: logOf(file), clock, onWarning: (warning) => warnings.push(warning) });
      await middleware(a(), answer);
      harm(file);
      await clock.advance(100);
      expect(await middleware(a(), answer)).toBe(fine);
      expect(warnings).toHaveLength(1);
      expect((await failure(middleware(a(), answer))).message).toMatch(
        /was (deleted|changed by another program)/,
      );
    }
  });

  test("named by its path is one log, however often it is named", async () => {
    const to = path();
    await audit({ to })(a(), answer);
    await audit({ to, whenBroken: "warn" })(a(), answer);
    expect(await verifyAudit(to)).toMatchObject({ ok: true, records: 2 });
    expect(() => audit({ to, key: KEY })).toThrow("has another key already");
    const second = await failure(audit({ to: logOf(to), onWarning() {} })(a(), answer));
    expect(second.message).toContain("is being written by this process: make one auditFile()");
  });

  test("takes no more after close(), and close() writes what waits", async () => {
    const file = path();
    const log = auditFile(file);
    const warnings: string[] = [];
    const middleware = audit({ to: log, onWarning: (warning) => warnings.push(warning) });
    await middleware(a(), answer);
    const last = middleware(a(), answer);
    await Promise.all([log.close(), last, log.close()]);
    expect(lines(file)).toHaveLength(2);
    expect((await failure(middleware(a(), answer))).message).toContain("it was closed");
    expect(warnings).toEqual([`the audit log '${file}' cannot be written: it was closed`]);
    const unused = auditFile(path());
    await unused.close();
    expect(await unused.head()).toMatchObject({ sequence: 0 });
  });
});

describe("a log that cannot be written", () => {
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });

  /** A disk that fails while `broken` is set; a failing write lets half of its bytes through. */
  function faulty(file: string, options = {}) {
    const real = realDisk();
    const state = { broken: false, writes: 0 };
    const disk: Partial<Disk> = {
      write(fd, bytes) {
        state.writes++;
        if (!state.broken) return real.write(fd, bytes);
        if (bytes.length < 2) throw full;
        real.write(fd, bytes.subarray(0, bytes.length >> 1));
        throw full;
      },
    };
    return { state, log: logOf(file, disk, options) };
  }

  test("costs no call its result; then calls are refused until it works, and nothing is lost silently", async () => {
    const file = path();
    const { state, log } = faulty(file);
    const { middleware, warnings } = inMemory({ to: log, key: KEY });
    let ran = 0;
    const count: Handler = async () => {
      ran++;
      return fine;
    };
    await middleware(a(), count);
    state.broken = true;
    const together = await Promise.all([1, 2, 3].map(() => middleware(a(), count)));
    expect(together).toEqual([fine, fine, fine]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("ENOSPC");
    for (let i = 0; i < 2; i++) {
      const error = await failure(middleware(a(), count));
      expect(error).toMatchObject({ code: "STORE", effect: "none", retryable: true, data: { store: file } });
    }
    expect(ran).toBe(4);
    state.broken = false;
    await middleware(a(), count);
    const records = lines(file);
    expect(records.map(({ event }) => event)).toEqual(["call", "call", "call", "call", "recovered", "call"]);
    expect(records[4]).toMatchObject({ late: 3, lost: 0, refused: 2 });
    expect(canonicalJson(records[4])).toBe(canonicalJson(JSON.parse(JSON.stringify(records[4]))));
    expect(await verifyAudit(file, { key: KEY, head: await log.head() })).toMatchObject({
      ok: true,
      records: 6,
    });
  });

  test("lets calls go on when told to, keeps a bounded number of records, and counts the rest", async () => {
    const file = path();
    const { state, log } = faulty(file);
    const { middleware, warnings } = inMemory({ to: log, whenBroken: "warn" });
    state.broken = true;
    for (let i = 0; i < 101; i++)
      await Promise.all(Array.from({ length: 100 }, () => middleware(a(), answer)));
    expect(warnings).toHaveLength(2);
    state.broken = false;
    await middleware(a(), answer);
    const note = lines(file).find(({ event }) => event === "recovered");
    expect(note).toMatchObject({ event: "recovered", refused: 0 });
    const written = lines(file).filter(({ event }) => event === "call").length;
    expect(written + (note?.event === "recovered" ? note.lost : 0)).toBe(10_101);
    expect(await verifyAudit(file)).toMatchObject({ ok: true });
  });

  test("loses nothing whichever write fails, short writes and failing repairs included", async () => {
    for (let failing = 1; failing <= 12; failing++) {
      const file = path();
      const real = realDisk();
      let writes = 0;
      let truncates = 0;
      const log = logOf(file, {
        write(fd, bytes) {
          // Every second write is short; the failing one fails after some bytes, and so does the first cleaning up.
          if (++writes === failing) throw full;
          return real.write(fd, writes % 2 ? bytes.subarray(0, 1 + (bytes.length >> 2)) : bytes);
        },
        truncate(fd, size) {
          if (++truncates === 1) throw full;
          real.truncate(fd, size);
        },
      });
      const { middleware } = inMemory({ to: log, key: KEY });
      const done: string[] = [];
      for (let i = 0; i < 8; i++) {
        const call = a();
        const next: Handler = async ({ id }) => {
          done.push(id);
          return fine;
        };
        await middleware(call, next).catch((error: BatonError) => expect(error.code).toBe("STORE"));
      }
      expect(lines(file).flatMap((record) => (record.event === "call" ? record.callId : []))).toEqual(done);
      expect(await verifyAudit(file, { key: KEY })).toMatchObject({ ok: true });
    }
  });

  test("waits for the disk itself with fsync, and takes back what the disk refused", async () => {
    const file = path();
    let syncs = 0;
    const log = logOf(
      file,
      { sync: () => (++syncs === 2 ? Promise.reject(full) : settle()) },
      { fsync: true },
    );
    const { middleware, warnings } = inMemory({ to: log });
    await middleware(a(), answer);
    expect(syncs).toBe(1);
    await middleware(a(), answer);
    expect(lines(file)).toHaveLength(1);
    await middleware(a(), answer);
    expect(lines(file).map(({ event }) => event)).toEqual(["call", "call", "recovered", "call"]);
    expect(warnings).toHaveLength(1);
  });

  test.skipIf(process.platform !== "linux")(
    "a really full device refuses the calls after the first",
    async () => {
      const file = path();
      symlinkSync("/dev/full", file);
      const log = auditFile(file);
      const { middleware, warnings } = inMemory({ to: log });
      expect(await middleware(a(), answer)).toBe(fine);
      expect(warnings[0]).toContain("ENOSPC");
      expect((await failure(middleware(a(), answer))).message).toContain("ENOSPC");
      expect(await failure(log.close())).toMatchObject({
        code: "STORE",
        message: expect.stringContaining("1 records are lost"),
      });
    },
  );

  test.skipIf(process.getuid?.() === 0)(
    "a folder that may not be written to refuses the first call",
    async () => {
      const folder = temporaryFolder();
      chmodSync(folder, 0o500);
      const error = await failure(audit({ to: logOf(join(folder, "a.jsonl")), onWarning() {} })(a(), answer));
      expect(error).toMatchObject({ code: "STORE", effect: "none" });
    },
  );

  test("a path that is a folder refuses the first call, before anything ran", async () => {
    const folder = join(temporaryFolder(), "audit.jsonl");
    mkdirSync(folder);
    const error = await failure(
      audit({ to: logOf(folder), onWarning() {} })(a(), () => Promise.reject(new Error("it ran"))),
    );
    expect(error).toMatchObject({ code: "STORE", effect: "none" });
    expect(existsSync(`${folder}.lock`)).toBe(false);
  });

  test("a function that throws gets the same record again, and no other twice", async () => {
    const records: AuditRecord[] = [];
    let failing = false;
    const { middleware } = inMemory({
      to: async (record) => {
        await settle();
        if (failing && record.sequence === 3) throw new Error("no network");
        records.push(record);
      },
      key: KEY,
    });
    failing = true;
    await Promise.all([1, 2, 3, 4].map(() => middleware(a(), answer)));
    expect(records).toHaveLength(2);
    await failure(middleware(a(), answer));
    failing = false;
    await middleware(a(), answer);
    expect(records.map(({ event }) => event)).toEqual(["call", "call", "call", "call", "recovered", "call"]);
    expect(await verifyAudit(records, { key: KEY })).toMatchObject({ ok: true, records: 6 });
  });

  /** A function whose writes hang while told to, each until it is let go by its place in `held`. */
  function hanging(options: Partial<AuditOptions> = {}) {
    const clock = new FakeClock();
    const given: AuditRecord[] = [];
    const held: (() => void)[] = [];
    const state = { hangs: true };
    const to = (record: AuditRecord): Promise<void> | undefined => {
      given.push(record);
      return state.hangs ? new Promise<void>((resolve) => held.push(resolve)) : undefined;
    };
    return { ...inMemory({ to: to as AuditOptions["to"], clock, ...options }), clock, given, held, state };
  }

  test("a function that hangs has failed after ten seconds, and the calls after it are refused at once", async () => {
    const { middleware, warnings, clock } = hanging();
    let ran = 0;
    const count: Handler = async () => {
      ran++;
      return fine;
    };
    const first = middleware(a(), count);
    const others = Promise.all([1, 2].map(() => middleware(a(), count)));
    await clock.advance(10_000);
    expect([await first, ...(await others)]).toEqual([fine, fine, fine]);
    expect(warnings).toEqual([
      expect.stringMatching(/cannot be written: a write .*10000 ms; records are kept/),
    ]);
    expect(await failure(middleware(a(), count))).toMatchObject({ code: "STORE", effect: "none" });
    expect([ran, clock.pending]).toEqual([3, 0]);
  });

  test("a function that hangs costs no time while calls run with a warning", async () => {
    const { middleware, warnings, clock } = hanging({ whenBroken: "warn" });
    const first = middleware(a(), answer);
    await clock.advance(10_000);
    await first;
    for (let i = 0; i < 3; i++) expect(await middleware(a(), answer)).toBe(fine);
    expect(warnings).toHaveLength(1);
  });

  test("a write that ends late is not repeated, and what was kept follows it", async () => {
    const { middleware, clock, given, held, state } = hanging({ key: KEY });
    const first = middleware(a(), answer);
    await clock.advance(10_000);
    await first;
    await failure(middleware(a(), answer));
    state.hangs = false;
    held[0]?.();
    await settle();
    await middleware(a(), answer);
    expect(given.map(({ event }) => event)).toEqual(["call", "recovered", "call"]);
    expect(given[1]).toMatchObject({ late: 1, lost: 0, refused: 1 });
    expect(await verifyAudit(given, { key: KEY })).toMatchObject({ ok: true, records: 3 });
  });

  test("a function that hangs for ever is given the same record again, whatever becomes of the first time", async () => {
    const { middleware, clock, given, held, state } = hanging({ key: KEY });
    const first = middleware(a(), answer);
    await clock.advance(10_000);
    await first;
    await failure(middleware(a(), answer));
    expect(given).toHaveLength(1);
    await clock.advance(10_000);
    state.hangs = false;
    await failure(middleware(a(), answer));
    await middleware(a(), answer);
    held[0]?.();
    await settle();
    await middleware(a(), answer);
    expect(given[1]).toEqual(given[0]);
    expect(given[2]).toMatchObject({ event: "recovered", refused: 2 });
    expect(await verifyAudit(given.slice(1), { key: KEY })).toMatchObject({ ok: true, records: 4 });
  });

  test("a function that hangs on the note of an outage loses none of its counts", async () => {
    const { middleware, clock, given, held, state } = hanging({ key: KEY });
    const first = middleware(a(), answer);
    await clock.advance(10_000);
    await first;
    held[0]?.();
    await settle();
    const second = failure(middleware(a(), answer));
    await clock.advance(10_000);
    await second;
    await failure(middleware(a(), answer));
    state.hangs = false;
    held[1]?.();
    await settle();
    await middleware(a(), answer);
    expect(given.map(({ event }) => event)).toEqual(["call", "recovered", "recovered", "call"]);
    expect(given[2]).toMatchObject({ refused: 2 });
    expect(await verifyAudit(given, { key: KEY })).toMatchObject({ ok: true, records: 4 });
  });

  test("a disk that hangs has failed after ten seconds, and its record is not written twice", async () => {
    const file = path();
    const clock = new FakeClock();
    let synced = (): void => {};
    let syncs = 0;
    const sync = () => (++syncs === 1 ? new Promise<void>((resolve) => (synced = resolve)) : settle());
    const log = logOf(file, { sync }, { fsync: true });
    const { middleware } = inMemory({ to: log, clock });
    const first = middleware(a(), answer);
    await clock.advance(10_000);
    expect(await first).toBe(fine);
    await clock.advance(60_000);
    await failure(middleware(a(), answer));
    expect(syncs).toBe(1);
    synced();
    await settle();
    await middleware(a(), answer);
    expect(lines(file).map(({ event }) => event)).toEqual(["call", "recovered", "call"]);
    expect(await verifyAudit(file)).toMatchObject({ ok: true });
  });

  test("nobody waits for a record, or for the log itself, past their deadline", async () => {
    const { middleware, clock, state } = hanging();
    const deadline = clock.now() + 500;
    const first = middleware(a({ deadline }), answer);
    await clock.advance(500);
    expect(await first).toBe(fine);
    const log = new AuditLog({ ...createFileSink(path(), {}), open: () => new Promise(() => {}) });
    const opening = failure(audit({ to: log, clock })(a({ deadline: clock.now() + 500 }), answer));
    await clock.advance(500);
    expect(await opening).toMatchObject({ code: "TIMEOUT", effect: "none", data: { timeoutMs: 500 } });
    state.hangs = false;
  });

  test("a caller who gives up does not wait for a function that hangs", async () => {
    const caller = new AbortController();
    const { middleware } = inMemory({ to: () => new Promise(() => {}) });
    const run = middleware(a({ signal: caller.signal }), answer);
    await settle();
    caller.abort();
    expect(await run).toBe(fine);
  });
});

describe("options", () => {
  test.each([
    [{}, "`to` is missing"],
    [{ to: "" }, "to"],
    [{ to: {} }, "to"],
    [{ to: 5 }, "to"],
    [{ to: "x", key: "short" }, "shorter than 16 bytes"],
    [{ to: "x", whenBroken: "ignore" }, "one of refuse, warn"],
  ])("%j is refused", (options, problem) => {
    expect(() => audit(options as unknown as AuditOptions)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(problem) }),
    );
  });
});

test("a SQLite log is continued, refuses another key, and is verified with key and head", async () => {
  const file = join(temporaryFolder(), "new", "audit.db");
  for (let i = 1; i <= 2; i++) {
    await using log = auditSqlite(file, { fsync: i === 2 });
    expect(await log.head()).toMatchObject({ sequence: (i - 1) * 10 });
    const middleware = audit({ to: log, key: KEY });
    await Promise.all(Array.from({ length: 10 }, () => middleware(a(), answer)));
    expect(await log.head()).toMatchObject({ sequence: i * 10 });
  }
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await using other = auditSqlite(file);
  expect((await failure(audit({ to: other, onWarning() {} })(a(), answer))).message).toContain("another key");
  const { head } = await verifyAudit(file, { key: KEY });
  expect(await verifyAudit(file, { key: KEY, head })).toEqual({ ok: true, records: 20, head });
  expect(await verifyAudit(file)).toMatchObject({ ok: false, fault: { at: 1 } });
  expect(await failure(verifyAudit(`${file}.none`))).toMatchObject({ code: "STORE" });
});
