import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, onTestFinished, test } from "vitest";
import { isBatonError } from "../../src/core/errors.js";
import { parseWorkflow, readWorkflow, workflowFileSchema } from "../../src/workflows/read-workflow.js";

const GOOD = `{
  // Comments are allowed.
  "$schema": "workflow.schema.json",
  "name": "w",
  "steps": [
    { "name": "a", "call": "files.read", "args": { "path": "x" }, "retry": 2, "compensate": "files.write" },
    { "name": "b", "approve": { "people": 2 } },
    { "name": "c", "value": "steps.a" },
  ],
}`;

function messageOf(text: string): string {
  try {
    parseWorkflow(text, "w.json");
  } catch (error) {
    if (isBatonError(error, "CONFIG_INVALID")) return error.message;
    throw error;
  }
  throw new Error("it was taken");
}

describe("readWorkflow()", () => {
  test("reads a definition, without its $schema", async () => {
    const folder = await mkdtemp(join(tmpdir(), "workflow-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, "w.json");
    await writeFile(file, `\uFEFF${GOOD}`);
    const definition = await readWorkflow(file);
    expect(Object.keys(definition)).toEqual(["name", "steps"]);
    expect(definition.steps).toHaveLength(3);
    await expect(readWorkflow(join(folder, "no.json"))).rejects.toThrow(/'.*no\.json' cannot be read/);
  });

  test.each([
    [
      "what is no JSON, and where",
      '{\n  "name": }',
      /w\.json: is not JSON: ValueExpected at line 2, column 11/,
    ],
    ["nothing", "", /w\.json/],
    ["a list", "[]", /w\.json/],
    ["no steps", '{"name":"w"}', /steps/],
    ["an empty list of steps", '{"name":"w","steps":[]}', /steps/],
    ["a step by its own kind", '{"name":"w","steps":[{"name":"a","call":5}]}', /steps\[0\]\.call/],
    ["code", '{"name":"w","steps":[{"name":"a","run":{}}]}', /steps\[0\]\.run/],
    ["what is not known", '{"name":"w","tools":[],"steps":[{"name":"a","value":"1"}]}', /"tools"/],
  ])("refuses %s", (_, text, message) => {
    expect(messageOf(text)).toMatch(message);
  });

  test("tells all faults at once", () => {
    const text = '{"name":"1","steps":[{"name":"a","value":1},{"name":"b"}]}';
    expect(messageOf(text)).toMatch(/name.*steps\[0\]\.value.*steps\[1\]/s);
  });

  test("the schema for editors takes what is read, and refuses what is not", () => {
    const validate = new Ajv2020({ strict: false }).compile(workflowFileSchema());
    const definition = parseWorkflow(GOOD);
    expect(validate({ ...definition, $schema: "x" })).toBe(true);
    expect(validate({ ...definition, steps: [{ name: "a", call: 5 }] })).toBe(false);
    expect(validate({ ...definition, stepz: [] })).toBe(false);
  });
});
