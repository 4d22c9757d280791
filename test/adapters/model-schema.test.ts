import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toModelSchema } from "../../src/adapters/model-schema.js";
import { compileSchema, type JsonSchema } from "../../src/mcp/json-schema.js";

const object = (properties: object, rest: object = {}): JsonSchema => ({
  type: "object",
  properties,
  ...rest,
});
const string = { type: "string" };
const number = { type: "number" };

describe("toModelSchema()", () => {
  test("returns a schema that needs no change as it is, whatever is nested in it", () => {
    const schema = object(
      { a: { anyOf: [string, { type: "null" }] }, b: { $ref: "#/$defs/x" } },
      { $defs: { x: {} } },
    );
    expect(toModelSchema(schema)).toBe(schema);
  });

  test.each(["anyOf", "oneOf"])(
    "folds %s: every property of every branch, required only where all demand it",
    (key) => {
      const schema = {
        type: "object",
        [key]: [
          object({ id: string, both: string }, { required: ["id", "both"] }),
          object({ both: number }, { required: ["both"] }),
        ],
      };
      expect(toModelSchema(schema)).toEqual(
        object({ id: string, both: { anyOf: [string, number] } }, { required: ["both"] }),
      );
    },
  );

  test("folds allOf: all that any branch demands is required", () => {
    const schema = {
      ...object({ a: string }, { required: ["a"] }),
      allOf: [object({ b: number }, { required: ["b"] }), { $ref: "#/$defs/c" }],
      $defs: { c: object({ c: string }, { required: ["c"] }) },
    };
    expect(toModelSchema(schema)).toEqual({
      ...object({ a: string, b: number, c: string }, { required: ["a", "b", "c"] }),
      $defs: schema.$defs,
    });
  });

  test("follows a reference from the root, however deep the branch", () => {
    const schema: JsonSchema = {
      type: "object",
      oneOf: [{ allOf: [{ $ref: "#/$defs/a" }, object({ b: number }, { required: ["b"] })] }],
      $defs: { a: object({ a: string }, { required: ["a"] }) },
    };
    const { properties, required } = toModelSchema(schema);
    expect(properties).toEqual({ a: string, b: number });
    expect(required).toEqual(["a", "b"]);
  });

  test("drops from the top what providers refuse, and leaves the rest", () => {
    const schema = {
      ...object({ a: string }, { additionalProperties: false, description: "d" }),
      $schema: "x",
      $id: "y",
      not: {},
      if: {},
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: {},
      else: {},
    };
    expect(toModelSchema(schema)).toEqual(
      object({ a: string }, { additionalProperties: false, description: "d" }),
    );
  });

  test("gives an object with properties for anything that has none", () => {
    expect(toModelSchema({ type: "object" })).toEqual(object({}));
    expect(toModelSchema({})).toEqual(object({}));
  });

  test("ends for a branch that refers to itself", () => {
    const schema = {
      type: "object",
      anyOf: [{ $ref: "#" }, { $ref: "#/$defs/a" }],
      $defs: { a: { anyOf: [{ $ref: "#/$defs/a" }] } },
    };
    expect(toModelSchema(schema)).toMatchObject({ type: "object", properties: {} });
  });

  test("changes nothing of the server's own schema, which arguments are checked against", () => {
    const schema = {
      type: "object",
      oneOf: [
        object({ kind: { const: "none" } }, { required: ["kind"], additionalProperties: false }),
        object({ kind: { const: "range" }, start: string }, { required: ["kind", "start"] }),
      ],
    };
    const before = JSON.stringify(schema);
    expect(toModelSchema(schema).properties).toEqual({
      kind: { anyOf: [{ const: "none" }, { const: "range" }] },
      start: string,
    });
    expect(JSON.stringify(schema)).toBe(before);
    const validate = compileSchema(schema);
    expect(validate({ kind: "none" })).toEqual([]);
    expect(validate({ kind: "range" }).length).toBeGreaterThan(0);
  });

  const property = fc.constantFrom<JsonSchema>(string, number, { type: "boolean" }, { enum: ["x", "y"] });
  const name = fc.constantFrom("a", "b", "c", "d");
  const branch = fc
    .record({ properties: fc.dictionary(name, property), some: fc.array(name) })
    .map(({ properties, some }) =>
      object(properties, { required: some.filter((each) => each in properties) }),
    );
  const schema = fc
    .record({
      own: branch,
      anyOf: fc.option(fc.array(branch, { minLength: 1, maxLength: 3 }), { nil: undefined }),
      oneOf: fc.option(fc.array(branch, { minLength: 1, maxLength: 3 }), { nil: undefined }),
      allOf: fc.option(fc.array(branch, { minLength: 1, maxLength: 3 }), { nil: undefined }),
    })
    .map(({ own, ...branches }) => ({
      ...own,
      ...Object.fromEntries(Object.entries(branches).filter(([, value]) => value !== undefined)),
    }));
  const args = fc.dictionary(name, fc.constantFrom<unknown>("x", "other", 1, true));

  test("whatever a server accepts is demanded by no more than the model was told", () => {
    fc.assert(
      fc.property(schema, args, (each: JsonSchema, value) => {
        if (compileSchema(each)(value).length > 0) return;
        const shown = toModelSchema(each);
        const properties = Object.keys(shown.properties as object);
        for (const required of (shown.required as string[] | undefined) ?? [])
          expect(value).toHaveProperty(required);
        const known = JSON.stringify(each).match(/"[a-d]"(?=:)/g) ?? [];
        for (const key of new Set(known)) expect(properties).toContain(JSON.parse(key));
      }),
      { numRuns: 300 },
    );
  });

  test("what it gives is always a valid schema that a provider takes", () => {
    fc.assert(
      fc.property(schema, (each: JsonSchema) => {
        const shown = toModelSchema(each);
        expect(shown.type).toBe("object");
        for (const key of ["anyOf", "oneOf", "allOf", "not", "enum", "$schema"])
          expect(shown).not.toHaveProperty(key);
        compileSchema(shown);
      }),
    );
  });
});
