import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type NamedTool, nameTools, type ToolNaming } from "../../src/adapters/tool-names.js";

const of = (...pairs: [server: string, tool: string][]): NamedTool[] =>
  pairs.map(([server, tool]) => ({ server, tool }));

describe("nameTools()", () => {
  test("keeps names that are unique, and puts the server in front of those that are not", () => {
    expect(nameTools(of(["a", "read"], ["b", "read"], ["b", "write"]))).toEqual([
      "a__read",
      "b__read",
      "write",
    ]);
  });

  test("prefixed: always the server in front", () => {
    expect(nameTools(of(["a", "read"]), "prefixed")).toEqual(["a__read"]);
  });

  test("a function's names are made safe and unique as well", () => {
    const names = nameTools(of(["a", "x"], ["a", "y"]), () => "my tool");
    expect(names[0]).toMatch(/^my_tool_[0-9a-f]{8}$/);
    expect(new Set(names).size).toBe(2);
  });

  test.each([
    ["a.b/c d", /^a_b_c_d$/],
    ["1st", /^_1st$/],
    ["-dash", /^_-dash$/],
    ["größe", /^gr__e$/],
    ["x".repeat(65), /^x{55}_[0-9a-f]{8}$/],
    ["x".repeat(64), /^x{64}$/],
    ["bad name;rm -rf", /^bad_name_rm_-rf$/],
    ["__proto__", /^__proto__$/],
  ])("makes %j fit for every provider", (tool, expected) => {
    expect(nameTools(of(["s", tool]))[0]).toMatch(expected);
  });

  test("two names that become the same by cleaning stay two", () => {
    const names = nameTools(of(["s", "a.b"], ["s", "a b"]));
    expect(new Set(names).size).toBe(2);
  });

  test("a server cannot take another one's name by guessing it", () => {
    // These names are what the tools of the first two servers are called after their collision.
    const names = nameTools(of(["a", "x"], ["b", "x"], ["evil", "a__x"], ["evil", "b__x"]));
    expect(new Set(names).size).toBe(4);
    const [hashed] = nameTools(of(["s", "a.b"], ["s", "a b"]));
    const attacked = nameTools(of(["s", "a.b"], ["s", "a b"], ["evil", hashed ?? ""]));
    expect(new Set(attacked).size).toBe(3);
  });

  const name = fc.oneof(
    fc.constantFrom(
      "read",
      "write",
      "a__read",
      "read_file",
      "x".repeat(70),
      `${"x".repeat(70)}y`,
      "",
      "a.b",
      "a_b",
    ),
    fc.string({ maxLength: 80 }),
  );
  const tools = fc.uniqueArray(
    fc.record({ server: fc.constantFrom("a", "b", "c", "a__read", "s.t"), tool: name }),
    { selector: ({ server, tool }) => JSON.stringify([server, tool]), maxLength: 20 },
  );
  const naming = fc.constantFrom<ToolNaming>(
    "auto",
    "prefixed",
    () => "same",
    (_, tool) => tool,
  );

  test("gives as many names as tools, all of them different and fit for every provider", () => {
    fc.assert(
      fc.property(tools, naming, (list, how) => {
        const names = nameTools(list, how);
        expect(names).toHaveLength(list.length);
        expect(new Set(names).size).toBe(list.length);
        for (const each of names) expect(each).toMatch(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/);
      }),
    );
  });

  test("gives each tool the same name in whatever order the tools come", () => {
    const shuffled = tools.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(shuffled, naming, ([list, other], how) => {
        const byTool = (each: NamedTool[]) =>
          Object.fromEntries(nameTools(each, how).map((given, i) => [JSON.stringify(each[i]), given]));
        expect(byTool(other)).toEqual(byTool(list));
      }),
    );
  });
});
