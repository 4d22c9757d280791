import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blackboard, createBoard } from "../../src/agents/blackboard.js";
import { isBatonError } from "../../src/core/errors.js";
import type { Fault } from "../../src/core/faults.js";

const post = (value: unknown) => createBoard().post({ key: "k", value, author: "ann" });

describe("post() refuses what JSON does not keep:", () => {
  test.each<[string, unknown, string, string]>([
    ["NaN", Number.NaN, "value", "NaN"],
    ["infinity", { a: [1, Number.POSITIVE_INFINITY] }, "value.a[1]", "Infinity"],
    ["a map", new Map([[1, 2]]), "value", "an instance of Map"],
    ["a set", { seen: new Set([1]) }, "value.seen", "an instance of Set"],
    ["a function inside", { a: () => 1, b: 1 }, "value.a", "a function"],
    ["undefined in a list", [undefined, 1], "value[0]", "undefined"],
    ["a hole in a list", Array(1), "value[0]", "undefined"],
    ["an error", new Error("x"), "value", "an instance of Error"],
    ["a regular expression", /x/, "value", "an instance of RegExp"],
    ["an object of a class", new (class Person {})(), "value", "an instance of Person"],
    ["a bigint", 1n, "value", "a bigint"],
    ["a symbol", { a: Symbol("x") }, "value.a", "a symbol"],
  ])("%s", async (_, value, path, what) => {
    await expect(post(value)).rejects.toMatchObject({
      code: "INVALID_ARGUMENTS",
      message: expect.stringContaining(`post(): ${path} is ${what}; it must be JSON`),
      data: { issues: [{ path }] },
    });
  });

  test("a circle", async () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    await expect(post(circle)).rejects.toMatchObject({ code: "INVALID_ARGUMENTS" });
  });
});

test("post() keeps all JSON as it is, leaves out keys without a value, and a date is its text", async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue({ maxDepth: 4, noUnicodeString: false }), async (value) => {
      // JSON has one zero.
      expect((await post(value)).value).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 200 },
  );
  const at = new Date(0);
  expect((await post({ at, note: undefined, bare: Object.create(null) })).value).toEqual({
    at: "1970-01-01T00:00:00.000Z",
    bare: {},
  });
});

test.each<[string, (board: ReturnType<typeof createBoard>) => Promise<unknown>, string]>([
  ["a misspelt filter of findings", (board) => board.findings({ kee: "k" } as never), "filter.kee"],
  ["a key that is no text", (board) => board.findings({ key: 5 } as never), "key"],
  ["a misspelt filter of requests", (board) => board.requests({ state: "open" } as never), "filter.state"],
  ["a status that is none", (board) => board.requests({ status: "opn" } as never), "status"],
])("%s is refused", async (_, ask, path) => {
  await expect(ask(createBoard())).rejects.toMatchObject({
    code: "INVALID_ARGUMENTS",
    data: { issues: [{ path }] },
  });
});

describe("CONFIG_INVALID is", () => {
  const faultsOf = (make: () => unknown): readonly Fault[] => {
    try {
      make();
    } catch (error) {
      if (isBatonError(error, "CONFIG_INVALID")) return (error.data as { faults: readonly Fault[] }).faults;
      throw error;
    }
    return expect.unreachable();
  };
  const paths = (make: () => unknown) => faultsOf(make).map(({ path }) => path);

  test("a name of an agent by which it could not post", () => {
    for (const agent of ["a\nb", "a".repeat(201), "\u0000"])
      expect(paths(() => blackboard({ agent }))).toEqual(["agent"]);
  });

  test("what is no board", () => {
    expect(paths(() => blackboard({ board: {} as never }))).toEqual(["board"]);
  });

  test("a state whose entries no board kept", () => {
    const finding = { id: "1", key: "k", value: 1, author: "ann", time: "2026", sources: [] };
    const state = { findings: [finding, { ...finding, author: 5 }], requests: [null] } as never;
    expect(paths(() => createBoard({ state }))).toEqual(["state.findings[1].author", "state.requests[0]"]);
    const many = { findings: Array(500).fill({}), requests: [] } as never;
    expect(paths(() => createBoard({ state: many }))).toHaveLength(10);
  });
});
