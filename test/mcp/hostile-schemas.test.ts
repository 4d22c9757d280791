import { describe, expect, test } from "vitest";
import { compileSchema, type JsonSchema } from "../../src/mcp/json-schema.js";
import { findSchemaFault } from "../../src/mcp/schema-fault.js";
import { open } from "../support/calls.js";
import { scripted, tool } from "../support/scripted.js";

/** Aimed at are 50 ms; the machine may be busy. */
const MOST_MS = 250;

const object = (properties: object, rest: object = {}): JsonSchema => ({
  type: "object",
  properties,
  ...rest,
});
const pattern = (source: string): JsonSchema => object({ a: { type: "string", pattern: source } });
const format = (name: string): JsonSchema => object({ a: { type: "string", format: name } });
const times = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));
const named = (count: number, make: (n: number) => unknown): object =>
  Object.fromEntries(times(count, (n) => [`p${n}`, make(n)]));
const nested = (
  depth: number,
  wrap: (inner: unknown) => unknown,
  inner: unknown = { type: "string" },
): unknown => {
  let schema = inner;
  for (let level = 0; level < depth; level++) schema = wrap(schema);
  return schema;
};
const deep = (depth: number): unknown => nested(depth, (inner) => ({ a: inner }), "x");
const as = "a".repeat(5000);
/** Each definition looks at the next one twice, so that the last is looked at 2^60 times. */
const doubling = (keyword: string): JsonSchema => ({
  ...object({ a: { $ref: "#/$defs/d0" } }),
  $defs: Object.fromEntries(
    times(61, (n) => [
      `d${n}`,
      n === 60
        ? { type: "string" }
        : { [keyword]: [{ $ref: `#/$defs/d${n + 1}` }, { $ref: `#/$defs/d${n + 1}` }] },
    ]),
  ),
});
const recursive = (node: object): JsonSchema => ({
  ...object({ a: { $ref: "#/$defs/n" } }),
  $defs: { n: node },
});

const HOSTILE: readonly [name: string, schema: JsonSchema, value: unknown][] = [
  ...[
    "^(a+)+$",
    "^(a*)*$",
    "^(a|aa)+$",
    "^(a|a?)+$",
    "(x+x+)+y",
    "^([a-zA-Z]+)*$",
    "^(.*a){20}$",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(.*)(.*)(.*)(.*)(.*)b",
    "^\\s*(\\w+\\s*)+$",
    "^(?:a?){500}a{500}$",
    "^a*a*a*a*a*a*b$",
    "a*a{90}$",
    "^(?:[a-z]{1,100}){1,10}$",
    "(?:(?:(?:a{1,9}){1,9}){1,9}){1,9}",
    "^(?=(a+)+$)b",
    "^(a+)+\\1$",
    `(${"a|".repeat(900)}b)*c`,
  ].map(
    (source) =>
      [`pattern ${source.slice(0, 40)}`, pattern(source), { a: `${as}!` }] as [string, JsonSchema, unknown],
  ),
  ["pattern with 28 characters", pattern("^(a+)+$"), { a: `${"a".repeat(28)}!` }],
  [
    "patternProperties",
    { type: "object", patternProperties: { "^(a+)+$": {} }, additionalProperties: false },
    { [`${as}!`]: 1 },
  ],
  ["propertyNames", { type: "object", propertyNames: { pattern: "^(a|aa)+$" } }, { [`${as}!`]: 1 }],
  [
    "a pattern over many texts",
    object({ a: { type: "array", items: { pattern: "^(?:a?){200}$" } } }),
    { a: times(2000, () => as) },
  ],
  ["a pattern of a megabyte", pattern("(a+)+".repeat(200_000)), { a: as }],
  ...[
    "email",
    "uri",
    "uri-reference",
    "url",
    "hostname",
    "regex",
    "json-pointer",
    "byte",
    "date-time",
    "uri-template",
  ].map(
    (name) =>
      [`format ${name}`, format(name), { a: `http://${":a/".repeat(17_000)} ` }] as [
        string,
        JsonSchema,
        unknown,
      ],
  ),
  [
    "a slow format over many texts",
    object({ a: { type: "array", items: { format: "uri" } } }),
    { a: times(1000, () => `a:${"/".repeat(1990)} `) },
  ],
  ["1,000 levels", nested(1000, (inner) => object({ a: inner })) as JsonSchema, deep(1000)],
  [
    "1,000 levels of allOf",
    nested(1000, (inner) => ({ type: "object", allOf: [inner] }), { type: "object" }) as JsonSchema,
    {},
  ],
  ["10,000 properties", object(named(10_000, () => ({ type: "string" }))), named(10_000, () => 1)],
  ["3,000 properties", object(named(3000, () => ({ type: "string" }))), named(3000, () => 1)],
  ["10,000 alternatives", object({ a: { anyOf: times(10_000, (n) => ({ const: n })) } }), { a: -1 }],
  [
    "4,000 alternatives over many values",
    object({ a: { type: "array", items: { oneOf: times(4000, (n) => ({ const: n })) } } }),
    { a: times(5000, () => -1) },
  ],
  ["an enum of 100,000", object({ a: { enum: times(100_000, (n) => `value ${n}`) } }), { a: "none" }],
  [
    "an enum of 100,000 over many values",
    object({ a: { type: "array", items: { enum: times(100_000, (n) => `value ${n}`) } } }),
    { a: times(10_000, () => "none") },
  ],
  ["an enum of a million", object({ a: { enum: times(1_000_000, (n) => n) } }), { a: -1 }],
  [
    "uniqueItems of 100,000 objects",
    object({ a: { type: "array", uniqueItems: true } }),
    { a: times(100_000, (n) => ({ n })) },
  ],
  [
    "uniqueItems of 100,000 texts",
    object({ a: { type: "array", uniqueItems: true } }),
    { a: times(100_000, String) },
  ],
  [
    "uniqueItems of large objects",
    object({ a: { type: "array", uniqueItems: true } }),
    { a: times(300, (n) => ({ ...named(1000, () => 1), n })) },
  ],
  ["doubling by allOf", doubling("allOf"), { a: 1 }],
  ["doubling by anyOf", doubling("anyOf"), { a: 1 }],
  ["doubling by oneOf", doubling("oneOf"), { a: 1 }],
  [
    "two ways down a deep value",
    recursive({ anyOf: [object({ a: { $ref: "#/$defs/n" } }), object({ a: { $ref: "#/$defs/n" } })] }),
    deep(500),
  ],
  ["a reference to itself", recursive({ $ref: "#/$defs/n" }), { a: 1 }],
  [
    "references in a circle",
    {
      ...object({ a: { $ref: "#/$defs/x" } }),
      $defs: { x: { $ref: "#/$defs/y" }, y: { allOf: [{ $ref: "#/$defs/x" }] } },
    },
    { a: 1 },
  ],
  ["the root in itself", { type: "object", allOf: [{ $ref: "#" }] }, {}],
  ["recursion down a very deep value", { type: "object", properties: { a: { $ref: "#" } } }, deep(20_000)],
  ["a reference over the network", object({ a: { $ref: "http://127.0.0.1:9/x.json" } }), { a: 1 }],
  [
    "a large definition inlined everywhere",
    {
      ...object(named(500, () => ({ $ref: "#/$defs/big" }))),
      $defs: { big: object(named(2000, () => ({ type: "string" }))) },
    },
    named(500, () => ({})),
  ],
  [
    "100,000 bad items",
    object({ a: { type: "array", items: { type: "string" } } }),
    { a: times(100_000, (n) => n) },
  ],
  [
    "contains over many items",
    object({ a: { type: "array", contains: { enum: times(5000, (n) => n) } } }),
    { a: times(5000, () => -1) },
  ],
  [
    "unevaluatedProperties of many",
    { ...object({}), anyOf: times(500, (n) => object({ [`p${n}`]: {} })), unevaluatedProperties: false },
    named(2000, () => 1),
  ],
  [
    "dependent names",
    { type: "object", dependentRequired: named(500, () => times(500, (n) => `q${n}`)) },
    named(500, () => 1),
  ],
];

describe("schemas that are written to stop us", () => {
  test("there are at least fifty", () => {
    expect(HOSTILE.length).toBeGreaterThanOrEqual(50);
  });

  test.each(HOSTILE)("%s: refused or checked, soon", (name, schema, value) => {
    compileSchema({ type: "object", properties: { warm: { type: "string", pattern: "^(up)+$" } } })({
      warm: "x",
    });
    const startedAt = performance.now();
    const fault = findSchemaFault(schema);
    const listedAt = performance.now();
    let outcome = fault ?? "";
    let compiledAt = listedAt;
    if (fault === undefined) {
      try {
        const validate = compileSchema(schema);
        compiledAt = performance.now();
        const issues = validate(value);
        outcome = `${issues.length} issues`;
        expect(JSON.stringify(issues).length).toBeLessThan(10_000);
      } catch (error) {
        if (compiledAt !== listedAt) throw error;
        outcome = `refused: ${(error as Error).message}`;
      }
    }
    const spent = [listedAt - startedAt, compiledAt - listedAt, performance.now() - compiledAt];
    process.stdout.write(
      `${name}: ${spent.map((ms) => ms.toFixed(1)).join(" + ")} ms, ${outcome.slice(0, 80)}\n`,
    );
    for (const ms of spent) expect(ms).toBeLessThan(MOST_MS);
  });

  test("cost their own tool at most, with a reason", async () => {
    const tools = [
      tool("first"),
      ...HOSTILE.map(([, schema], n) => ({ name: `t${n}`, inputSchema: schema })),
      tool("last"),
    ];
    const server = open(scripted("s", { tools }));
    const listed = await server.listTools();
    expect(listed[0]?.name).toBe("first");
    expect(listed.at(-1)?.name).toBe("last");
    expect(listed.length + server.rejectedTools.length).toBe(tools.length);
    for (const { reason } of server.rejectedTools)
      expect(reason).toMatch(
        /input schema is broken: .*(levels deep|parts|characters|names|nothing is fetched)/,
      );
    expect(server.rejectedTools.length).toBeGreaterThan(3);
  });
});

describe("the limits", () => {
  test("leave room for what real servers have", () => {
    const wide = object(
      named(900, () => ({ type: "string", description: "d".repeat(200), enum: times(20, String) })),
    );
    expect(findSchemaFault(wide)).toBeUndefined();
    expect(compileSchema(wide)({ p0: "1", p899: "none" })).toHaveLength(1);
  });

  test("keep what is checked exact", () => {
    const validate = compileSchema(
      object({ a: { type: "array", items: { type: "string", pattern: "^(?:ab)+$" }, uniqueItems: true } }),
    );
    expect(validate({ a: ["ab", "abab"] })).toEqual([]);
    expect(validate({ a: ["ab", "aba"] })).toEqual([
      { path: "/a/1", problem: 'must match pattern "^(?:ab)+$"' },
    ]);
    expect(validate({ a: ["ab", "ab"] })).toEqual([{ path: "/a", problem: "must NOT have duplicate items" }]);
  });

  test.each([
    [[1, "1", true, null, [1], { a: 1 }, "text 1", "json [1]"], true],
    [
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      false,
    ],
    [
      [
        [1, 2],
        [2, 1],
      ],
      true,
    ],
    [[1, 1.0], false],
    [[null, null], false],
    [["1", 1, "1"], false],
  ])("uniqueItems means what the standard says: %j", (items, isValid) => {
    expect(compileSchema(object({ a: { uniqueItems: true } }))({ a: items }).length === 0).toBe(isValid);
  });

  test("a schema is not changed by being counted", () => {
    const schema = object({
      a: { const: { properties: { b: {} } } },
      c: { default: { anyOf: [] }, enum: [{ items: 1 }] },
    });
    const before = JSON.stringify(schema);
    const validate = compileSchema(schema);
    expect(validate({ a: { properties: { b: {} } }, c: { items: 1 } })).toEqual([]);
    expect(JSON.stringify(schema)).toBe(before);
  });
});
