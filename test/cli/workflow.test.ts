import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { workflowFileSchema } from "../../src/workflows/read-workflow.js";
import { type Finished, root, run } from "../support/child.js";
import { processesWith, until } from "../support/processes.js";

// Some of them run ten commands, and each starts servers.
vi.setConfig({ testTimeout: 90_000 });

let folder: string;
let config: string;
const main = join(root, "dist/cli/main.js");

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "langbaton-workflow-"));
  await mkdir(join(folder, "desk"));
  const filesystem = join(root, "node_modules/@modelcontextprotocol/server-filesystem/dist/index.js");
  const enterprise = join(root, "dist/servers/enterprise/main.js");
  config = await file("mcp.json", {
    mcpServers: {
      enterprise: { command: process.execPath, args: [enterprise] },
      files: { command: process.execPath, args: [filesystem, join(folder, "desk")] },
      // No workflow here needs it.
      broken: { command: "no-such-command-here" },
    },
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The built command line, in a folder of its own; it finds `mcp.json` there. */
function langbaton(args: readonly string[], options: Parameters<typeof run>[2] = {}): Promise<Finished> {
  return run(process.execPath, [main, ...args], { cwd: folder, ...options });
}

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const desk = (name: string) => join(folder, "desk", name);

/** Writes a note, asks, and signs it; undone, the note is put aside. */
async function noteWorkflow(name: string, approve: object = {}, last: object = {}): Promise<string> {
  return file(`${name}.json`, {
    name,
    input: { type: "object", properties: { text: { type: "string", default: "hello" } } },
    steps: [
      {
        name: "write",
        call: "files.write_file",
        args: { path: desk(`${name}.txt`), content: "draft" },
        compensate: {
          call: "files.move_file",
          args: { source: desk(`${name}.txt`), destination: desk(`${name}.aside`) },
        },
      },
      { name: "agree", approve },
      {
        name: "sign",
        call: "files.write_file",
        args: `{ 'path': '${desk(`${name}.txt`)}', 'content': input.text }`,
        ...last,
      },
    ],
    output: "'signed: ' & input.text",
  });
}

/** The command that a message names for this. */
function commandIn(text: string, what: string): readonly string[] {
  const [, line = ""] = new RegExp(`${what}: +langbaton (.*)`).exec(text) ?? [];
  expect(line, text).not.toBe("");
  return line.replace("NAME", "dana").split(" ");
}

describe("workflow run", () => {
  test("prints what the workflow gives, and tells of its steps beside", async () => {
    const path = await file("count.json", {
      name: "count",
      input: { type: "object", properties: { department: { type: "string", default: "Sales" } } },
      steps: [
        {
          name: "ask",
          call: "enterprise.query_database",
          args: "{ 'table': 'employees', 'aggregate': 'count', 'where': { 'department': input.department } }",
        },
        { name: "say", value: "$string(steps.ask.value) & ' people'" },
      ],
    });
    const usual = await langbaton(["workflow", "run", path]);
    expect(usual).toMatchObject({ code: 0, stdout: "42 people\n" });
    expect(usual.stderr).toMatch(/^run 'count-[0-9a-f]{8}'\n✓ ask {2}\d+ ms\n✓ say {2}\d+ ms\n$/);
    const pairs = await langbaton(["workflow", "run", path, "department=Engineering"]);
    expect(pairs.stdout).toBe("128 people\n");
    const input = await file("input.json", '{ "department": "Legal", /* small */ }');
    const json = await langbaton(["workflow", "run", path, "--input-file", input, "--id", "legal", "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ id: "legal", status: "done", output: "7 people" });
    const again = await langbaton(["workflow", "run", path, "--id", "legal"]);
    expect(again).toMatchObject({ code: 0, stdout: "7 people\n", stderr: "" });
    const other = await langbaton(["workflow", "run", path, "department=IT", "--id", "legal"]);
    expect(other.stderr).toMatch(/^error: run 'legal' of the workflow 'count' is known with another input/);
    expect(other.code).toBe(2);
  });

  test("says of a run that fails what was undone and what was not", async () => {
    const path = await file("fails.json", {
      name: "fails",
      steps: [
        { name: "plain", call: "files.write_file", args: { path: desk("plain"), content: "stays" } },
        {
          name: "write",
          call: "files.write_file",
          args: { path: desk("fails.txt"), content: "x" },
          compensate: {
            call: "files.move_file",
            args: { source: desk("fails.txt"), destination: desk("aside") },
          },
        },
        {
          name: "broken",
          call: "files.write_file",
          args: { path: desk("lost.txt"), content: "x" },
          compensate: {
            call: "files.move_file",
            args: { source: desk("nowhere"), destination: desk("aside") },
            retry: 0,
          },
        },
        { name: "look", call: "files.read_text_file", args: { path: desk("missing") } },
      ],
    });
    const { code, stdout, stderr } = await langbaton(["workflow", "run", path, "--id", "f1"]);
    expect(code).toBe(4);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/✗ look {2}failed: .*ENOENT/);
    expect(stderr).toMatch(/error: run 'f1' was not undone in full: step 'look': .*ENOENT/);
    expect(stderr).toMatch(/✗ not undone: broken: .*ENOENT.*\n {2}✓ undone: write\n/);
    expect(stderr).toMatch(/left as it is, as nothing is said to undo it: plain\n/);
    expect(existsSync(desk("aside"))).toBe(true);
    expect(commandIn(stderr, "once it can be undone")).toEqual(["workflow", "undo", path, "f1"]);
    const shown = await langbaton(["workflow", "show", path, "f1"]);
    expect(shown.stdout).toMatch(/^run 'f1' of the workflow 'fails': failed, begun .*, took /);
    await writeFile(desk("nowhere"), "");
    await rm(desk("aside"));
    const undone = await langbaton(commandIn(stderr, "once it can be undone"));
    expect(undone.stderr).toMatch(/run 'f1' was undone/);
    expect(undone.code).toBe(0);
    expect(shown.stdout).toMatch(/✗ look {4}failed {2}\d+ ms {2}UPSTREAM: .*ENOENT/);
  });

  test("stops when the terminal says so, and says how to go on", async () => {
    const marker = join(folder, "slow-server");
    const slow = await file("slow.mjs", SLOW_SERVER);
    const servers = { mcpServers: { slow: { command: process.execPath, args: [slow, marker] } } };
    const own = await file("slow-mcp.json", servers);
    const path = await file("slow.json", {
      name: "slow",
      steps: [
        { name: "first", value: "1" },
        { name: "wait", call: "slow.wait" },
      ],
    });
    const { code, stderr } = await langbaton(["workflow", "run", path, "--id", "s1", "-c", own], {
      onStart: async (child) => {
        await until(() => existsSync(marker), "the tool was called");
        child.kill("SIGINT");
      },
    });
    expect(code).toBe(130);
    expect(stderr).toMatch(/✓ first {2}\d+ ms\n- wait {2}stopped\n/);
    expect(stderr).toMatch(/interrupted\n$/);
    expect(processesWith(marker)).toEqual([]);
    const shown = await langbaton(["workflow", "show", path, "s1"]);
    expect(shown.stdout).toMatch(
      /'slow': running, begun .*\n {2}✓ first {2}done.*\n {2}· wait {3}not done\n$/,
    );
    // The second time it answers at once.
    const resumed = await langbaton(commandIn(stderr, "to go on"));
    expect(resumed).toMatchObject({ code: 0, stdout: "waited\n" });
  });
});

describe("approvals", () => {
  test("a run waits with a code of its own, and goes on with the command that it names", async () => {
    const path = await noteWorkflow("waits", { risk: "medium", by: ["dana", "kim"] });
    const waiting = await langbaton(["workflow", "run", path, "text=done", "--id", "w1"]);
    expect(waiting.code).toBe(5);
    expect(waiting.stdout).toBe("");
    expect(waiting.stderr).toMatch(/✓ write {2}\d+ ms\n\? agree {2}waits for a person\n/);
    expect(waiting.stderr).toMatch(
      /\? agree {2}medium risk {2}run 'w1' of waits {2}\(may decide: dana, kim; expires in 23 h/,
    );
    expect(waiting.stderr).toContain('"content": "done"');
    const shown = await langbaton(["workflow", "show", path, "w1"]);
    expect(shown.stdout).toMatch(
      /'waits': waiting[\s\S]*✓ write {2}done[\s\S]*\? agree {2}waits[\s\S]*· sign {3}not done/,
    );
    const listed = await langbaton(["approvals", path, "--json"]);
    const [approval] = JSON.parse(listed.stdout);
    expect(approval).toMatchObject({
      run: "w1",
      step: "agree",
      risk: "medium",
      by: ["dana", "kim"],
      people: 1,
    });

    const stranger = await langbaton(["approvals", "approve", path, approval.id, "--by", "eve"]);
    expect(stranger.code).toBe(4);
    expect(stranger.stderr).toMatch(
      /error: the decision on step 'agree' of run 'w1' does not count: eve may not decide; dana, kim may\n$/,
    );
    expect(await readFile(desk("waits.txt"), "utf8")).toBe("draft");

    const unsaid = await langbaton(commandIn(waiting.stderr, "to agree").slice(0, 4));
    expect(unsaid).toMatchObject({ code: 2, stdout: "" });
    expect(unsaid.stderr).toContain("--by <name>");
    // It asks for the same still, under the same hash.
    const agreed = await langbaton(["approvals", "approve", path, approval.id, "--by", "dana"]);
    expect(agreed).toMatchObject({ code: 0, stdout: "signed: done\n" });
    expect(await readFile(desk("waits.txt"), "utf8")).toBe("done");
    expect((await langbaton(["approvals", path])).stdout).toBe("nothing waits for a person\n");
    const late = await langbaton(["approvals", "approve", path, approval.id, "--by", "dana"]);
    expect(late.stderr).toMatch(/^error: no question waits under/);
    expect(late.code).toBe(2);
  });

  test("an edit changes what is done, a refusal undoes what was", async () => {
    const path = await noteWorkflow("decides");
    const waiting = await langbaton(["workflow", "run", path, "--id", "e1"]);
    const edit = JSON.stringify({ path: desk("edited.txt"), content: "edited" });
    const approve = commandIn(waiting.stderr, "to agree");
    const broken = await langbaton([...approve, "--edit", "{ path"]);
    expect(broken.stderr).toMatch(/^error: --edit takes all arguments as one JSON object/);
    expect((await langbaton([...approve, "--edit", edit])).code).toBe(0);
    expect(await readFile(desk("edited.txt"), "utf8")).toBe("edited");
    const second = await langbaton(["workflow", "run", path, "--id", "e2"]);
    const refused = await langbaton([...commandIn(second.stderr, "to refuse"), "--message", "too late"]);
    expect(refused.stderr).toMatch(
      /^✗ agree.*\n✓ undo write {2}\d+ ms\nrun 'e2' was undone: step 'agree': rejected by dana: too late\n/m,
    );
    expect(refused.code).toBe(0);
    expect(existsSync(desk("decides.aside"))).toBe(true);
  });

  test("what nobody decided in time is rejected, and what was done before it undone", async () => {
    const path = await noteWorkflow("expires", { timeoutMs: 1 });
    const begun = await langbaton(["workflow", "run", path, "--id", "x1"]);
    // The millisecond may be over before the run has come to a halt.
    expect([4, 5]).toContain(begun.code);
    const listed = await langbaton(["approvals", path]);
    expect(listed).toMatchObject({ code: 0, stdout: "nothing waits for a person\n" });
    if (begun.code === 5)
      expect(listed.stderr).toMatch(/run 'x1': step 'agree': nobody decided in time; undone\n/);
    expect(existsSync(desk("expires.aside"))).toBe(true);
  });
});

describe("workflow check and schema", () => {
  test("a workflow is checked with its servers, or in its form alone", async () => {
    const path = await noteWorkflow("checked");
    const form = await langbaton(["workflow", "check", path]);
    expect(form.stdout).toBe(
      "✓ checked: 3 steps\n  tools not looked for, as no --config is given: files.write_file, files.move_file\n",
    );
    const whole = await langbaton(["workflow", "check", path, "-c", config, "--json"]);
    expect(JSON.parse(whole.stdout)).toMatchObject({ workflow: "checked", steps: 3, toolsChecked: true });
  });

  test("all that is wrong is said at once", async () => {
    const path = await file("wrong.json", {
      name: "wrong",
      steps: [
        { name: "one", value: "1 +" },
        { name: "two", value: "steps.three", needs: "none" },
        { name: "code", run: "compute" },
      ],
    });
    const { code, stderr } = await langbaton(["workflow", "check", path]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/steps\[0\]\.value/);
    expect(stderr).toMatch(/there is no step 'none'/);
    const misspelt = await file("misspelt.json", {
      name: "misspelt",
      steps: [{ name: "one", call: "files.write_fil" }],
    });
    const result = await langbaton(["workflow", "check", misspelt, "-c", config]);
    expect(result.stderr).toMatch(/there is no tool 'files\.write_fil'; did you mean 'files\.write_file'\?/);
    expect(result.code).toBe(2);
  });

  test("the schema is the one that the project's own workflows name", async () => {
    const { stdout } = await langbaton(["workflow", "schema"]);
    expect(JSON.parse(stdout)).toEqual(workflowFileSchema());
    const kept = await readFile(join(root, "graphs/workflow.schema.json"), "utf8");
    expect(JSON.parse(kept)).toEqual(workflowFileSchema());
  });
});

describe("what goes wrong with a workflow says what, where and what to do", () => {
  const step = { name: "one", call: "enterprise.query_database", args: { table: "employees" } };
  const cases: [string, () => Promise<readonly string[]>, number, RegExp][] = [
    [
      "a file that is not there",
      async () => ["run", "none.json"],
      2,
      /workflow file 'none\.json' cannot be read/,
    ],
    ["a file that is not JSON", async () => ["run", await file("text.json", "{ name")], 2, /line 1, column/],
    [
      "code that a command line does not have",
      async () => ["run", await file("code.json", { name: "code", steps: [{ name: "a", run: "compute" }] })],
      2,
      /needs code that a command line does not have: compute\. Run it from a program/,
    ],
    [
      "a server that is not in the configuration",
      async () => {
        const files = {
          mcpServers: {
            enterprise: { command: process.execPath, args: [join(root, "dist/servers/enterprise/main.js")] },
          },
        };
        const path = await file("other.json", { name: "other", steps: [{ name: "a", call: "shop.order" }] });
        return ["run", path, "-c", await file("other-mcp.json", files)];
      },
      2,
      /there is no tool 'shop\.order'; there are: enterprise\./,
    ],
    [
      "a server that is down",
      async () => [
        "run",
        await file("down.json", { name: "down", steps: [{ name: "a", call: "broken.tool" }] }),
      ],
      3,
      /'broken'.*'no-such-command-here' was not found/,
    ],
    [
      "an input that does not fit",
      async () => {
        const input = { type: "object", properties: { count: { type: "number" } }, required: ["count"] };
        return ["run", await file("input-fits.json", { name: "fits", input, steps: [step] }), "count=many"];
      },
      2,
      /cannot take this input: input\.count/,
    ],
    [
      "an input file that is not JSON",
      async () => [
        "run",
        await file("plain.json", { name: "plain", steps: [step] }),
        "--input-file",
        await file("no-json", "{ a"),
      ],
      2,
      /the input '.*no-json' is not JSON/,
    ],
    [
      "runs that are elsewhere",
      async () => [
        "show",
        await file("plain.json", { name: "plain", steps: [step] }),
        "r1",
        "--threads",
        "elsewhere.db",
      ],
      2,
      /there are no runs at 'elsewhere\.db'/,
    ],
    ...["show", "resume", "undo"].map((command): (typeof cases)[number] => [
      `a run that ${command} does not know`,
      async () => {
        const path = await file("known.json", { name: "known", steps: [{ name: "a", value: "1" }] });
        await langbaton(["workflow", "run", path]);
        return [command, path, "r9"];
      },
      2,
      /there is no run 'r9' of the workflow 'known' here/,
    ]),
  ];

  test.each(cases)("%s", async (_, prepare, code, words) => {
    const result = await langbaton(["workflow", ...(await prepare())]);
    expect(result.stdout).toBe("");
    expect(result.stderr).not.toMatch(/\n\s+at .+:\d+/);
    expect(result.stderr.startsWith("error: "), result.stderr).toBe(true);
    expect(result.stderr).toMatch(words);
    expect(result.code).toBe(code);
    expect(existsSync(join(folder, "elsewhere.db"))).toBe(false);
  });
});

/** One tool, which answers only when it was called before; each call leaves the file that it was started with. */
const SLOW_SERVER = `
import { existsSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
const [marker] = process.argv.slice(2);
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method } = JSON.parse(line);
  const wasCalled = existsSync(marker);
  if (method === "tools/call") writeFileSync(marker, "");
  if (method === "tools/call" && !wasCalled) continue;
  const results = {
    initialize: { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo: { name: "slow", version: "1" } },
    "tools/list": { tools: [{ name: "wait", inputSchema: { type: "object" }, annotations: { readOnlyHint: true } }] },
    "tools/call": { content: [{ type: "text", text: "waited" }] },
  };
  const result = results[method];
  const answer = result ? { result } : { error: { code: -32601, message: "Method not found" } };
  if (id !== undefined) console.log(JSON.stringify({ jsonrpc: "2.0", id, ...answer }));
}`;
