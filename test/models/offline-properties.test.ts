import { type BaseMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { Ajv } from "ajv";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isBatonError } from "../../src/core/errors.js";
import { offline } from "../../src/models/offline.js";

/** Words that the model reacts to, so that questions reach its branches, beside arbitrary text. */
const WORDS =
  `how many what is the average total highest of and in to for delete read list search top first last at
  least 3 42 1,000 -5 2026-01-01 today "a b" 'c' README.md docs/x.txt *.md https://a.example/b ada@b.example Ada Lovelace
  engineers Engineering on hold ; ? , . | { " not without sorted by per each`.split(/\s+/);
const question = fc.oneof(
  fc.array(fc.constantFrom(...WORDS), { maxLength: 14 }).map((words) => words.join(" ")),
  fc.string({ unit: "grapheme", maxLength: 80 }),
);
const NAMES = [
  "query",
  "path",
  "count",
  "limit",
  "name",
  "where",
  "aggregate",
  "order_by",
  "date",
  "edits",
  "message",
  "flag",
  "url",
];
const leaf = fc.oneof(
  fc.record({ type: fc.constant("string"), description: fc.string({ maxLength: 20 }) }),
  fc.constant({ type: "string", minLength: 3, maxLength: 5 }),
  fc.constant({ type: "string", pattern: "^[a-z]+$" }),
  fc.record({
    enum: fc.constantFrom(
      ["Engineering", "Sales"],
      ["count", "avg"],
      ["on_hold", "active"],
      [1, 2],
      [null, "x"],
    ),
  }),
  fc.constantFrom(
    { type: "integer", minimum: 1, maximum: 10 },
    { type: "number", multipleOf: 0.5 },
    { type: "number", exclusiveMinimum: 0 },
    { type: "boolean" },
    { type: ["string", "null"] },
    { anyOf: [{ type: "number" }, { type: "object", properties: { gte: { type: "number" } } }] },
    { $ref: "#" },
    { const: 7 },
    {},
  ),
);
const node = fc.letrec<{ schema: Record<string, unknown> }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 2 },
    leaf,
    fc.record({ type: fc.constant("array"), items: tie("schema"), maxItems: fc.constantFrom(1, 3) }),
    fc
      .dictionary(fc.constantFrom(...NAMES), tie("schema"), { maxKeys: 4, noNullPrototype: true })
      .chain((properties) =>
        fc
          .subarray(Object.keys(properties))
          .map((required) => ({ type: "object", properties, required, additionalProperties: false })),
      ),
  ),
})).schema;
const parameters = fc
  .dictionary(fc.constantFrom(...NAMES), node, { maxKeys: 5, noNullPrototype: true })
  .chain((properties) =>
    fc.subarray(Object.keys(properties)).map((required) => ({ type: "object", properties, required })),
  );
const tools = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom("search_docs", "read_file", "query_table", "delete_file", "count_rows", "get_sum"),
    description: fc.constantFrom(
      "Searches documents",
      "Reads a file of the disk",
      "Counts rows of a table",
      "",
    ),
    parameters,
  }),
  { selector: ({ name }) => name, minLength: 1, maxLength: 4 },
);
const result = fc.oneof(
  fc.constantFrom(
    "",
    "No results.",
    "42",
    "[]",
    '{"rows":[{"a":1},{"a":2}]}',
    "# T\n\nAda works. Sales are up.",
    "| a |\n| --- |\n| 1 |",
  ),
  fc.string({ maxLength: 60 }),
  fc.json({ maxDepth: 2 }),
);

const ROUNDS = 12;

describe("offline(), whatever it is asked with whatever tools", () => {
  test("calls with arguments that fit, ends, and does it again in the same way", async () => {
    await fc.assert(
      fc.asyncProperty(question, tools, result, fc.boolean(), async (text, definitions, content, failed) => {
        const ajv = new Ajv({ strict: false });
        const model = offline({ clock: { now: () => 0 } }).bindTools(
          definitions.map((definition) => ({ type: "function", function: definition })),
        );
        const messages: BaseMessage[] = [new HumanMessage(text)];
        for (let round = 0; ; round++) {
          expect(round).toBeLessThan(ROUNDS);
          const reply = await model.invoke(messages);
          expect(JSON.stringify(await model.invoke(messages))).toBe(JSON.stringify(reply));
          messages.push(reply);
          const calls = reply.tool_calls ?? [];
          if (calls.length === 0) break;
          expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length);
          for (const call of calls) {
            const schema = definitions.find(({ name }) => name === call.name)?.parameters;
            const validate = ajv.compile(schema ?? false);
            expect(validate(call.args), JSON.stringify([schema, call.args, validate.errors])).toBe(true);
            messages.push(
              new ToolMessage({ tool_call_id: call.id ?? "", content, status: failed ? "error" : "success" }),
            );
          }
        }
        if (text.trim() !== "") expect(String(messages.at(-1)?.content)).not.toBe("");
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  test("fills forms that fit, or says that it cannot", async () => {
    await fc.assert(
      fc.asyncProperty(question, parameters, async (text, schema) => {
        try {
          const filled = await offline().withStructuredOutput(schema).invoke(text);
          const validate = new Ajv({ strict: false }).compile(schema);
          expect(validate(filled), JSON.stringify([schema, filled, validate.errors])).toBe(true);
        } catch (error) {
          expect(isBatonError(error, "INVALID_RESULT"), String(error)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});
