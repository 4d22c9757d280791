import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BatonError } from "../../../src/core/errors.js";
import { parseConfig, readConfig } from "../../../src/mcp/config.js";
import { findConfig } from "../../../src/mcp/find-config.js";
import { http, options, refusal, stdio } from "./reading.js";

describe("secrets", () => {
  it("parseConfig() collects them from every place, longest first", () => {
    const { secrets } = stdio({
      args: [
        "--api-key",
        "key-in-args",
        "--token=token-in-args",
        "postgres://me:pw-in-url@db/x",
        "src/index.ts",
      ],
      env: {
        DB_PASSWORD: "hunter22",
        NODE_ENV: "development",
        IMAGE: "my-server-name-2025.4.7-alpine",
        DEBUG: "true",
        TOKEN_FILE: "/run/token",
      },
    });
    expect(stdio({ args: ["${NO_TOKEN:-in-default}"] }).secrets).toEqual(["in-default"]);
    expect(secrets).toEqual(["token-in-args", "key-in-args", "pw-in-url", "hunter22"]);
    const web = http({
      url: "https://example.com/k3jd92ksl1mzp0qa84hf/mcp?session=zq81mm29xkd03jfla7vb",
      headers: { Authorization: "Bearer abc-def", Accept: "application/json", "X-Team": "platform" },
    });
    expect(web.secrets).toEqual([
      "zq81mm29xkd03jfla7vb",
      "k3jd92ksl1mzp0qa84hf",
      "Bearer abc-def",
      "abc-def",
    ]);
  });

  it("parseConfig() keeps what came from a password input, whatever it looks like", () => {
    const source = {
      inputs: [{ id: "p", type: "promptString", password: true }],
      servers: { a: { command: "x", args: ["--greet", "hi ${input:p}"] } },
    };
    const { servers } = parseConfig(source, { ...options, inputs: { p: "swordfish" } });
    expect(servers[0]?.secrets).toEqual(["swordfish"]);
  });
});

describe("files", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "langbaton-config-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const write = async (name: string, content: string | Uint8Array) => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };

  it("readConfig() reads a file with a BOM and names it", async () => {
    const file = await write("bom.json", '\uFEFF{"mcpServers": {"a": {"command": "x"}}}');
    expect(await readConfig(file, options)).toMatchObject({
      file,
      servers: [{ name: "a", args: [] }],
      warnings: [],
    });
  });

  it.each([
    ["a missing file", "nope.json", "does not exist"],
    ["a folder", ".", "is not a file"],
    ["an empty file", "empty.json", "is empty"],
    ["UTF-16", "utf16.json", "is not UTF-8"],
    ["more than 1 MiB", "big.json", "is larger than 1 MiB"],
    ["a path with NUL", "a\0b", "cannot be read"],
  ])("readConfig() refuses %s", async (_claim, name, problem) => {
    await write("empty.json", "");
    await write("utf16.json", Buffer.from('\uFEFF{"mcpServers": {}}', "utf16le"));
    await write("big.json", " ".repeat(1024 * 1024 + 1));
    const error = await readConfig(join(folder, name), options).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BatonError);
    expect(error).toMatchObject({
      code: "CONFIG_INVALID",
      data: { file: join(folder, name), faults: [{ path: "$" }] },
    });
    expect(String(error)).toContain(problem);
  });

  it("parseConfig() reads envFile under env, and its loaders are faults too", async () => {
    await write(".env", 'A=1\nB="two words" # comment\nSERVICE_TOKEN=abcdefgh');
    await write("bad.env", "LD_PRELOAD=x");
    const here = { workspaceFolder: folder };
    const server = stdio({ envFile: "${workspaceFolder}/.env", env: { A: "3" } }, here);
    expect(server.env).toEqual({ A: "3", B: "two words", SERVICE_TOKEN: "abcdefgh" });
    expect(server.secrets).toEqual(["abcdefgh"]);
    const bad = refusal({ mcpServers: { a: { command: "x", envFile: "bad.env" } } }, here);
    expect(bad.faults).toMatchObject([{ path: "mcpServers.a.envFile" }]);
  });

  it("parseConfig() takes a program with a space in its path when it is there", async () => {
    await write("my server", "");
    expect(stdio({ command: "${workspaceFolder}/my server" }, { workspaceFolder: folder }).command).toContain(
      " ",
    );
  });

  it("findConfig() prefers mcp.json, then .mcp.json, Cursor's and VS Code's", async () => {
    const root = join(folder, "project");
    const order = [".vscode/mcp.json", ".cursor/mcp.json", ".mcp.json", "mcp.json"];
    await mkdir(join(root, ".vscode"), { recursive: true });
    await mkdir(join(root, ".cursor"));
    expect(await findConfig(root)).toBeUndefined();
    for (const name of order) {
      await writeFile(join(root, name), "{}");
      expect(await findConfig(root)).toBe(join(root, name));
    }
  });
});
