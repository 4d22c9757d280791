import { expect, test } from "vitest";
import { killWorkflows } from "../bench/workflow-kills.js";

const MINUTE_MS = 60_000;

test.each([
  ["ends as if nothing had happened", false],
  ["is undone as if nothing had happened when a step fails", true],
])(
  "a workflow that is killed three times at random moments %s",
  { timeout: 5 * MINUTE_MS },
  async (_, fails) => {
    const report = await killWorkflows({ fails, runs: 4, seed: 20, parallel: 2 });
    expect(report.faults).toEqual([]);
    expect(report).toMatchObject({ runs: 4, identical: 4, duplicates: 0, lost: 0, disordered: 0 });
    // Kills that come too late would prove nothing.
    expect(report.kills).toBeGreaterThanOrEqual(8);
  },
);
