import { beforeAll, describe, expect, test } from "vitest";
import { batch } from "../../src/execution/batch.js";
import type { Finished } from "../support/child.js";
import { type Fence, fences } from "../support/docs.js";
import { isAsShown, runProgram, runShell } from "../support/docs-run.js";

interface Example {
  readonly name: string;
  readonly fence: Fence;
  /** What the page says that it prints. */
  readonly shown: string | undefined;
}

const examples: readonly Example[] = fences.flatMap((fence, index) => {
  if (!fence.info.includes("run")) return [];
  const next = fences[index + 1];
  const isShown = next?.page === fence.page && next.info.includes("output");
  return [{ name: `${fence.page}:${fence.line}`, fence, shown: isShown ? next.code : undefined }];
});
const outcomes = new Map<Fence, Finished>();

// Each starts a process, and most of them servers: more at once than cores would only make each slower.
beforeAll(async () => {
  await batch(
    examples,
    async ({ fence }) => {
      outcomes.set(fence, await (fence.info[0] === "sh" ? runShell(fence) : runProgram(fence)));
    },
    { concurrency: 2 },
  );
}, 600_000);

describe("an example that runs", () => {
  test.each(examples)("$name", ({ fence, shown }) => {
    const { code, stdout, stderr } = outcomes.get(fence) ?? {
      code: null,
      stdout: "",
      stderr: "it did not run",
    };
    expect(code, stderr).toBe(0);
    if (shown !== undefined && !isAsShown(stdout, shown)) expect(stdout.trim()).toBe(shown.trim());
  });

  test("stands at the top of nearly every page", () => {
    expect(examples.length).toBeGreaterThan(50);
  });

  test("shows output only where something ran", () => {
    const shown = fences.filter(({ info }) => info.includes("output")).length;
    expect(examples.filter((example) => example.shown !== undefined).length).toBe(shown);
  });
});

test("an example that wants more than loopback fails", async () => {
  const code = 'await fetch("http://192.0.2.1/");';
  const { code: exitCode, stderr } = await runProgram({ page: "none", line: 1, info: ["ts", "run"], code });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("wants to reach 192.0.2.1");
}, 60_000);

describe("isAsShown()", () => {
  test.each([
    ["✓ period  44 ms", "✓ period  51.2 ms", true],
    ["a …\nz", "a b\nc\nz", true],
    ["128 employees.", "129 employees.", false],
    ["one (two)", "one (two)", true],
    ["one", "one two", false],
  ])("%j shows %j: %s", (shown, output, expected) => {
    expect(isAsShown(output, shown)).toBe(expected);
  });
});
