import { expect, onTestFinished, test, vi } from "vitest";
import { note, print } from "../../src/cli/output.js";

/** What is written when the stream is a terminal, or is none. */
function written(stream: NodeJS.WriteStream, isTTY: boolean, work: () => void): string {
  const before = stream.isTTY;
  const write = vi.spyOn(stream, "write").mockReturnValue(true);
  onTestFinished(() => write.mockRestore());
  stream.isTTY = isTTY;
  try {
    work();
    return write.mock.calls.map(([text]) => String(text)).join("");
  } finally {
    stream.isTTY = before;
    write.mockRestore();
  }
}

const hostile = "a\u001b]52;c;eA==\u0007b\u009b31m\r\u007f\tc\nd é";

test("print() and note() strip control characters for a terminal, but not tabs and line ends", () => {
  const harmless = "a]52;c;eA==b31m\tc\nd é\n";
  expect(written(process.stdout, true, () => print(hostile))).toBe(harmless);
  expect(written(process.stderr, true, () => note(hostile))).toBe(harmless);
});

test("print() and note() change nothing for a file or a pipe", () => {
  expect(written(process.stdout, false, () => print(hostile))).toBe(`${hostile}\n`);
  expect(written(process.stderr, false, () => note(hostile))).toBe(`${hostile}\n`);
});
