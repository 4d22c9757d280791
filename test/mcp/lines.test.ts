import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createLineReader } from "../../src/mcp/lines.js";

function read(maxBytes: number, chunks: readonly Buffer[]) {
  const lines: string[] = [];
  const oversize: { bytes: number; head: string; tail: string }[] = [];
  const reader = createLineReader(maxBytes, {
    onLine: (line) => lines.push(line),
    onOversize: (line) => oversize.push(line),
  });
  for (const chunk of chunks) reader(chunk);
  return { lines, oversize };
}

describe("createLineReader()", () => {
  test("gives the same lines however the stream is cut, through characters of several bytes too", () => {
    const line = fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => text.replaceAll("\n", " "));
    const cuts = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(line), cuts, (lines, sizes) => {
        const whole = Buffer.from(lines.map((each) => `${each}\n`).join(""));
        const chunks: Buffer[] = [];
        for (let at = 0, i = 0; at < whole.length; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          chunks.push(whole.subarray(at, at + size));
          at += size;
        }
        expect(read(1000, chunks).lines).toEqual(lines.filter((each) => each.trim() !== ""));
      }),
    );
  });

  test("keeps an unfinished line for later, and passes over empty ones", () => {
    expect(read(100, [Buffer.from("\n\r\n  \na\r\nb")]).lines).toEqual(["a\r"]);
  });

  test("drops a line over the limit, tells its size, its start and its end, and reads on", () => {
    const long = `START${"x".repeat(5000)}END`;
    const stream = Buffer.from(`before\n${long}\nafter\n`);
    for (const size of [1, 7, 1000, stream.length]) {
      const chunks: Buffer[] = [];
      for (let at = 0; at < stream.length; at += size) chunks.push(stream.subarray(at, at + size));
      const { lines, oversize } = read(100, chunks);
      expect(lines).toEqual(["before", "after"]);
      expect(oversize).toHaveLength(1);
      expect(oversize[0]).toMatchObject({ bytes: long.length });
      expect(oversize[0]?.head.startsWith("STARTx")).toBe(true);
      expect(oversize[0]?.tail.endsWith("xEND")).toBe(true);
      expect(oversize[0]?.head.length).toBeLessThanOrEqual(1024);
      expect(oversize[0]?.tail.length).toBeLessThanOrEqual(1024);
    }
  });

  test("takes a line of exactly the limit, and none of one byte more", () => {
    expect(read(5, [Buffer.from("12345\n")]).lines).toEqual(["12345"]);
    expect(read(5, [Buffer.from("123456\n")])).toMatchObject({ lines: [], oversize: [{ bytes: 6 }] });
  });

  test("holds no more than the limit of a line that never ends", () => {
    const chunk = Buffer.alloc(64 * 1024, "x");
    const reader = createLineReader(1024 * 1024, { onLine: () => {}, onOversize: () => {} });
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 1000; i++) reader(chunk);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024);
  });

  test("reads a large message of many chunks in linear time", () => {
    const time = (chunks: number): number => {
      const reader = createLineReader(1 << 30, { onLine: () => {}, onOversize: () => {} });
      const chunk = Buffer.alloc(1024, "x");
      const start = performance.now();
      for (let i = 0; i < chunks; i++) reader(chunk);
      reader(Buffer.from("\n"));
      return performance.now() - start;
    };
    time(1000);
    // Quadratic would be 256 times as long, linear 16 times.
    expect(time(16_000)).toBeLessThan(Math.max(5, time(1000)) * 100);
  });
});
