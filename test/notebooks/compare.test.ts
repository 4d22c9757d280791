import { describe, expect, test } from "vitest";
import { faultsOf } from "./compare.js";
import type { CodeCell, Notebook, Output } from "./notebook.js";
import { withOutputs } from "./outputs.js";

const picture = (svg: string, text: string): Output => ({
  output_type: "execute_result",
  data: { "image/svg+xml": svg, "text/plain": text },
  metadata: {},
});
const printed = (text: string, name: "stdout" | "stderr" = "stdout"): Output => ({
  output_type: "stream",
  name,
  text: [text],
});
const failed: Output = {
  output_type: "error",
  ename: "TypeError",
  evalue: "x is not a function",
  traceback: [],
};

describe("a run beside what is committed", () => {
  test("may take another time, on another day, under other ids", () => {
    const before = printed("read in 12 ms at 2026-10-31T10:00:00Z by 0b5c3f0e-4a52-4a3b-9d5e-0123456789ab\n");
    const after = printed(
      "read in 1.5 s at 2027-01-01T00:00:00.123Z by aaaaaaaa-4a52-4a3b-9d5e-0123456789ab\n",
    );
    expect(faultsOf(notebook([before]), notebook([after]))).toEqual([]);
  });

  test("must say the same words in the same order", () => {
    const [fault] = faultsOf(notebook([printed("a\nb\n")]), notebook([printed("b\na\n")]));
    expect(fault).toContain("cell [1] cell-1: committed (-) and run (+) differ");
    expect(fault).toContain("- 1: a");
    expect(fault).toContain("+ 1: b");
  });

  test("may draw a picture with other shapes and times, in another order, but not with other labels", () => {
    const before = picture(
      "<svg><text x='1'>files</text><text>p50 p95 12 ms</text></svg>",
      "files |== | 12 ms",
    );
    const moved = picture(
      "<svg><text x='9'>⋯ 1.2 s ⋯</text><text>files</text></svg>",
      "files |-=| 2 s\n- waiting",
    );
    const renamed = picture("<svg><text x='1'>mail</text><text>12 ms</text></svg>", "files |== | 12 ms");
    expect(faultsOf(notebook([before]), notebook([moved]))).toEqual([]);
    expect(faultsOf(notebook([before]), notebook([renamed]))).toEqual([
      expect.stringMatching(/- label files\n.*\+ label mail/),
    ]);
  });

  test("must show a picture where one is committed", () => {
    const before = picture("<svg><text>files</text></svg>", "files");
    const { data, ...rest } = before as Extract<Output, { data: unknown }>;
    const after: Output = { ...rest, data: { "text/plain": data["text/plain"] } };
    expect(faultsOf(notebook([before]), notebook([after]))).toEqual([
      expect.stringContaining("committed is image/svg+xml + text/plain, the run gave text/plain"),
    ]);
  });

  test("must have each output, and no other", () => {
    const output = printed("a\n");
    expect(faultsOf(notebook([output]), notebook([]))).toEqual([
      expect.stringContaining("committed is stdout, the run gave nothing"),
    ]);
    expect(faultsOf(notebook([]), notebook([output]))).toEqual([
      expect.stringContaining("committed is nothing, the run gave stdout"),
    ]);
  });

  test("must write nothing to stderr, also where that is committed", () => {
    const noise = notebook([printed("deprecated\n", "stderr")]);
    expect(faultsOf(noise, noise)).toEqual(["cell [1] cell-1: it wrote to stderr: deprecated\n"]);
  });

  test("must not fail, and only the first error is told", () => {
    const before = notebook([printed("a\n")], [printed("b\n")]);
    expect(faultsOf(before, notebook([failed], [failed]))).toEqual([
      "cell [1] cell-1: TypeError: x is not a function",
    ]);
  });
});

describe("withOutputs()", () => {
  test("keeps an output that says the same, and takes one that says something else", () => {
    const before = notebook([printed("took 12 ms\n")], [printed("old\n")]);
    const run = notebook([printed("took 90 ms\n")], [printed("new\n")]);
    const { cells } = withOutputs(before, run);
    expect(cells.map((cell) => (cell as CodeCell).outputs)).toEqual([
      [printed("took 12 ms\n")],
      [printed("new\n")],
    ]);
  });
});

/** A notebook of code cells with these outputs. */
function notebook(...outputs: readonly (readonly Output[])[]): Notebook {
  const cells = outputs.map(
    (each, index): CodeCell => ({
      cell_type: "code",
      execution_count: index + 1,
      id: `cell-${index + 1}`,
      metadata: {},
      outputs: each,
      source: ["1"],
    }),
  );
  return { cells, metadata: {}, nbformat: 4, nbformat_minor: 5 };
}
