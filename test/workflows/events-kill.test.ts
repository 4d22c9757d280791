import { expect, test } from "vitest";
import { killEvents } from "./events-kills.js";
import { folder } from "./events-support.js";

test("a process that is killed again and again loses no event and does none twice", async () => {
  const report = await killEvents({ folder: folder(), events: 60, kills: 4 });
  expect(report).toMatchObject({ acknowledged: 60, kills: 4, lost: 0, twice: 0, unfinished: 0 });
  // Of a run only the step that a kill has hit is run again; at most eight run at a time.
  expect(report.stepsAgain).toBeLessThanOrEqual(4 * 8);
}, 180_000);
