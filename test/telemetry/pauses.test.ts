import { describe, expect, test } from "vitest";
import { createCall } from "../../src/core/call.js";
import { createPauses } from "../../src/telemetry/timeline/pauses.js";

const DAY = 24 * 60 * 60 * 1000;
const call = (more: object = {}) =>
  createCall({ server: "files", tool: "remove", args: {}, threadId: "t", ...more });
/** Arguments that say when somebody reads them. */
const watched = () => {
  let reads = 0;
  const args = {};
  Object.defineProperty(args, "path", { enumerable: true, get: () => ++reads });
  return { args, reads: () => reads };
};

describe("createPauses()", () => {
  test("reads the arguments of no call that nobody waits for", () => {
    const pauses = createPauses(10);
    pauses.begin(call(), 0);
    for (const more of [{ tool: "read" }, { server: "mail" }, { threadId: "other" }, { toolCallId: "1" }]) {
      const { args, reads } = watched();
      expect(pauses.end({ ...call(more), args }, 1)).toBeUndefined();
      expect(reads()).toBe(0);
    }
    const { args, reads } = watched();
    expect(pauses.end({ ...call(), args }, 1)).toBeUndefined();
    expect(reads()).toBeGreaterThan(0);
  });

  test("without a thread and an id of the model no two calls belong together", () => {
    const pauses = createPauses(10);
    const alone = createCall({ server: "files", tool: "remove", args: {} });
    pauses.begin(alone, 0);
    expect(pauses.end(alone, 1)).toBeUndefined();
    pauses.begin({ ...alone, toolCallId: "1" }, 0);
    expect(pauses.end({ ...alone, toolCallId: "1" }, 1)).toMatchObject({ sinceMs: 0 });
  });

  test("after 30 days nobody goes on with a call", () => {
    for (const [afterMs, isKnown] of [
      [30 * DAY, true],
      [30 * DAY + 1, false],
    ] as const) {
      const pauses = createPauses(10);
      pauses.begin(call(), 0);
      expect(pauses.end(call(), afterMs) !== undefined).toBe(isKnown);
    }
  });
});
