import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { toDuration } from "../../src/cli/progress/duration.js";
import { withProgress } from "../../src/cli/progress.js";
import { runDag } from "../../src/execution/dag.js";
import { FakeClock } from "../support/fake-clock.js";

/** A stream that keeps what is written to it. */
function fakeStream(
  terminal: Partial<NodeJS.WriteStream> = {},
): NodeJS.WriteStream & { readonly text: string } {
  const stream = {
    text: "",
    write(chunk: string | Uint8Array) {
      stream.text += String(chunk);
      return true;
    },
    ...terminal,
  };
  return stream as unknown as NodeJS.WriteStream & { readonly text: string };
}

const TERMINAL = { isTTY: true, columns: 80, rows: 24 } as const;

beforeEach(() => {
  vi.stubEnv("CI", "");
  vi.stubEnv("TERM", "xterm");
});
afterEach(() => vi.unstubAllEnvs());

describe("withProgress() elsewhere than on a terminal", () => {
  test("writes a line for each change of note", async () => {
    const stream = fakeStream();
    const clock = new FakeClock();
    const answer = await withProgress(
      async (onEvent) => {
        onEvent({ type: "run", workflow: "w", run: "1", status: "accepted" });
        onEvent({ type: "step", step: "reserve", status: "started" });
        await clock.advance(12);
        onEvent({ type: "step", step: "reserve", status: "done" });
        onEvent({ type: "step", step: "order", status: "started" });
        onEvent({ type: "progress", tool: "shop.order", progress: 1, total: 3 });
        onEvent({ type: "step", step: "order", status: "retrying", attempt: 2 });
        onEvent({
          type: "step",
          step: "order",
          status: "retrying",
          attempt: 3,
          error: { message: "no\nanswer" },
        });
        onEvent({
          type: "step",
          step: "mails",
          index: 4,
          status: "retrying",
          attempt: 2,
          error: { message: "full" },
        });
        onEvent({ type: "step", step: "note", status: "skipped" });
        onEvent({ type: "step", step: "order", status: "failed", error: { message: "out of stock" } });
        onEvent({ type: "undo", step: "reserve", status: "started" });
        await clock.advance(3500);
        onEvent({ type: "undo", step: "reserve", status: "done" });
        onEvent({ type: "undo", step: "mails", index: 4, status: "failed" });
        return 7;
      },
      { stream, clock },
    );
    expect(answer).toBe(7);
    expect(stream.text.split("\n")).toEqual([
      "✓ reserve  12 ms",
      "… order  retrying (2)",
      "… order  retrying (3): no answer",
      "… mails  retrying (2): item 4: full",
      "- note  skipped",
      "✗ order  failed: out of stock",
      "✓ undo reserve  3.5 s",
      "✗ undo mails 4  failed",
      "",
    ]);
  });

  test("says of what had not ended that it waits, or was stopped when the work threw", async () => {
    const stream = fakeStream();
    const failure = new Error("gone");
    const work = withProgress(
      async (onEvent) => {
        onEvent({ type: "step", step: "agree", status: "started" });
        onEvent({ type: "run", status: "waiting" });
        onEvent({ type: "step", step: "order", status: "started" });
        throw failure;
      },
      { stream },
    );
    await expect(work).rejects.toBe(failure);
    expect(stream.text).toBe("? agree  waits for a person\n- order  stopped\n");
  });

  test("shows steps of runDag(), of graphs and searches, and passes over what it does not know", async () => {
    const stream = fakeStream();
    const clock = new FakeClock();
    await withProgress(
      async (onEvent) => {
        await runDag({ one: { run: () => 1 } }, { onEvent, clock });
        onEvent({ type: "step", step: "plan", count: 3, detail: "3 queries" });
        onEvent({ type: "source", source: "notes", query: "vpn", status: "done", passages: 2 });
        onEvent({ type: "source", source: "wiki", query: "vpn", status: "done", passages: 1 });
        onEvent({ type: "source", source: "web", query: "vpn", status: "failed", error: "no route" });
        for (const strange of [undefined, null, 7, "step", {}, { type: "step" }, { type: "step", step: 3 }])
          onEvent(strange);
        onEvent({ type: "step", step: "x", status: "unheard of" });
      },
      { stream, clock },
    );
    expect(stream.text.split("\n")).toEqual([
      "✓ one  0 ms",
      "✓ plan  3 queries",
      '✓ notes  "vpn"  2 passages',
      '✓ wiki  "vpn"  1 passage',
      '✗ web  "vpn"  failed: no route',
      "",
    ]);
  });

  test.each([
    ["a build server", { CI: "true" }, TERMINAL],
    ["a terminal that cannot move its cursor", { TERM: "dumb" }, TERMINAL],
    ["a terminal without a width", {}, { ...TERMINAL, columns: 0 }],
  ])("has plain lines for %s", async (_, environment, terminal) => {
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const stream = fakeStream(terminal);
    await withProgress(async (onEvent) => onEvent({ type: "step", step: "a", status: "skipped" }), {
      stream,
    });
    expect(stream.text).toBe("- a  skipped\n");
  });
});

describe("withProgress() on a terminal", () => {
  test("keeps a line for each step, and leaves the last state of each", async () => {
    const stream = fakeStream(TERMINAL);
    const clock = new FakeClock();
    const begun = vi.spyOn(globalThis, "setInterval");
    const ended = vi.spyOn(globalThis, "clearInterval");
    onTestFinished(() => void vi.restoreAllMocks());
    await withProgress(
      async (onEvent) => {
        onEvent({ type: "step", step: "reserve", status: "started" });
        onEvent({ type: "step", step: "order", status: "started" });
        onEvent({ type: "step", step: "order", status: "retrying", attempt: 2 });
        await vi.waitFor(() => expect(stream.text).toContain("order  retrying (2)"));
        await clock.advance(40);
        onEvent({ type: "step", step: "reserve", status: "done" });
        onEvent({ type: "step", step: "order", status: "failed", error: { message: "out of stock" } });
        onEvent({ type: "step", step: "note", status: "skipped" });
        onEvent({ type: "undo", step: "reserve", status: "started" });
        await vi.waitFor(() => expect(stream.text).toContain("undo reserve"));
        onEvent({ type: "undo", step: "reserve", status: "done" });
      },
      { stream, clock },
    );
    const left = stripVTControlCharacters(stream.text).split("\n").slice(-5);
    expect(left.map((line) => line.replace(/^\S+ /u, ""))).toEqual([
      "reserve  40 ms",
      "order  failed: out of stock",
      "note  skipped",
      "undo reserve  0 ms",
      "",
    ]);
    // The cursor is there again, and nothing turns any more.
    expect(stream.text.lastIndexOf("\u001b[?25h")).toBeGreaterThan(stream.text.lastIndexOf("\u001b[?25l"));
    expect(begun).toHaveBeenCalledTimes(1);
    expect(ended.mock.calls.map(([timer]) => timer)).toContain(begun.mock.results[0]?.value);
  });

  test("ends also when the work throws, and writes nothing when nothing was told", async () => {
    const stream = fakeStream(TERMINAL);
    const failure = new Error("gone");
    const work = withProgress(
      async (onEvent) => {
        onEvent({ type: "step", step: "order", status: "started" });
        throw failure;
      },
      { stream },
    );
    await expect(work).rejects.toBe(failure);
    expect(stripVTControlCharacters(stream.text)).toMatch(/order {2}stopped\n$/);
    const quiet = fakeStream(TERMINAL);
    await withProgress(async () => {}, { stream: quiet });
    expect(quiet.text).toBe("");
  });

  test("lets no text of a server reach the terminal raw", async () => {
    const stream = fakeStream(TERMINAL);
    const hostile = "a\u001b]52;c;eA==\u0007b\u009b31m\rc\nd %s";
    await withProgress(
      async (onEvent) => {
        onEvent({ type: "step", step: hostile, status: "started" });
        onEvent({ type: "progress", tool: "s.t", progress: 1, message: hostile });
        onEvent({ type: "step", step: hostile, status: "failed", error: { message: hostile } });
      },
      { stream },
    );
    for (const control of ["\u001b]", "\u0007", "\u009b"]) expect(stream.text).not.toContain(control);
    expect(stripVTControlCharacters(stream.text)).toContain("ab c d %s  failed: ab c d %s");
  });
});

test.each([
  [0.4, "0 ms"],
  [999, "999 ms"],
  [1000, "1 s"],
  [59_999, "59.9 s"],
  [185_000, "3 min 5 s"],
  [3_600_000, "1 h"],
  [7_800_000, "2 h 10 min"],
  [86_399_000, "23 h 59 min"],
  [273_600_000, "3 d 4 h"],
])("toDuration(%d) is %s", (durationMs, text) => {
  expect(toDuration(durationMs)).toBe(text);
});
