import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, test } from "vitest";
import { dropSchema, killWorkflows } from "../bench/workflow-kills.js";

const MINUTE_MS = 60_000;
const location = process.env.DATABASE_URL ?? "";
const unlessSkipped = location === "" ? " (skipped: DATABASE_URL is not set)" : "";

describe.skipIf(location === "")(`over Postgres${unlessSkipped}`, () => {
  const schema = `langbaton_${randomUUID().replaceAll("-", "")}`;
  afterAll(() => dropSchema(location, schema));

  test.each([
    ["ends as if nothing had happened", false],
    ["is undone as if nothing had happened when a step fails", true],
  ])(
    "a workflow that is killed three times at random moments %s",
    { timeout: 5 * MINUTE_MS },
    async (_, fails) => {
      const database = { location, schema };
      const report = await killWorkflows({ fails, runs: 2, seed: 40, parallel: 2, database });
      expect(report.faults).toEqual([]);
      expect(report).toMatchObject({ runs: 2, identical: 2, duplicates: 0, lost: 0, disordered: 0 });
      expect(report.kills).toBeGreaterThanOrEqual(4);
    },
  );
});
