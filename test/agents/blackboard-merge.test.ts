import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type BoardRequest, type BoardState, type Finding, mergeBoard } from "../../src/agents/blackboard.js";
import { hashJson } from "../../src/core/canonical.js";

const empty: BoardState = { findings: [], requests: [] };
const name = fc.constantFrom("ann", "bob", "cy", "dee");
// Few of each, so that all of them clash.
const time = fc.constantFrom(0, 1, 2, 3).map((second) => new Date(second * 1000).toISOString());
const source = fc.record(
  { label: fc.constantFrom("a", "b", "c"), uri: fc.constantFrom("x://1", "x://2") },
  { requiredKeys: ["label"] },
);
const finding = fc
  .record(
    {
      key: fc.constantFrom("k", "l"),
      value: fc.constantFrom<unknown>(1, "1", { a: 1, b: [2] }),
      author: name,
      time,
      sources: fc.array(source, { maxLength: 3 }),
      confidence: fc.constantFrom(0, 0.5, 1),
      confirmedBy: fc.array(name, { maxLength: 3 }),
    },
    { requiredKeys: ["key", "value", "author", "time", "sources"] },
  )
  .map((parts): Finding => ({ id: hashJson([parts.key, parts.value]), ...parts }));
const request = fc
  .record({ need: fc.constantFrom("n", "m"), by: name, time, takenBy: name, takenAt: time })
  .chain(({ need, by, time, takenBy, takenAt }): fc.Arbitrary<BoardRequest> => {
    const open = { id: hashJson([by, need]), need, by, time };
    return fc.oneof(
      fc.constant<BoardRequest>({ ...open, status: "open" }),
      fc.constant<BoardRequest>({ ...open, status: "taken", takenBy, takenAt }),
      fc
        .constantFrom("yes", "no")
        .map((answer): BoardRequest => ({ ...open, status: "done", takenBy, takenAt, answer })),
    );
  });
const board: fc.Arbitrary<BoardState> = fc.record({
  findings: fc.array(finding, { maxLength: 6 }),
  requests: fc.array(request, { maxLength: 6 }),
});

describe("mergeBoard()", () => {
  test("is commutative, associative and idempotent", () => {
    fc.assert(
      fc.property(board, board, board, (a, b, c) => {
        expect(mergeBoard(a, b)).toEqual(mergeBoard(b, a));
        expect(mergeBoard(mergeBoard(a, b), c)).toEqual(mergeBoard(a, mergeBoard(b, c)));
        const merged = mergeBoard(a, b);
        expect(mergeBoard(merged, merged)).toEqual(merged);
        expect(mergeBoard(merged, b)).toEqual(merged);
        expect(mergeBoard(merged, empty)).toEqual(merged);
      }),
      { numRuns: 300 },
    );
  });

  test("loses no finding, no source and no name, and takes no status back", () => {
    const rank = { open: 0, taken: 1, done: 2 };
    fc.assert(
      fc.property(board, board, (a, b) => {
        const merged = mergeBoard(a, b);
        for (const one of [...a.findings, ...b.findings]) {
          const found = merged.findings.filter(({ id }) => id === one.id);
          expect(found).toHaveLength(1);
          expect(found[0]?.sources).toEqual(expect.arrayContaining([...one.sources]));
          const names = [found[0]?.author, ...(found[0]?.confirmedBy ?? [])];
          expect(names).toEqual(expect.arrayContaining([one.author, ...(one.confirmedBy ?? [])]));
          expect(new Set(names).size).toBe(names.length);
        }
        for (const one of [...a.requests, ...b.requests]) {
          const found = merged.requests.filter(({ id }) => id === one.id);
          expect(found).toHaveLength(1);
          expect(rank[found[0]?.status ?? "open"]).toBeGreaterThanOrEqual(rank[one.status]);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("gives a request that two took to the earlier, and at the same time to the first by name", () => {
    const open = { id: "1", need: "n", by: "ann", time: "2026-01-01T00:00:00.000Z", status: "open" } as const;
    const takenBy = (by: string, second: number): BoardState => ({
      findings: [],
      requests: [{ ...open, status: "taken", takenBy: by, takenAt: `2026-01-01T00:00:0${second}.000Z` }],
    });
    const winner = (a: BoardState, b: BoardState) => mergeBoard(a, b).requests[0]?.takenBy;
    expect(winner(takenBy("ann", 2), takenBy("bob", 1))).toBe("bob");
    expect(winner(takenBy("bob", 1), takenBy("ann", 1))).toBe("ann");
  });

  test("keeps findings that differ under one key, the oldest first", () => {
    const of = (value: number, second: number): Finding => ({
      id: `${value}`,
      key: "headcount",
      value,
      author: "ann",
      time: `2026-01-01T00:00:0${second}.000Z`,
      sources: [],
    });
    const { findings } = mergeBoard({ findings: [of(1, 2)], requests: [] }, { findings: [of(2, 1)] });
    expect(findings.map(({ value }) => value)).toEqual([2, 1]);
  });
});
