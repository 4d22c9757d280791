import { expect, test } from "vitest";
import { createCall } from "../../src/core/call.js";

const parts = { server: "s", tool: "t", args: { a: 1 } };

test("createCall() gives every call an id of its own, a UUID of version 7", () => {
  const ids = Array.from({ length: 10_000 }, () => createCall(parts).id);
  expect(new Set(ids).size).toBe(ids.length);
  const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  expect(ids.filter((id) => !pattern.test(id))).toEqual([]);
});

test("createCall() gives ids that sort by the time they were made", () => {
  const stamp = (id: string) => Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
  const before = Date.now();
  const ids = Array.from({ length: 1000 }, () => createCall(parts).id);
  const stamps = ids.map(stamp);
  expect(stamps).toEqual([...stamps].sort((a, b) => a - b));
  expect(stamps[0]).toBeGreaterThanOrEqual(before);
  expect(stamps.at(-1)).toBeLessThanOrEqual(Date.now());
});

test("createCall() keeps what it is given and adds no hints", () => {
  expect(createCall({ ...parts, id: "mine", timeoutMs: 5 })).toEqual({
    ...parts,
    id: "mine",
    timeoutMs: 5,
    hints: {},
  });
  expect(createCall({ ...parts, hints: { readOnly: true } }).hints).toEqual({ readOnly: true });
});

test("createCall() shares no state between calls that one of them could change", () => {
  expect(Object.isFrozen(createCall(parts).hints)).toBe(true);
});
