import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BatonError, isBatonError } from "../../src/core/errors.js";
import { type ConfigFault, parseConfig } from "../../src/mcp/config.js";
import { badConfigs, canary } from "./config/bad-configs.js";
import { options, refusal } from "./config/reading.js";

describe("bad configurations", () => {
  it.each(badConfigs)("parseConfig() refuses %s and says where", (_claim, source, path) => {
    const { faults, message } = refusal(source);
    expect(faults.map((fault) => fault.path)).toContain(path);
    for (const fault of faults) {
      expect(message).toContain(fault.problem);
      expect(fault.fix).not.toMatch(/\.$/);
      if (typeof source === "string" && !/^(\s|\/\/.*)*$/.test(source) && source.length < 1024 * 1024) {
        expect(fault).toMatchObject({ line: expect.any(Number), column: expect.any(Number) });
      }
    }
  });

  it.each(badConfigs)("parseConfig() shows no secret of %s", (_claim, source) => {
    const error = refusal(source);
    expect(`${error.message}${JSON.stringify(error)}${error.stack}${String(error.cause)}`).not.toContain(
      canary,
    );
  });

  it("parseConfig() never shows the secret of a variable in a message", () => {
    for (const key of ["command", "cwd", "envFile", "url"]) {
      const base = key === "url" ? {} : { command: "a b" };
      const text = refusal({
        mcpServers: { a: { ...base, [key]: "no ${PLAIN_SECRET}", timeout: -1 } },
      }).message;
      expect(text).not.toContain(canary);
    }
  });
});

describe("messages", () => {
  const source = `{
  // Two servers, four faults.
  "mcpServers": {
    "files": { "command": "npx", "args": "files", "restrat": {} },
    "my web": { "url": "https://\${HOST}/mcp", "timeout": -5 },
  },
}`;

  it("parseConfig() reports everything at once, with line and column", () => {
    const error = refusal(source, { file: "mcp.json" });
    expect(error.message).toBe(
      [
        "mcp.json has 4 problems:",
        '  mcpServers.files.args (line 4, column 34) is text, not a list. Write a list: "args": ["one", "two"].',
        "  mcpServers.files.restrat (line 4, column 51) is not a key that any host knows. Did you mean restart?",
        '  mcpServers["my web"].url (line 5, column 17) needs the environment variable HOST, which is not set. Set HOST, or write a default as in ${HOST:-default}.',
        '  mcpServers["my web"].timeout (line 5, column 47) is not a whole number of milliseconds from 1 to 86400000 (24 hours). Write 30000 for half a minute.',
      ].join("\n"),
    );
    expect(error.data.file).toBe("mcp.json");
    expect(error.faults[2]).toMatchObject({ server: "my web", field: "url", line: 5, column: 17 });
  });

  it("parseConfig() says what JSON lacks, and where", () => {
    expect(refusal('{\r\n  "mcpServers": {\r\n    "a": 1\r\n    "b": 2\r\n}}').message).toBe(
      [
        "the MCP configuration has 1 problem:",
        '  the file (line 4, column 5) is not valid JSON: expected a comma. Write "," between one item and the next.',
      ].join("\n"),
    );
  });

  it.each(["", " \n", "\uFEFF", "// nothing", "/* nothing */"])("parseConfig() calls %j empty", (source) => {
    expect(refusal(source).message).toContain("the file is empty");
  });

  it("parseConfig() names the input that has no value, and what it is for", () => {
    const { message } = refusal({
      inputs: [{ id: "api-key", type: "promptString", description: "Key of the web shop", password: true }],
      servers: { shop: { command: "shop", env: { KEY: "${input:api-key}" } } },
    });
    expect(message).toContain(
      'needs the input "api-key". Give it in the option inputs, or set INPUT_API_KEY',
    );
    expect(message).toContain('"Key of the web shop"');
  });

  it("parseConfig() cuts a message that no one would read, and keeps all faults in data", () => {
    const entries = Object.fromEntries(Array.from({ length: 80 }, (_, index) => [`s${index}`, 1]));
    const { message, faults } = refusal({ mcpServers: entries });
    expect(message.split("\n")).toHaveLength(52);
    expect(message).toContain("and 30 more");
    expect(faults).toHaveLength(80);
  });

  it("parseConfig() escapes what a terminal would obey", () => {
    const { message } = refusal({ mcpServers: { "\u001b[2J\u202e": { command: "x" } } });
    expect(message).toContain(String.raw`mcpServers["\u001b[2J\u{202e}"]`);
    expect(message.replaceAll("\n", "")).not.toMatch(/\p{C}/u);
  });

  it.each([
    ["faults", `{"mcpServers":{${Array.from({ length: 60_000 }, (_, index) => `"${index}":1`).join(",")}}}`],
    [
      "unknown keys",
      { a: Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`urls${index}`, 1])) },
    ],
    ["unset variables", { a: { command: "x", args: ["${NOPE}".repeat(100_000)] } }],
    [
      "used variables",
      { a: { command: "x", args: [`\${NOPE:-${"${TOKEN}".repeat(100_000)}}`], timeout: -1 } },
    ],
    ["alternatives", { a: { command: "x", args: [`\${${"A|".repeat(300_000)}B}`] } }],
    ["open variables", { a: { command: "x", args: ["${".repeat(300_000)] } }],
    ["assignments", { a: { command: "x", args: ["a=".repeat(400_000)], timeout: -1 } }],
  ])("parseConfig() stays quick with a file full of %s", (_claim, source) => {
    const started = performance.now();
    refusal(source);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe("anything at all", () => {
  const entryKeys = [
    "command",
    "args",
    "env",
    "cwd",
    "url",
    "headers",
    "timeout",
    "type",
    "disabled",
    "x-langbaton",
  ];
  const part = fc.oneof(
    fc.string(),
    fc.constantFrom("${A}", "${", "npx", "http://a", "https://[::1]"),
    fc.jsonValue(),
  );
  const entry = fc.dictionary(
    fc.oneof(fc.constantFrom(...entryKeys, "auth", "extends", "shell"), fc.string()),
    part,
  );
  const file = fc.record(
    { mcpServers: fc.dictionary(fc.string(), entry), servers: fc.jsonValue(), inputs: fc.jsonValue() },
    { requiredKeys: [] },
  );

  const onlyRefuses = (source: unknown): void => {
    try {
      parseConfig(source, options);
    } catch (error) {
      if (!isBatonError(error, "CONFIG_INVALID")) throw error;
      expect((error.data.faults as ConfigFault[]).length).toBeGreaterThan(0);
    }
  };

  // fast-check prints seed and path of a failure.
  it("parseConfig() throws only CONFIG_INVALID for any JSON value", () => {
    fc.assert(fc.property(fc.oneof(fc.jsonValue(), entry, file), onlyRefuses), { numRuns: 2000 });
  });

  it("parseConfig() throws only CONFIG_INVALID for any text", () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      file.map((value) => JSON.stringify(value)),
    );
    const torn = fc
      .tuple(text, fc.nat(), fc.string())
      .map(([whole, at, more]) => whole.slice(0, at % 200) + more);
    fc.assert(fc.property(fc.oneof(text, torn), onlyRefuses), { numRuns: 2000 });
  });

  it("parseConfig() says the same of a text and of its value", () => {
    const paths = (source: unknown) => {
      try {
        return parseConfig(source, options);
      } catch (error) {
        return (error as BatonError & { data: { faults: ConfigFault[] } }).data.faults
          .map((fault) => fault.path)
          .sort();
      }
    };
    fc.assert(
      fc.property(file, (value) => {
        const text = JSON.stringify(value);
        expect(paths(text)).toEqual(paths(JSON.parse(text)));
      }),
    );
  });

  it("parseConfig() refuses a cycle and a bigint", () => {
    const cycle: Record<string, unknown> = {};
    cycle.mcpServers = cycle;
    expect(refusal(cycle).faults[0]?.path).toBe("$");
    expect(refusal({ mcpServers: 1n }).faults[0]?.path).toBe("$");
  });
});
