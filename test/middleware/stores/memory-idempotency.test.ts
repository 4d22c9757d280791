import { describe, expect, test } from "vitest";
import { memoryIdempotency } from "../../../src/middleware/stores/memory-idempotency.js";
import { keepsKeys, running } from "./contract.js";

describe("memoryIdempotency()", () => {
  keepsKeys("in memory", () => memoryIdempotency());

  test("forgets the oldest result when it is full, and never a run that has not ended", () => {
    const store = memoryIdempotency({ maxEntries: 2 });
    const one = running();
    store.begin("one", one);
    store.finish("one", { ...one, state: "finished", result: "{}" });
    store.begin("two", running());
    expect(store.begin("three", running())).toBeUndefined();
    expect(store.begin("two", running())).toMatchObject({ state: "running" });
    expect(() => store.begin("one", running())).toThrow(/full with 2 keys/);
  });

  test("a run that never ended does not stand in the way of finished ones that have expired", () => {
    const store = memoryIdempotency({ maxEntries: 3 });
    const stuck = running({ expiresAt: Number.MAX_SAFE_INTEGER });
    store.begin("stuck", stuck);
    for (let hour = 0; hour < 50; hour++) {
      const at = stuck.at + hour * 3_600_000;
      const record = running({ at, expiresAt: at + 3_600_000 });
      expect(store.begin(`key ${hour}`, record)).toBeUndefined();
      store.finish(`key ${hour}`, { ...record, state: "finished", result: "{}" });
    }
    expect(store.begin("stuck", running())).toEqual(stuck);
  });

  test("large results count: beyond 128 Mi characters the oldest go", () => {
    const store = memoryIdempotency();
    const record = running();
    store.begin("large", record);
    store.finish("large", { ...record, state: "finished", result: "x".repeat(128 * 1024 * 1024) });
    expect(store.begin("another", running())).toBeUndefined();
    expect(store.begin("large", running())).toBeUndefined();
  });
});
