import { InMemoryTransport } from "@modelcontextprotocol/client";
import { describe, expect, test } from "vitest";
import { resultText } from "../../src/core/result.js";
import { connect } from "../../src/mcp/connect.js";
import { inProcess } from "../../src/mcp/in-process.js";
import { call, callText, failure, open } from "../support/calls.js";
import { isAlive, startProgram, until } from "../support/processes.js";
import { scripted, tool } from "../support/scripted.js";
import { createLog, stdioConfig } from "../support/stdio-fixture.js";

const leavesEarly = new URL("../support/leaves-early.ts", import.meta.url).pathname;

describe("connections", () => {
  test("one that closes as soon as it is made is not kept", async () => {
    let closing = true;
    const config = inProcess("s", () => ({
      async connect(transport) {
        transport.onmessage = async (message) => {
          if (!("method" in message)) return;
          if (message.method === "notifications/initialized" && closing) {
            for (let hop = 0; hop < 8; hop++) await Promise.resolve();
            await transport.close();
          }
          if (!("id" in message)) return;
          const result =
            message.method === "initialize"
              ? {
                  protocolVersion: "2025-11-25",
                  capabilities: { tools: {} },
                  serverInfo: { name: "s", version: "1" },
                }
              : { content: [{ type: "text", text: "alive" }] };
          const known = message.method === "initialize" || message.method === "tools/call";
          const error = { code: -32601, message: "no" };
          await transport.send({
            jsonrpc: "2.0",
            id: message.id,
            ...(known ? { result } : { error }),
          } as never);
        };
        await transport.start();
      },
    }));
    const server = open(config);
    await server.connect().catch(() => {});
    closing = false;
    await until(async () => (await callText(server, "t").catch(() => "")) === "alive", "it works again");
  });

  test("a transport that is never opened ends with the connect limit, and does not hold close()", async () => {
    const config = { ...inProcess("s", () => new Promise<never>(() => {})), connectTimeoutMs: 50 };
    const server = open(config);
    expect(await failure(server.connect())).toMatchObject({ code: "CONNECT_FAILED" });
    await server.close();
  });

  test("a transport that is opened too late is closed", async () => {
    let closed = false;
    const [late] = InMemoryTransport.createLinkedPair();
    late.onclose = () => {
      closed = true;
    };
    let release: () => void = () => {};
    const opened = new Promise<void>((resolve) => {
      release = resolve;
    });
    const config = {
      ...inProcess("s", () => ({ connect: async () => {} })),
      connectTimeoutMs: 30,
      open: () => opened.then(() => late),
    };
    const server = open(config);
    await failure(server.connect());
    release();
    await until(() => closed, "the late transport is closed");
  });

  test("a transport that cannot be closed does not keep close() from ending", async () => {
    const config = scripted("s", { tools: [tool("t")] });
    const server = open({
      ...config,
      async open() {
        const transport = await config.open();
        return Object.assign(transport, { close: () => Promise.reject(new Error("stuck")) });
      },
    });
    await server.connect();
    await server.close();
    expect(server.status).toBe("closed");
  });

  test("two servers of one name are refused", async () => {
    const twice = [scripted("s", {}), scripted("s", {})];
    expect(await failure(connect(twice))).toMatchObject({ code: "CONFIG_INVALID" });
  });

  test("a stdio server that reads no more is started anew", async () => {
    const deaf = `
      const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", ...message }) + "\\n");
      require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
        const { id, method } = JSON.parse(line);
        if (method === "initialize") send({ id, result: { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo: { name: "d", version: "1" } } });
        else if (method === "tools/call") { send({ id, result: { content: [{ type: "text", text: String(process.pid) }] } }); process.stdin.destroy(); require("node:fs").closeSync(0); }
        else if (id !== undefined) send({ id, error: { code: -32601, message: "no" } });
      });
      setInterval(() => {}, 1000);`;
    const server = open(stdioConfig("deaf", process.execPath, ["-e", deaf]));
    const first = await callText(server, "t");
    // A request that was written just before the other end closed is lost in the pipe: each has a limit.
    const again = () =>
      call(server, "t", {}, { timeoutMs: 500 }).then(
        (result) => (resultText(result) === first ? "" : resultText(result)),
        () => "",
      );
    const second = await until(again, "another process answers");
    expect(Number(second)).toBeGreaterThan(0);
    await until(() => !isAlive(Number(first)), "the deaf process ends");
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "%s to a program takes its servers along",
    async (signal) => {
      const log = createLog();
      const env = { LOG: log.file, STAY: "1" };
      await using run = await startProgram(["--import", "tsx", leavesEarly], env, "leaving");
      const pids = log
        .entries()
        .flatMap(({ start, grandchild }) => [start, grandchild].filter(Number) as number[]);
      expect(pids).toHaveLength(2);
      run.child.kill(signal);
      await until(() => run.child.signalCode === signal, "the program ends by the signal");
      await until(() => !pids.some(isAlive), "server and grandchild end");
    },
  );
});
