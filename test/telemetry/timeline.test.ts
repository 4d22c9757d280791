import { describe, expect, test } from "vitest";
import { createCall } from "../../src/core/call.js";
import { BatonError } from "../../src/core/errors.js";
import type { Result } from "../../src/core/result.js";
import { recordTimeline } from "../../src/telemetry/timeline.js";
import { obeysLaws } from "../middleware/laws.js";
import { FakeClock } from "../support/fake-clock.js";

const fine: Result = { content: [{ type: "text", text: "canary-1" }] };
const call = createCall({ server: "files", tool: "read", args: { path: "canary-2" }, threadId: "1" });
const START = Date.UTC(2026, 0, 1);
const stop = () =>
  Promise.reject(Object.assign(new Error("approve?"), { name: "GraphInterrupt", is_bubble_up: true }));

obeysLaws("recordTimeline().use", (clock) => recordTimeline({ clock }).use);
obeysLaws("recordTimeline().use and .attempts", (clock) => {
  const { use, attempts } = recordTimeline({ clock });
  return (each, next) => use(each, (inner) => attempts(inner, next));
});

describe("recordTimeline()", () => {
  test("notes when each call ran and how it ended, and none of its content", async () => {
    const clock = new FakeClock(START);
    const { use, attempts, spans } = recordTimeline({ clock });
    await use({ ...call, toolCallId: "call_1" }, async () => {
      await clock.advance(20);
      return { ...fine, obtained: { attempts: 2 } };
    });
    const failing = use(call, (same) =>
      attempts(same, () => Promise.reject(new BatonError("TIMEOUT", "canary-3"))),
    );
    await failing.catch(() => {});
    await use(call, async () => ({ ...fine, isError: true }));
    await use(call, stop).catch(() => {});
    void use(call, () => new Promise(() => {}));
    expect(spans()).toMatchObject([
      {
        id: call.id,
        server: "files",
        tool: "read",
        toolCallId: "call_1",
        startMs: START,
        endMs: START + 20,
        obtained: { attempts: 2 },
      },
      { startMs: START + 20, endMs: START + 20, errorType: "TIMEOUT", attempts: [{ errorType: "TIMEOUT" }] },
      { errorType: "tool_error" },
      { interrupted: true },
      { startMs: START + 20, resumes: { id: call.id, sinceMs: START + 20 } },
    ]);
    expect(spans()[4]).not.toHaveProperty("endMs");
    expect(JSON.stringify(spans())).not.toContain("canary");
  });

  test("keeps the latest calls, and a forgotten one stays so when it ends", async () => {
    const { use, spans } = recordTimeline({ maxCalls: 2 });
    let release = () => {};
    const first = use(call, () => new Promise((resolve) => (release = () => resolve(fine))));
    for (const tool of ["a", "b"]) await use({ ...call, tool }, async () => fine);
    release();
    await first;
    expect(spans().map(({ tool }) => tool)).toEqual(["a", "b"]);
  });

  test("keeps the latest attempts of a call, and gives none to a call that has ended or that it does not know", async () => {
    const clock = new FakeClock(START);
    const { use, attempts, spans } = recordTimeline({ clock, maxAttempts: 2 });
    await use(call, async (same) => {
      for (let attempt = 0; attempt < 4; attempt++)
        await attempts(same, async () => {
          await clock.advance(10);
          return fine;
        });
      return fine;
    });
    expect(await attempts(call, async () => fine)).toBe(fine);
    expect(spans()[0]?.attempts).toEqual([
      { number: 3, server: "files", startMs: START + 20, endMs: START + 30 },
      { number: 4, server: "files", startMs: START + 30, endMs: START + 40 },
    ]);
  });

  test("a call that goes on with an interrupted one is told by its thread and the model's id or its arguments", async () => {
    const resumed = async (second: Partial<typeof call>, first: Partial<typeof call> = {}) => {
      const { use, spans } = recordTimeline();
      await use({ ...call, ...first }, stop).catch(() => {});
      await use({ ...call, ...second, id: "2" }, async () => fine);
      return spans()[1]?.resumes !== undefined;
    };
    expect(await resumed({})).toBe(true);
    expect(await resumed({ args: { path: "b" } })).toBe(false);
    expect(await resumed({ tool: "write" })).toBe(false);
    expect(await resumed({ server: "mail" })).toBe(false);
    expect(await resumed({ threadId: "2" }, { threadId: "1" })).toBe(false);
    // A person may have edited the arguments.
    expect(await resumed({ toolCallId: "1", args: {} }, { toolCallId: "1" })).toBe(true);
    expect(await resumed({ toolCallId: "2" }, { toolCallId: "1" })).toBe(false);
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    expect(await resumed({ args: cycle }, { args: cycle })).toBe(false);
  });

  test("equal calls that wait go on one by one, the one that waits longest first", async () => {
    const clock = new FakeClock(START);
    const { use, spans } = recordTimeline({ clock });
    // Two tasks of a graph at the same time.
    const stopAfter = (id: string, ms: number) =>
      use({ ...call, id }, async () => {
        await clock.sleep(ms);
        return stop();
      }).catch(() => {});
    const both = [stopAfter("a", 0), stopAfter("b", 5)];
    await clock.advance(5);
    await Promise.all(both);
    for (const id of ["c", "d", "e"]) await use({ ...call, id }, async () => fine);
    expect(spans().map(({ resumes }) => resumes)).toEqual([
      undefined,
      undefined,
      { id: "a", sinceMs: START },
      { id: "b", sinceMs: START + 5 },
      undefined,
    ]);
  });

  test("forgets who waited longest when more wait than calls are kept", async () => {
    const { use, spans } = recordTimeline({ maxCalls: 2 });
    for (const tool of ["a", "b", "c"]) await use({ ...call, tool }, stop).catch(() => {});
    for (const tool of ["a", "b"]) await use({ ...call, tool }, async () => fine);
    expect(spans().map(({ tool, resumes }) => [tool, resumes !== undefined])).toEqual([
      ["a", false],
      ["b", true],
    ]);
  });
});
