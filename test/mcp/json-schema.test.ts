import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileSchema, type JsonSchema } from "../../src/mcp/json-schema.js";
import { findSchemaFault } from "../../src/mcp/schema-fault.js";

const object = (properties: object, rest: object = {}): JsonSchema => ({
  type: "object",
  properties,
  ...rest,
});

describe("compileSchema()", () => {
  const cases: [name: string, schema: JsonSchema, valid: unknown[], invalid: unknown[]][] = [
    [
      "nullable by anyOf",
      object({
        tags: { anyOf: [{ type: "array", items: { type: "string" } }, { type: "null" }], default: null },
      }),
      [{}, { tags: null }, { tags: ["a"] }],
      [{ tags: "a" }, { tags: [1] }],
    ],
    [
      "oneOf of scalars",
      object({ id: { oneOf: [{ type: "string" }, { type: "integer" }] } }, { required: ["id"] }),
      [{ id: "a" }, { id: 1 }],
      [{ id: 1.5 }, { id: null }, {}],
    ],
    [
      "a discriminated union",
      object({
        when: {
          oneOf: [
            object({ kind: { const: "none" } }, { required: ["kind"], additionalProperties: false }),
            object({ kind: { const: "range" }, start: { type: "string" } }, { required: ["kind", "start"] }),
          ],
        },
      }),
      [{ when: { kind: "none" } }, { when: { kind: "range", start: "now" } }],
      [{ when: { kind: "range" } }, { when: { kind: "other" } }, { when: {} }],
    ],
    [
      "recursion",
      {
        ...object({ tree: { $ref: "#/$defs/node" } }),
        $defs: {
          node: object(
            { name: { type: "string" }, kids: { type: "array", items: { $ref: "#/$defs/node" } } },
            { required: ["name"] },
          ),
        },
      },
      [{ tree: { name: "a", kids: [{ name: "b", kids: [] }] } }],
      [{ tree: { name: "a", kids: [{ kids: [] }] } }, { tree: { name: 1 } }],
    ],
    [
      "if, then and else",
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      object({ a: {} }, { if: { required: ["a"] }, then: { required: ["b"] }, else: { required: ["c"] } }),
      [{ a: 1, b: 1 }, { c: 1 }],
      [{ a: 1 }, { b: 1 }],
    ],
    [
      "2020-12 tuples",
      object({
        pair: { type: "array", prefixItems: [{ type: "string" }, { type: "number" }], items: false },
      }),
      [{ pair: ["a", 1] }],
      [{ pair: [1, "a"] }, { pair: ["a", 1, 2] }],
    ],
    [
      "draft-07 tuples, when the schema says so",
      {
        $schema: "http://json-schema.org/draft-07/schema#",
        ...object({
          pair: { type: "array", items: [{ type: "string" }, { type: "number" }], additionalItems: false },
        }),
      },
      [{ pair: ["a", 1] }],
      [{ pair: [1, "a"] }, { pair: ["a", 1, 2] }],
    ],
    [
      "recursion to the root",
      object(
        { name: { type: "string" }, kids: { type: "array", items: { $ref: "#" } } },
        { required: ["name"] },
      ),
      [{ name: "a", kids: [{ name: "b" }] }],
      [
        { name: "a", kids: [{}] },
        { name: "a", kids: [{ name: "b", kids: [{ name: 1 }] }] },
      ],
    ],
    [
      "2019-09 recursion, when the schema says so",
      {
        $schema: "https://json-schema.org/draft/2019-09/schema",
        ...object({ kids: { type: "array", items: { $ref: "#" } } }),
      },
      [{ kids: [{ kids: [] }] }],
      [{ kids: [1] }],
    ],
    [
      "formats",
      object({ mail: { type: "string", format: "email" }, x: { format: "no-such-format" } }),
      [{ mail: "a@b.cd", x: 1 }],
      [{ mail: "nobody" }],
    ],
    [
      "patterns that only work without the Unicode flag",
      object({ id: { type: "string", pattern: "^[\\w-.]+$" } }),
      [{ id: "a-b.c" }],
      [{ id: "a b" }],
    ],
    ["unevaluatedProperties", { ...object({ a: {} }), unevaluatedProperties: false }, [{ a: 1 }], [{ b: 1 }]],
  ];
  test.each(cases)("%s: takes the valid and refuses the invalid", (_, schema, valid, invalid) => {
    const validate = compileSchema(schema);
    expect(findSchemaFault(schema)).toBeUndefined();
    for (const value of valid) expect(validate(value), JSON.stringify(value)).toEqual([]);
    for (const value of invalid) expect(validate(value).length, JSON.stringify(value)).toBeGreaterThan(0);
  });

  test("says where and why, in words, and at most eight times", () => {
    const validate = compileSchema(
      object(
        { a: { type: "object", properties: { b: { enum: ["x", "y"] } } }, n: { const: 1 } },
        { additionalProperties: false },
      ),
    );
    expect(validate({ a: { b: "z" }, n: 2, extra: true })).toEqual(
      expect.arrayContaining([
        { path: "/a/b", problem: 'must be one of ["x","y"]' },
        { path: "/n", problem: "must be 1" },
        { path: "", problem: "has no property 'extra'" },
      ]),
    );
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`p${n}`, 1]));
    expect(validate(many)).toHaveLength(8);
  });

  test("changes neither the value nor the schema", () => {
    const schema = object({ a: { type: "string", default: "x" } }, { additionalProperties: false });
    const before = JSON.stringify(schema);
    const value = Object.freeze({});
    expect(compileSchema(schema)(value)).toEqual([]);
    expect(value).toEqual({});
    expect(JSON.stringify(schema)).toBe(before);
  });

  test("two schemas may share one $id", () => {
    const one = compileSchema({ $id: "tool", ...object({ a: { type: "string" } }) });
    const two = compileSchema({ $id: "tool", ...object({ a: { type: "number" } }) });
    expect(one({ a: "x" })).toEqual([]);
    expect(two({ a: 1 })).toEqual([]);
    expect(two({ a: "x" })).toHaveLength(1);
  });

  test("a reference to another document is an error, not a request", () => {
    expect(() => compileSchema(object({ a: { $ref: "http://127.0.0.1:9/schema.json" } }))).toThrow();
  });

  test("names such as __proto__ and constructor are ordinary properties", () => {
    const schema = JSON.parse(
      '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"string"}},"required":["constructor"]}',
    ) as JsonSchema;
    const validate = compileSchema(schema);
    expect(validate(JSON.parse('{"constructor":"x","__proto__":"y"}'))).toEqual([]);
    expect(validate({}).length).toBe(1);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe("findSchemaFault()", () => {
  test.each([
    ["a wrong type", object({ a: { type: "text" } }), "/properties/a/type names no JSON type"],
    ["a list of no types", object({ a: { type: [] } }), "names no JSON type"],
    ["a property that is no schema", object({ a: "string" }), "/properties/a is not a schema"],
    ["properties that are no map", { type: "object", properties: [] }, "is not an object of schemas"],
    ["required as a flag", object({ a: { type: "string", required: true } }), "is not a list of names"],
    ["an enum that is no list", object({ a: { enum: "x" } }), "is not a list"],
    ["an empty anyOf", object({ a: { anyOf: [] } }), "is not a list of schemas"],
    [
      "a broken expression",
      object({ a: { pattern: "(" } }),
      "/properties/a/pattern is not a regular expression",
    ],
    [
      "a broken expression as a key",
      object({}, { patternProperties: { "[": {} } }),
      "not a regular expression",
    ],
    ["a dangling reference", object({ a: { $ref: "#/$defs/none" } }), "points to nothing"],
    ["a reference elsewhere", object({ a: { $ref: "https://example.com/x.json" } }), "nothing is fetched"],
    ["a file reference", object({ a: { $ref: "file:///etc/passwd" } }), "nothing is fetched"],
    ["a reference with broken escapes", object({ a: { $ref: "#/$defs/%zz" } }), "/properties/a/$ref"],
    ["a reference that is no string", object({ a: { $ref: 1 } }), "is not a reference"],
    ["no schema at all", "string" as unknown as JsonSchema, "is not an object"],
  ])("names %s", (_, schema, fault) => {
    expect(findSchemaFault(schema)).toContain(fault);
  });

  test("refuses a schema that is nested without end", () => {
    let schema: JsonSchema = { type: "string" };
    for (let depth = 0; depth < 10_000; depth++) schema = { type: "object", properties: { a: schema } };
    expect(findSchemaFault(schema)).toContain("64 levels");
  });

  test("takes references with escaped names", () => {
    const schema = { ...object({ a: { $ref: "#/$defs/a~1b%20c" } }), $defs: { "a/b c": { type: "string" } } };
    expect(findSchemaFault(schema)).toBeUndefined();
    expect(compileSchema(schema)({ a: 1 })).toHaveLength(1);
  });

  test("never throws, and finds the fault wherever compiling would, or leaves it to compiling", () => {
    const keyword = fc.constantFrom(
      ...["type", "properties", "items", "anyOf", "$ref", "pattern", "required", "enum", "not", "$defs"],
    );
    const leaf = fc.constantFrom(
      "string",
      "#",
      "#/$defs/a",
      "(",
      "a+",
      "#/%",
      "http://x/y",
      1,
      null,
      true,
      [],
    );
    // Three levels, as a generator that may nest without end does.
    let value: fc.Arbitrary<unknown> = leaf;
    for (let level = 0; level < 3; level++) {
      const inner = value;
      value = fc.oneof(
        leaf,
        fc.dictionary(keyword, inner, { maxKeys: 3 }),
        fc.dictionary(fc.constantFrom("a", "b"), inner, { maxKeys: 2 }),
        fc.array(inner, { maxLength: 2 }),
      );
    }
    fc.assert(
      fc.property(value, (schema) => {
        const fault = findSchemaFault(schema);
        expect(fault === undefined || typeof fault === "string").toBe(true);
      }),
    );
  });
});

describe("compileSchema() over and over", () => {
  test("a schema is compiled once, however often its tool is loaded", () => {
    const schema = { type: "object", properties: { a: { type: "string" } } };
    expect(compileSchema(schema)).toBe(compileSchema(schema));
  });

  test("`nullable` without a type and boolean limits, which later drafts refuse, are understood", () => {
    const validate = compileSchema({
      type: "object",
      properties: {
        note: { nullable: true, enum: ["a", "b"] },
        count: { type: "integer", minimum: 0, exclusiveMinimum: true },
      },
    });
    expect(validate({ note: null, count: 1 })).toEqual([]);
    expect(validate({ note: "c" })).not.toEqual([]);
    expect(validate({ count: 0 })).not.toEqual([]);
  });
});
