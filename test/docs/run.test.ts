import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { batch } from "../../src/execution/batch.js";
import { type Finished, root } from "../support/child.js";
import { type Fence, fences } from "../support/docs.js";
import { removeInstalled } from "../support/docs-folder.js";
import { isAsShown, runProgram, runShell } from "../support/docs-run.js";
import { isAlive, until } from "../support/processes.js";

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
afterAll(removeInstalled);

describe("an example that runs", () => {
  test.each(examples)("$name", ({ fence, shown }) => {
    const { code, stdout, stderr } = outcomes.get(fence) ?? {
      code: null,
      stdout: "",
      stderr: "it did not run",
    };
    expect(code, stderr).toBe(0);
    // The command line writes to standard error what is no answer; a program has to say that it does.
    if (fence.info[0] === "ts") expect(stderr !== "", stderr).toBe(fence.info.includes("warns"));
    if (shown !== undefined && !isAsShown(stdout, shown)) expect(stdout.trim()).toBe(shown.trim());
  });

  test("does not become rare: there were 80 when this was written", () => {
    expect(examples.length).toBeGreaterThanOrEqual(80);
  });

  test("shows output only where something ran", () => {
    const shown = fences.filter(({ info }) => info.includes("output")).length;
    expect(examples.filter((example) => example.shown !== undefined).length).toBe(shown);
  });

  test("shows more of its output than that there is some", () => {
    const empty = examples.filter(({ shown }) => shown !== undefined && !/[\p{L}\p{N}]/u.test(shown));
    expect(empty.map(({ name }) => name)).toEqual([]);
  });
});

describe("an example that does what it must not", () => {
  const program = (...lines: string[]): Promise<Finished> =>
    runProgram({ page: "none", line: 1, info: ["ts", "run"], code: lines.join("\n") });

  test("fails when it wants more than loopback, in a process of its own too", async () => {
    const reach = 'await fetch("http://192.0.2.1/");';
    const { code, stderr } = await program(reach);
    expect(code).toBe(1);
    expect(stderr).toContain("wants to reach 192.0.2.1");
    // As an MCP server is started: with a path, and nothing else of the environment.
    const { stdout } = await program(
      'import { spawnSync } from "node:child_process";',
      "const env = { PATH: process.env.PATH };",
      `const args = ["--input-type=module", "-e", ${JSON.stringify(reach)}];`,
      'console.log(String(spawnSync("node", args, { env }).stderr));',
    );
    expect(stdout).toContain("wants to reach 192.0.2.1");
  });

  test("fails when it sends a datagram", async () => {
    const { code, stderr } = await program(
      'import { createSocket } from "node:dgram";',
      'createSocket("udp4").send("x", 9, "192.0.2.1");',
    );
    expect(code).toBe(1);
    expect(stderr).toContain("wants to use UDP");
  });

  test("writes into no folder of this project", async () => {
    const places = ["docs", "graphs", "dist", "node_modules", "node_modules/langbaton/dist"];
    const name = `planted-${process.pid}.txt`;
    const { code, stderr } = await program(
      'import { writeFileSync } from "node:fs";',
      `for (const place of ${JSON.stringify(places)}) writeFileSync(\`\${place}/${name}\`, "planted");`,
    );
    expect(code, stderr).toBe(0);
    expect(places.filter((place) => existsSync(join(root, place, name)))).toEqual([]);
  });

  // Elsewhere than on Linux a process that has left its parent's group cannot be found.
  test.runIf(process.platform === "linux")(
    "fails when it leaves a process behind, which is ended",
    async () => {
      const { code, stdout, stderr } = await program(
        'import { spawn } from "node:child_process";',
        'const args = ["-e", "setInterval(() => {}, 1000)"];',
        'const child = spawn("node", args, { detached: true, stdio: "ignore" });',
        "child.unref();",
        "console.log(child.pid);",
      );
      expect(code).toBe(1);
      expect(stderr).toContain("left a process behind");
      await until(() => !isAlive(Number(stdout)), "the process has ended");
    },
  );
});

describe("isAsShown()", () => {
  test.each([
    ["✓ period  44 ms", "✓ period  51.2 ms", true],
    ["✓ period  44 ms", "✓ period  44 min", false],
    ["a …\nz", "a b\nc\nz", true],
    ["128 employees.", "129 employees.", false],
    ["one (two)", "one (two)", true],
    ["one", "one two", false],
  ])("%j shows %j: %s", (shown, output, expected) => {
    expect(isAsShown(output, shown)).toBe(expected);
  });
});
