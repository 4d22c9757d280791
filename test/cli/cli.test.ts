import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LLMock } from "@copilotkit/aimock";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Finished, processesWithEnvironment, root, run } from "../support/child.js";
import { freePort, processesWith, until } from "../support/processes.js";

const QUESTION = "How many engineers do we have, and what does our remote work policy say about VPN?";
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "langbaton-cli-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The built command line, as a user has it. */
function langbaton(args: readonly string[], options: Parameters<typeof run>[2] = {}): Promise<Finished> {
  return run(process.execPath, [join(root, "dist/cli/main.js"), ...args], options);
}

async function config(name: string, content: unknown): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

/** A server with one tool, `echo`, that answers with its arguments as JSON. */
function echoServer(): object {
  const program = `
    import { createInterface } from "node:readline";
    for await (const line of createInterface({ input: process.stdin })) {
      const { id, method, params } = JSON.parse(line);
      const results = {
        initialize: { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo: { name: "echo", version: "1" } },
        "tools/list": { tools: [{ name: "echo", inputSchema: { type: "object" } }] },
        "tools/call": { content: [{ type: "text", text: JSON.stringify(params?.arguments ?? {}) }] },
      };
      const result = results[method];
      const answer = result ? { result } : { error: { code: -32601, message: "Method not found" } };
      if (id !== undefined) console.log(JSON.stringify({ jsonrpc: "2.0", id, ...answer }));
    }`;
  return { command: process.execPath, args: ["--input-type=module", "-e", program] };
}

/** What must be true of every failure that a user meets. */
function expectClean({ stdout, stderr }: Finished): void {
  expect(stdout).toBe("");
  expect(stderr).not.toMatch(/\n\s+at .+:\d+/);
  expect(stderr.startsWith("error: "), stderr).toBe(true);
}

describe("ask", () => {
  test("answers the README's question from two real servers, with sources, and a line for each call", async () => {
    const { code, stdout, stderr } = await run("npm", ["start", "--silent", "--", QUESTION], {
      // One of the few variables that MCP servers inherit, and which nothing here reads.
      env: { LOGNAME: folder },
    });
    expect(stderr).toMatch(/✓ enterprise {2}query_database {2}\d+ ms/);
    expect(stderr).toMatch(/✓ enterprise {2}search_knowledge_base {2}\d+ ms/);
    expect(stdout).toMatch(/\b128\b/);
    expect(stdout).toMatch(/VPN is required for all remote access/);
    expect(stdout).toMatch(/Remote Work Policy, updated \d{4}-\d\d-\d\d/);
    expect(code).toBe(0);
    expect(processesWithEnvironment(folder)).toEqual([]);
  });

  test("has a team answer a question of three parts, each with its source", async () => {
    const question =
      "How many engineers do we have, what is our remote work policy, and are there any staffing concerns I should know about?";
    const args = ["start", "--silent", "--", "--graph", "conductor", question];
    const { code, stdout } = await run("npm", args);
    expect(code).toBe(0);
    const [engineers, policy, concerns, sources] = stdout.split(/^(?:## |\*\*Sources\*\*)/m).slice(1);
    expect(engineers).toMatch(/^How many engineers do we have\?\n\n128 employees[^\n]*\[1\]/);
    expect(policy).toMatch(
      /^What is our remote work policy\?[\s\S]*Remote Work Policy, updated [\d-]+\) \[2\]/,
    );
    expect(concerns).toMatch(/staffing concerns[\s\S]*342 employees[\s\S]*\[3\]/);
    expect(sources).toMatch(/query_database[\s\S]*search_knowledge_base[\s\S]*generate_report/);
  });

  test("says that it found nothing when there is nothing", async () => {
    const { code, stdout } = await langbaton([
      "ask",
      "-c",
      "graphs/mcp.json",
      "What is the airspeed of an unladen swallow?",
    ]);
    expect(stdout).toMatch(/found nothing|no tool/i);
    expect(stdout).not.toMatch(/\b128\b|VPN/);
    expect(code).toBe(0);
  });

  test("prints JSON that says which tools were called", async () => {
    const { stdout } = await langbaton([
      "ask",
      "-c",
      "graphs/mcp.json",
      "--json",
      "How many people work in Sales?",
    ]);
    const { answer, calls, model } = JSON.parse(stdout);
    expect(answer).toContain("42");
    expect(model).toBe("offline");
    expect(calls).toEqual([
      { server: "enterprise", tool: "query_database", durationMs: expect.any(Number), ok: true },
    ]);
  });

  test("asks an OpenAI-compatible server over the wire when told to", async () => {
    const mock = new LLMock({ port: 0 });
    await mock.start();
    try {
      mock.on(
        { userMessage: "engineers", hasToolResult: false },
        {
          toolCalls: [
            {
              name: "query_database",
              arguments: JSON.stringify({
                table: "employees",
                aggregate: "count",
                where: { department: "Engineering" },
              }),
            },
          ],
        },
      );
      mock.on({ userMessage: "engineers", hasToolResult: true }, { content: "There are 128 engineers." });
      const { code, stdout, stderr } = await langbaton(
        ["ask", "-c", "graphs/mcp.json", "--model", "openai:gpt-test", "How many engineers are there?"],
        { env: { OPENAI_BASE_URL: `${mock.url}/v1`, OPENAI_API_KEY: "" } },
      );
      expect(stderr).toMatch(/✓ enterprise {2}query_database/);
      expect(stdout).toBe("There are 128 engineers.\n");
      expect(code).toBe(0);
      const bodies = JSON.stringify(mock.getRequests());
      expect(bodies).toContain("128 employees where department = Engineering");
    } finally {
      await mock.stop();
    }
  });

  test("says which variable to set when the model needs a key", async () => {
    const result = await langbaton(["ask", "-c", "graphs/mcp.json", "--model", "openai:gpt-5", "Hello?"], {
      env: { OPENAI_API_KEY: "", OPENAI_BASE_URL: "" },
    });
    expectClean(result);
    expect(result.stderr).toContain("OPENAI_API_KEY");
    expect(result.code).toBe(2);
  });

  test.each(["ask", "doctor"])("%s ends its servers when the terminal says stop", async (command) => {
    const marker = join(folder, `never-answers-${command}`);
    const args = ["-e", "setInterval(() => {}, 1000) // a server that never answers", marker];
    const file = await config(`stop-${command}.json`, {
      mcpServers: { silent: { command: process.execPath, args } },
    });
    const finished = langbaton([command, "-c", file, ...(command === "ask" ? ["Hello?"] : [])], {
      onStart: async (child) => {
        await until(() => processesWith(marker).length > 0, "the server runs");
        child.kill("SIGINT");
      },
    });
    const { code, stderr } = await finished;
    expect(stderr).toContain("interrupted");
    expect(code).toBe(130);
    expect(processesWith(marker)).toEqual([]);
  });
});

describe("what goes wrong says what, where and what to do", () => {
  const node = process.execPath;
  const cases: [string, unknown, number, RegExp][] = [
    ["a file that is not there", undefined, 2, /none\.json/],
    ["a file that is not JSON", "{ not json", 2, /line 1/],
    [
      "an unset variable",
      { mcpServers: { web: { command: node, args: ["${LANGBATON_UNSET}"] } } },
      2,
      /mcpServers\.web\.args\[0\].*LANGBATON_UNSET/,
    ],
    [
      "an unknown key",
      { mcpServers: { web: { command: node, argz: [] } } },
      2,
      /mcpServers\.web\.argz.*args/,
    ],
    [
      "a missing command",
      { mcpServers: { web: { command: "no-such-command-here" } } },
      3,
      /'web'.*'no-such-command-here' was not found/,
    ],
    [
      "a server that dies at start",
      {
        mcpServers: { web: { command: node, args: ["-e", "console.error('no database'); process.exit(7)"] } },
      },
      3,
      /'web'.*exited with code 7[\s\S]*no database/,
    ],
  ];

  test.each(cases)("%s", async (name, content, code, words) => {
    const file =
      content === undefined
        ? join(folder, "none.json")
        : await config(`${name.replaceAll(" ", "-")}.json`, content);
    for (const command of [["ask", "Hello?"], ["list"]]) {
      const result = await langbaton([...command, "-c", file]);
      expectClean(result);
      expect(result.stderr).toMatch(words);
      expect(result.code).toBe(code);
    }
    expect(processesWith(folder)).toEqual([]);
  });

  test("a dead server among others stops the command, or is reported with --partial", async () => {
    const file = await config("half.json", {
      mcpServers: {
        dead: { command: "no-such-command-here" },
        files: {
          command: node,
          args: [join(root, "node_modules/@modelcontextprotocol/server-filesystem/dist/index.js"), folder],
        },
      },
    });
    const strict = await langbaton(["list", "-c", file]);
    expectClean(strict);
    expect(strict.code).toBe(3);
    const partial = await langbaton(["list", "-c", file, "--partial"]);
    expect(partial.stderr).toContain("no-such-command-here");
    expect(partial.stdout).toContain("read_text_file");
    expect(partial.code).toBe(0);
  });

  test("a server that nobody runs", async () => {
    const port = await freePort();
    const file = await config("nobody.json", {
      mcpServers: { web: { url: `http://127.0.0.1:${port}/mcp` } },
    });
    const result = await langbaton(["list", "-c", file]);
    expectClean(result);
    expect(result.stderr).toMatch(
      new RegExp(`'web'.*127\\.0\\.0\\.1:${port} cannot be reached \\(ECONNREFUSED\\)`),
    );
    expect(result.code).toBe(3);
  });

  test("wrong usage", async () => {
    for (const args of [
      ["frobnicate"],
      ["ask"],
      ["call", "-c", "graphs/mcp.json", "nodot"],
      ["list", "--nope"],
    ]) {
      const { code, stderr } = await langbaton(args);
      expect(code, args.join(" ")).toBe(2);
      expect(stderr).toMatch(/error: /);
    }
  });
});

describe("list, call and doctor", () => {
  test("list shows tools, resources and prompts", async () => {
    const { code, stdout } = await langbaton(["list", "-c", "graphs/mcp.json"]);
    for (const name of [
      "query_database",
      "config://company",
      "logs://app/{date}",
      "data_analyst",
      "read_text_file",
    ]) {
      expect(stdout).toContain(name);
    }
    expect(code).toBe(0);
  });

  test("list --json gives the servers' own definitions", async () => {
    const { stdout } = await langbaton(["list", "-c", "graphs/mcp.json", "--json"]);
    const { servers } = JSON.parse(stdout);
    expect(servers[0].tools[0]).toMatchObject({ name: "query_database", inputSchema: { type: "object" } });
  });

  test("call takes pairs or JSON and prints the tool's words", async () => {
    const pairs = await langbaton([
      "call",
      "-c",
      "graphs/mcp.json",
      "enterprise.query_database",
      "table=employees",
      "aggregate=count",
    ]);
    expect(pairs.stdout).toContain("342");
    const json = await langbaton([
      "call",
      "-c",
      "graphs/mcp.json",
      "enterprise.query_database",
      '{"table":"projects","aggregate":"count"}',
      "--json",
    ]);
    expect(JSON.stringify(JSON.parse(json.stdout))).toContain("67");
  });

  test("call exits with 4 when the tool says that it failed, and prints why", async () => {
    const { code, stdout } = await langbaton([
      "call",
      "-c",
      "graphs/mcp.json",
      "files.read_text_file",
      "path=no-such-file.md",
    ]);
    expect(stdout).toMatch(/no-such-file\.md/);
    expect(code).toBe(4);
  });

  test("call refuses arguments that do not fit, and a tool that is not there, before anything is sent", async () => {
    const call = (...args: string[]) => langbaton(["call", "-c", "graphs/mcp.json", ...args]);
    const limit = await call("enterprise.query_database", "table=employees", "limit=9999");
    expectClean(limit);
    expect(limit.stderr).toMatch(/\/limit: must be <= 500/);
    const typo = await call("files.list_directry", "path=.");
    expectClean(typo);
    expect(typo.stderr).toContain("did you mean 'list_directory'?");
    expect([limit.code, typo.code]).toEqual([2, 2]);
  });

  test("call obeys the rules of the file, and needs nobody's approval but that of who typed it", async () => {
    const everything = join(root, "node_modules/@modelcontextprotocol/server-everything/dist/index.js");
    const policy = { permit: { rules: [{ allow: "ev.echo" }] }, approve: { from: "low" } };
    const file = await config("ruled.json", {
      mcpServers: { ev: { command: process.execPath, args: [everything, "stdio"], "x-langbaton": policy } },
    });
    expect((await langbaton(["call", "-c", file, "ev.echo", "message=hi"])).stdout).toBe("Echo: hi\n");
    const denied = await langbaton(["call", "-c", file, "ev.get-sum", "a=1", "b=2"]);
    expect(denied.stderr).toContain("no rule allows it");
    expect(denied.code).not.toBe(0);
  });

  test("call keeps digits as text where the tool wants text, and says what is no text", async () => {
    const everything = join(root, "node_modules/@modelcontextprotocol/server-everything/dist/index.js");
    const file = await config("everything.json", {
      mcpServers: { ev: { command: process.execPath, args: [everything, "stdio"] } },
    });
    expect((await langbaton(["call", "-c", file, "ev.echo", "message=42"])).stdout).toBe("Echo: 42\n");
    expect((await langbaton(["call", "-c", file, "ev.get-tiny-image"])).stdout).toMatch(
      /\[image: image\/png, \d+ bytes\]/,
    );
  });

  test("call sends null where null was written, and text that is no JSON as text", async () => {
    const file = await config("echo.json", { mcpServers: { echo: echoServer() } });
    const { stdout, stderr } = await langbaton(["call", "-c", file, "echo.echo", "a=null", "b=nul", "c=0"]);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({ a: null, b: "nul", c: 0 });
  });

  test.each(["abc", "0", "-5", "Infinity", ""])("call refuses the time limit '%s'", async (limit) => {
    const { code, stderr } = await langbaton([
      "call",
      "-c",
      "graphs/mcp.json",
      "enterprise.query_database",
      "-t",
      limit,
    ]);
    expect(stderr).toMatch(/milliseconds above 0/);
    expect(code).toBe(2);
  });

  test("call starts the server that it names, and no other", async () => {
    const file = await config("two.json", {
      mcpServers: {
        echo: echoServer(),
        dead: { command: "no-such-command-here" },
        off: { command: "x", disabled: true },
      },
    });
    const { code, stdout, stderr } = await langbaton(["call", "-c", file, "echo.echo", "a=1"]);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({ a: 1 });
    expect(code).toBe(0);
    const unknown = await langbaton(["call", "-c", file, "ecco.echo"]);
    expectClean(unknown);
    expect(unknown.stderr).toMatch(/no server 'ecco'.*'echo', 'dead'/);
    expect(unknown.code).toBe(2);
    const off = await langbaton(["call", "-c", file, "off.echo"]);
    expect(off.stderr).toMatch(/'off' is switched off/);
    expect(off.code).toBe(2);
  });

  test("a reader that reads no further ends the command quietly", async () => {
    const result = langbaton(["list", "-c", "graphs/mcp.json"], {
      onStart: async (child) => void child.stdout?.destroy(),
    });
    expect(await result).toMatchObject({ code: 0, stderr: "" });
  });

  test.each([
    ["said again later, ends at once", 400, /^$/],
    ["passed on by npx as well, counts once", 20, /interrupted/],
  ])("stop, %s, and no server is left", async (name, pauseMs, words) => {
    const marker = join(folder, `never-ends-${pauseMs}`);
    // Deaf to the end of its input and to SIGTERM, so that closing it takes a while.
    const program = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)";
    const file = await config(`stubborn-${pauseMs}.json`, {
      mcpServers: { stubborn: { command: process.execPath, args: ["-e", program, marker] } },
    });
    let lastAt = 0;
    const { code, stderr } = await langbaton(["list", "-c", file], {
      onStart: async (child) => {
        await until(() => processesWith(marker).length > 0, "the server runs");
        // Its handler for SIGTERM has to be there as well.
        await new Promise((resolve) => setTimeout(resolve, 300));
        child.kill("SIGINT");
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        lastAt = performance.now();
        child.kill("SIGINT");
      },
    });
    expect(code, name).toBe(130);
    expect(stderr).toMatch(words);
    if (pauseMs > 250) expect(performance.now() - lastAt).toBeLessThan(1000);
    await until(() => processesWith(marker).length === 0, "the server is gone");
  });

  test("doctor shows no secret of a URL", async () => {
    const port = await freePort();
    const file = await config("secret-url.json", {
      mcpServers: { web: { url: `http://127.0.0.1:${port}/\${env:CANARY_TOKEN}/mcp` } },
    });
    const env = { CANARY_TOKEN: "canary-9c81d05f2a" };
    const { stdout, stderr } = await langbaton(["doctor", "-c", file], { env });
    expect(stdout).toContain(`'http://127.0.0.1:${port}/***/mcp`);
    expect(stdout + stderr).not.toContain("canary");
  });

  test("doctor says what is well and what to mend, and shows no secret", async () => {
    const file = await config("doctor.json", {
      mcpServers: {
        files: {
          command: process.execPath,
          args: [join(root, "node_modules/@modelcontextprotocol/server-filesystem/dist/index.js"), folder],
        },
        dead: {
          command: "no-such-command-here",
          args: ["--token", "canary-5f2a9c81d0"],
          env: { API_TOKEN: "canary-77aa00bb11" },
        },
      },
    });
    const { code, stdout, stderr } = await langbaton(["doctor", "-c", file]);
    expect(stdout).toMatch(/✓ files {2}14 tools/);
    expect(stdout).toMatch(/✗ dead .*not found/);
    expect(stdout + stderr).not.toContain("canary");
    expect(code).toBe(3);
  });
});
