import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../src/mcp/config.js";
import { http, options, refusal, stdio, warnings, workspaceFolder } from "./reading.js";

describe("variables", () => {
  it.each([
    ["${TOKEN}", "value-of-token"],
    ["${env:TOKEN}", "value-of-token"],
    ["a${TOKEN}b${EMPTY}c", "avalue-of-tokenbc"],
    ["${EMPTY:-default}", ""],
    ["${NOPE:-default}", "default"],
    ["${env:NOPE:-default}", "default"],
    ["${NOPE:-}", ""],
    ["${NOPE:-a:-b|c}", "a:-b|c"],
    ["${NOPE:-${TOKEN}}", "value-of-token"],
    ["${env:NOPE | env:TOKEN}", "value-of-token"],
    ["${env:NOPE | value:text}", "text"],
    ["${value:$}{TOKEN}", "${TOKEN}"],
    ["${workspaceFolder}/x", `${workspaceFolder}/x`],
    ["${userHome}${/}x", "/users/me/x"],
    ["$TOKEN $ {TOKEN} }", "$TOKEN $ {TOKEN} }"],
    ["${input:given}", "from-option"],
    ["${input:my-id}", "from-env"],
    ["${input:nope:-default}", "default"],
  ])("parseConfig() reads %s as %s", (text, value) => {
    const env = { ...options.env, INPUT_MY_ID: "from-env" };
    const { args } = stdio({ args: [text] }, { env, inputs: { given: "from-option" } });
    expect(args).toEqual([value]);
  });

  it("parseConfig() replaces variables in command, args, env, cwd, url and headers", () => {
    const env = { A: "aa", DIR: "src" };
    const server = stdio({ command: "${A}", args: ["${A}"], env: { E: "${A}" }, cwd: "${DIR}" }, { env });
    expect(server).toMatchObject({
      command: "aa",
      args: ["aa"],
      env: { E: "aa" },
      cwd: join(workspaceFolder, "src"),
    });
    const web = http({ url: "https://${A}.com/", headers: { H: "${A}" } }, { env });
    expect(web).toMatchObject({ url: "https://aa.com/", headers: { H: "aa" } });
  });

  it("parseConfig() never looks at a value again", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (before, value, after) => {
        const plain = (text: string) => text.replaceAll("$", "").replaceAll("\0", "");
        const given = `\${TOKEN}${value.replaceAll("\0", "")}\${`;
        const { args } = stdio({ args: [`${plain(before)}\${V}${plain(after)}`] }, { env: { V: given } });
        expect(args).toEqual([plain(before) + given + plain(after)]);
      }),
    );
  });

  it("parseConfig() takes an input's own default when nothing else is given", () => {
    const source = (value: string) => ({
      inputs: [{ id: "region", type: "pickString", options: ["eu", "us"], default: "eu" }],
      servers: { a: { command: "x", args: [value] } },
    });
    expect(parseConfig(source("${input:region}"), options).servers[0]).toMatchObject({ args: ["eu"] });
  });

  it("parseConfig() leaves unset variables of a disabled server alone", () => {
    const entry = { command: "x", args: ["${NOPE}"], cwd: "/no/such", envFile: "none", disabled: true };
    expect(parseConfig({ mcpServers: { a: entry } }, options)).toMatchObject({
      servers: [],
      disabled: ["a"],
    });
  });
});

describe("entries", () => {
  it.each([
    ["stdio", "stdio"],
    ["local", "stdio"],
    ["http", "http"],
    ["streamable-http", "http"],
    ["streamable_http", "http"],
    ["streamableHttp", "http"],
    ["sse", "sse"],
    ["remote", "auto"],
  ])("parseConfig() reads the type %s as %s", (type, expected) => {
    expect((expected === "stdio" ? stdio : http)({ type }).type).toBe(expected);
    expect((expected === "stdio" ? stdio : http)({ transport: type }).type).toBe(expected);
  });

  it("parseConfig() reads timeouts, approvals and its own extension", () => {
    const extension = {
      connectTimeoutMs: 5,
      maxTimeoutMs: 9000,
      maxResultBytes: 2048,
      retry: { attempts: 2 },
    };
    const entry = { timeout: 8000, autoApprove: ["a"], alwaysAllow: ["a", "b"], "x-langbaton": extension };
    expect(stdio(entry)).toMatchObject({
      timeoutMs: 8000,
      connectTimeoutMs: 5,
      maxTimeoutMs: 9000,
      maxResultBytes: 2048,
      autoApprove: ["a", "b"],
      extension,
    });
    expect(refusal({ a: { command: "x", ...entry, timeout: 9001 } }).faults[0]?.path).toBe("a.timeout");
    expect(stdio({ timeout: 900_000 }).maxTimeoutMs).toBe(900_000);
  });

  it.each([
    ["unpinned", { command: "npx", args: ["a@latest"] }],
    ["insecure-http", { url: "http://example.com", headers: { Authorization: "Bearer abcdefgh" } }],
    ["link-local", { url: "https://169.254.1.1" }],
    ["env", { command: "x", env: { LD_PRELOAD: "/lib/a.so" } }],
    ["secret-in-url", { url: "https://example.com/?token=abcdefgh" }],
    ["outside-workspace", { command: "x", cwd: ".." }],
  ])("parseConfig() accepts what is against the rule %s when the entry allows it", (rule, entry) => {
    expect(refusal({ mcpServers: { a: entry } }).message).toContain(`"allow": ["${rule}"]`);
    const allowed = { ...entry, "x-langbaton": { allow: [rule] } };
    expect(parseConfig({ mcpServers: { a: allowed } }, options).servers).toHaveLength(1);
  });

  it.each([
    { command: "npx", args: ["-y", "a@1.2.3"] },
    { command: "npx", args: ["-y", "@a/b@1.2.3-rc.1", "x@latest"] },
    { command: "npx", args: ["./local"] },
    { command: "uvx", args: ["--from", "a==1.2", "run@latest"] },
    { command: "uvx", args: ["a@1.2"] },
    { command: "docker", args: ["run", "image:latest"] },
    { command: "node", args: ["x@latest"] },
    { url: "http://localhost:3000/mcp", headers: { Authorization: "Bearer abcdefgh" } },
    { url: "http://[::1]:3000/mcp?token=" },
    { command: "C:\\Program Files\\nodejs\\node.exe" },
    { command: "x", shell: false, "x-other": 1, _comment: "mine" },
  ])("parseConfig() has nothing to say about %j", (entry) => {
    expect(warnings(entry)).toEqual([]);
  });

  it.each([
    ["a package without a version", { command: "npx", args: ["-y", "a"] }, "args[1]: names no exact version"],
    ["a range", { command: "npx", args: ["a@^1"] }, "names no exact version"],
    ["oauth", { url: "https://a.com", oauth: { clientId: "a" } }, "oauth: is not read"],
    ["seconds", { command: "x", timeout: 60 }, "timeout: is less than a second"],
    ["plain http", { url: "http://a.com" }, "plain http"],
    ["a shell's variable", { command: "x", env: { A: "$TOKEN" } }, "looks like a shell variable"],
    ["headers of a program", { command: "x", headers: { A: "b" } }, "headers: is not used"],
    ["env of a URL", { url: "https://a.com", env: { A: "b" } }, "env: is not used"],
    ["mcp-adapters' restart", { command: "x", restart: { enabled: true } }, "restart: is not read"],
  ])("parseConfig() warns of %s", (_claim, entry, warning) => {
    expect(warnings(entry).join()).toContain(warning);
  });

  it("parseConfig() warns of a map without servers, and of a server outside of it", () => {
    expect(parseConfig({ mcpServers: {}, stray: { command: "x" } }, options).warnings).toHaveLength(2);
  });
});
