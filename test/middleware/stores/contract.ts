import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { test } from "vitest";
import type { IdempotencyRecord, IdempotencyStore } from "../../../src/middleware/idempotency.js";

const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 0, 1);

export function running(rest: Partial<IdempotencyRecord> = {}): IdempotencyRecord {
  const at = rest.at ?? START;
  const owner = randomUUID();
  const times = { at, leaseUntil: at + HOUR_MS, expiresAt: at + 24 * HOUR_MS };
  return { state: "running", owner, args: "a", ...times, ...rest };
}

const finished = (record: IdempotencyRecord, rest: Partial<IdempotencyRecord> = {}): IdempotencyRecord => ({
  ...record,
  state: "finished",
  result: '{"content":[{"type":"text","text":"é \\"quoted\\"\\n"}]}',
  ...rest,
});

/** What every store of idempotency keys keeps to. One store may serve all tests: each uses keys of its own. */
export function keepsKeys(name: string, open: () => IdempotencyStore): void {
  test(`${name}: a key begins once, and then tells what was written`, async () => {
    const store = open();
    const key = `${randomUUID()} with 'odd' "characters" ü`;
    const record = running();
    assert.equal(await store.begin(key, record), undefined);
    assert.deepEqual(await store.begin(key, running({ args: "b" })), record);
    assert.deepEqual(await store.begin(key, running()), record);
  });

  test(`${name}: of 64 who begin at once one does`, async () => {
    const store = open();
    const key = randomUUID();
    const records = Array.from({ length: 64 }, () => running());
    const answers = await Promise.all(records.map((record) => store.begin(key, record)));
    const winners = records.filter((_, index) => answers[index] === undefined);
    assert.equal(winners.length, 1);
    for (const answer of answers) if (answer) assert.deepEqual(answer, winners[0]);
  });

  test(`${name}: only its owner ends a run`, async () => {
    const store = open();
    const key = randomUUID();
    const record = running();
    await store.begin(key, record);
    await store.finish(key, finished({ ...record, owner: "somebody else" }));
    assert.deepEqual(await store.begin(key, running()), record);
    await store.finish(key, finished(record));
    assert.deepEqual(await store.begin(key, running()), finished(record));
    await store.finish(key, { ...record, state: "unknown" });
    assert.deepEqual(await store.begin(key, running()), { ...record, state: "unknown" });
  });

  test(`${name}: what was removed stays removed, whoever ends it afterwards`, async () => {
    const store = open();
    const key = randomUUID();
    const record = running();
    await store.finish(key, finished(record));
    assert.equal(await store.begin(key, record), undefined);
    await store.forget(key, "somebody else");
    assert.deepEqual(await store.begin(key, running()), record);
    await store.forget(key, record.owner);
    await store.finish(key, finished(record));
    const next = running();
    assert.equal(await store.begin(key, next), undefined);
    await store.forget(key);
    assert.equal(await store.begin(key, running()), undefined);
    await store.forget(randomUUID());
  });

  test(`${name}: an expired record makes room for a new one, and not a moment before`, async () => {
    const store = open();
    const key = randomUUID();
    const record = running();
    await store.begin(key, record);
    await store.finish(key, finished(record, { expiresAt: START + HOUR_MS }));
    const early = await store.begin(key, running({ at: START + HOUR_MS - 1 }));
    assert.equal(early?.state, "finished");
    const next = running({ at: START + HOUR_MS });
    assert.equal(await store.begin(key, next), undefined);
    await store.finish(key, finished(record));
    assert.deepEqual(await store.begin(key, running({ at: next.at })), next);
  });

  test(`${name}: agrees with a plain map over any run of commands, and loses no record`, async () => {
    const step = fc.record({
      command: fc.constantFrom("begin", "finish", "unknown", "forget", "forgetOwner"),
      key: fc.integer({ min: 0, max: 3 }),
      owner: fc.integer({ min: 0, max: 2 }),
      passMs: fc.constantFrom(0, 1, HOUR_MS, 5 * HOUR_MS),
      lifeMs: fc.constantFrom(HOUR_MS, 4 * HOUR_MS),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const store = open();
        const run = randomUUID();
        const model = new Map<string, IdempotencyRecord>();
        let now = START;
        for (const { command, passMs, lifeMs, ...rest } of steps) {
          now += passMs;
          const key = `${run}:${rest.key}`;
          const owner = `owner ${rest.owner}`;
          const known = model.get(key);
          const record = running({ at: now, owner, expiresAt: now + lifeMs });
          if (command === "begin") {
            const counts = known !== undefined && known.expiresAt > now;
            assert.deepEqual(await store.begin(key, record), counts ? known : undefined);
            if (!counts) model.set(key, record);
          } else if (command === "forget" || command === "forgetOwner") {
            await store.forget(key, command === "forget" ? undefined : owner);
            if (command === "forget" || known?.owner === owner) model.delete(key);
          } else {
            const ended = command === "finish" ? finished(record) : { ...record, state: "unknown" as const };
            // Whether a record that has expired can still be ended is left to the store: nobody asks for it any more.
            if (known !== undefined && known.expiresAt <= now) continue;
            await store.finish(key, ended);
            if (known?.owner === owner) model.set(key, ended);
          }
        }
      }),
      { numRuns: 50 },
    );
  });
}
