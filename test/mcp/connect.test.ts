import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createCall } from "../../src/core/call.js";
import { type ConnectOptions, connect } from "../../src/mcp/connect.js";
import type { Servers } from "../../src/mcp/servers.js";
import { failure } from "../support/calls.js";
import { isAlive, until } from "../support/processes.js";
import { scripted, tool } from "../support/scripted.js";
import { createLog, fixture, program, temporaryFolder } from "../support/stdio-fixture.js";

const quiet: ConnectOptions = { onEvent: () => {} };

async function open(
  source: Parameters<typeof connect>[0],
  options: ConnectOptions = quiet,
): Promise<Servers> {
  const servers = await connect(source, options);
  onTestFinished(() => servers.close());
  return servers;
}

const dead = (name: string) => fixture(name, { lastWords: "dead" });

describe("connect()", () => {
  test("takes a configuration as an object, with variables", async () => {
    const servers = await open(
      { mcpServers: { memory: { command: process.execPath, args: ["${PROGRAM}"] } } },
      { ...quiet, config: { env: { ...process.env, PROGRAM: program("memory") } } },
    );
    expect(servers.names).toEqual(["memory"]);
    expect((await servers.get("memory").listTools()).map(({ name }) => name)).toContain("read_graph");
  });

  test("takes a file's path", async () => {
    const file = join(temporaryFolder(), "mcp.json");
    const entry = { command: process.execPath, args: [program("everything")] };
    writeFileSync(file, JSON.stringify({ mcpServers: { everything: entry } }));
    const servers = await open(file);
    expect(servers.get("everything").status).toBe("connected");
  });

  test("a configuration with a fault is CONFIG_INVALID, and nothing is started", async () => {
    expect((await failure(connect({ mcpServers: { a: {} } }))).code).toBe("CONFIG_INVALID");
    expect((await failure(connect("/no/such/mcp.json"))).code).toBe("CONFIG_INVALID");
  });

  test("keeps the order of the configuration, whichever is ready first", async () => {
    const slow = scripted("slow", {
      methods: {
        "server/discover": () => new Promise((_, reject) => setTimeout(reject, 50, new Error("no"))),
      },
    });
    const servers = await open([slow, scripted("quick", {})]);
    expect(servers.names).toEqual(["slow", "quick"]);
    expect([...servers].map(({ name }) => name)).toEqual(["slow", "quick"]);
  });

  test("no server at all is fine", async () => {
    expect((await open([])).names).toEqual([]);
  });

  test('require "any" is content with one, lists the failures and goes on trying the others', async () => {
    const servers = await open([dead("bad"), scripted("good", {})]);
    expect(servers.get("good").status).toBe("connected");
    expect(servers.get("bad").status).not.toBe("connected");
    expect(servers.failures).toHaveLength(1);
    expect(servers.failures[0]).toMatchObject({ code: "CONNECT_FAILED", data: { server: "bad" } });
  });

  test("fails when fewer are there than required, and leaves nothing running", async () => {
    const log = createLog();
    const good = fixture("good", { log: log.file });
    const one = await failure(connect([dead("bad"), good], { ...quiet, require: "all" }));
    expect(one).toMatchObject({ code: "CONNECT_FAILED", data: { server: "bad" } });
    expect(log.starts().filter(isAlive)).toEqual([]);
    const both = await failure(connect([dead("one"), dead("two")], quiet));
    expect(both.message).toContain("2 of 2 servers could not be connected");
    expect(both.message).toMatch(/'one'[\s\S]*'two'/);
    expect(both.data.failures).toHaveLength(2);
  });

  test('require "none" always succeeds', async () => {
    const servers = await open([dead("one")], { ...quiet, require: "none" });
    expect(servers.failures).toHaveLength(1);
  });

  test("a signal ends it, and what it has started", async () => {
    const log = createLog();
    const controller = new AbortController();
    const connecting = failure(
      connect([fixture("mute", { mute: true, log: log.file }), scripted("good", {})], {
        ...quiet,
        signal: controller.signal,
      }),
    );
    await until(() => log.received("initialize").length, "the handshake has begun");
    controller.abort();
    expect((await connecting).code).toBe("CANCELLED");
    expect(log.starts().filter(isAlive)).toEqual([]);
  });

  test("a signal that fires with several servers under way is CANCELLED as well", async () => {
    const log = createLog();
    const controller = new AbortController();
    const configs = ["a", "b"].map((name) => fixture(name, { mute: true, log: log.file }));
    const connecting = failure(connect(configs, { ...quiet, signal: controller.signal }));
    await until(() => log.received("initialize").length === 2, "both handshakes have begun");
    controller.abort();
    expect((await connecting).code).toBe("CANCELLED");
  });

  test("warns once when a server goes down, and not for every attempt that follows", async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error): void => void warnings.push(warning);
    process.on("warning", listen);
    onTestFinished(() => void process.off("warning", listen));
    const log = createLog();
    const servers = await open([fixture("bad", { lastWords: "dead", log: log.file })], { require: "none" });
    await until(() => log.starts().length >= 3, "it is tried again");
    await servers.close();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ name: "LangbatonWarning", code: "SERVER_DOWN" });
    expect(warnings[0]?.message).toContain("'bad'");
  });

  test("says once, in a Node warning, that a server sends too many notifications", async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error): void => void warnings.push(warning);
    process.on("warning", listen);
    onTestFinished(() => void process.off("warning", listen));
    const flood = fixture("loud");
    await using servers = await connect([flood]);
    const args = { count: 3000, method: "notifications/message", params: { level: "info", data: "x" } };
    for (let n = 0; n < 2; n++) await servers.call(createCall({ server: "loud", tool: "flood", args }));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ name: "LangbatonWarning", code: "FLOOD" });
    expect(warnings[0]?.message).toContain("'loud'");
  });

  test("`await using` closes every server", async () => {
    const log = createLog();
    {
      await using _ = await connect(
        [fixture("a", { log: log.file }), fixture("b", { log: log.file })],
        quiet,
      );
      expect(log.starts().filter(isAlive)).toHaveLength(2);
    }
    expect(log.starts().filter(isAlive)).toEqual([]);
  });

  test("hears of every server that comes and goes", async () => {
    const events: string[] = [];
    const servers = await open([scripted("a", { tools: [tool("t")] })], {
      onEvent: ({ type, server }) => events.push(`${server} ${type}`),
    });
    await servers.close();
    expect(events).toEqual(["a connected", "a closed"]);
  });
});
