import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Finished, root, run } from "../support/child.js";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "langbaton-ask-"));
  await mkdir(join(folder, "code"));
  await writeFile(join(folder, "code", "sum.js"), "export function sum(a, b) {\n  return a + b;\n}\n");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function ask(...args: readonly string[]): Promise<Finished> {
  return run(process.execPath, [join(root, "dist/cli/main.js"), "ask", ...args]);
}

describe("ask --graph", () => {
  test("research answers from what the configured servers have, with sources and its steps", async () => {
    const question = "What is our remote work policy?";
    const args = ["--graph", "research", "-c", "graphs/research.json", question];
    const { code, stdout, stderr } = await ask(...args, "--json");
    expect(code).toBe(0);
    const { answer, findings, failures, calls } = JSON.parse(stdout);
    expect(answer).toMatch(/Remote Work Policy \(enterprise, updated \d{4}-\d\d-\d\d\)/);
    expect(findings.length).toBeGreaterThan(0);
    expect(failures).toEqual([]);
    expect(calls).toContainEqual(expect.objectContaining({ tool: "search_knowledge_base", ok: true }));
    expect(stderr).toMatch(/^✓ plan {2}1 query$/m);
    expect(stderr).toMatch(/^✓ enterprise {2}".*remote work.*" {2}\d+ passages$/m);
    expect(stderr).toMatch(/^✓ synthesise {2}\d+ documents? cited$/m);
  });

  test("code-review reviews the folder that it is given, whatever is configured", async () => {
    const args = ["--graph", "code-review", "-c", "graphs/mcp.json", join(folder, "code")];
    const { code, stdout, stderr } = await ask(...args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^# Code review/);
    expect(stdout).toContain("There is no README");
    for (const step of ["plan", "secrets", "documentation", "report"])
      expect(stderr).toMatch(new RegExp(`^✓ ${step}  \\d`, "m"));
    const focused = await ask(...args, "documentation");
    expect(focused.stderr).toMatch(/^- secrets {2}skipped$/m);
  });

  test("code-review says what it wants when it is given no folder", async () => {
    const { code, stdout, stderr } = await ask("--graph", "code-review", "Is this any good?");
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^error: 'Is' is no folder: a code review wants one/);
  });
});
