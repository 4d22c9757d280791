import { InMemoryTransport } from "@modelcontextprotocol/client";
import { describe, expect, onTestFinished, test } from "vitest";
import { createCall } from "../../src/core/call.js";
import { resultText } from "../../src/core/result.js";
import { connect } from "../../src/mcp/connect.js";
import { toBatonError } from "../../src/mcp/errors.js";
import { inProcess } from "../../src/mcp/in-process.js";
import { compileSchema } from "../../src/mcp/json-schema.js";
import { createPace } from "../../src/mcp/pace.js";
import { requestTimeouts } from "../../src/mcp/request.js";
import { call, callText, failure, open, openAll } from "../support/calls.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { startHttp } from "../support/http-server.js";
import { isAlive, startProgram, until } from "../support/processes.js";
import { countOf, scripted, text, tool } from "../support/scripted.js";
import { createLog, fixture, httpConfig, stdioConfig } from "../support/stdio-fixture.js";

const leavesEarly = new URL("../support/leaves-early.ts", import.meta.url).pathname;

describe("schemas", () => {
  test("a schema is compiled once, however often its tool is loaded", () => {
    const schema = { type: "object", properties: { a: { type: "string" } } };
    expect(compileSchema(schema)).toBe(compileSchema(schema));
  });

  test("`nullable` without a type and boolean limits, which later drafts refuse, are understood", () => {
    const validate = compileSchema({
      type: "object",
      properties: {
        note: { nullable: true, enum: ["a", "b"] },
        count: { type: "integer", minimum: 0, exclusiveMinimum: true },
      },
    });
    expect(validate({ note: null, count: 1 })).toEqual([]);
    expect(validate({ note: "c" })).not.toEqual([]);
    expect(validate({ count: 0 })).not.toEqual([]);
  });
});

describe("limits of a request", () => {
  const config = scripted("s", {});

  test.each([Number.POSITIVE_INFINITY, 3e9, Number.MAX_SAFE_INTEGER])(
    "timeoutMs %d waits long",
    (timeoutMs) => {
      const { idleMs, hardMs } = requestTimeouts(config, { timeoutMs }, new FakeClock());
      expect(idleMs).toBe(2 ** 31 - 1);
      expect(hardMs).toBe(2 ** 31 - 1);
    },
  );

  test.each([0, -1, Number.NaN])("timeoutMs %d is refused and nothing is sent", async (timeoutMs) => {
    const error = await failure(call(open(config), "t", {}, { timeoutMs }));
    expect(error).toMatchObject({ code: "INVALID_ARGUMENTS", effect: "none" });
  });

  test("a call that was given up before it was sent had no effect", async () => {
    const server = open(scripted("s", { tools: [tool("t")] }));
    await server.connect();
    const error = await failure(call(server, "t", {}, { signal: AbortSignal.abort(new Error("enough")) }));
    expect(error).toMatchObject({ code: "CANCELLED", effect: "none" });
  });

  test("a tool that was slow once is asked for progress from then on", () => {
    const pace = createPace();
    for (let i = 0; i < 8; i++) pace.record("t", 5);
    expect(pace.isQuick("t")).toBe(true);
    pace.record("t", 1001);
    for (let i = 0; i < 100; i++) pace.record("t", 5);
    expect(pace.isQuick("t")).toBe(false);
    expect(pace.isQuick("another")).toBe(false);
  });

  test("a quick tool that ran into its limit is asked for progress the next time", async () => {
    const config = scripted("s", {
      tools: [tool("t")],
      call: (_, { slow }) => (slow ? new Promise(() => {}) : text("ok")),
    });
    const server = open(config);
    for (let i = 0; i < 9; i++) await call(server, "t");
    const asked = () =>
      countOf(
        config.received.filter((each) => JSON.stringify(each).includes("progressToken")),
        "tools/call",
      );
    expect(asked()).toBe(8);
    const deadline = Date.now() + 1100;
    expect(await failure(call(server, "t", { slow: true }, { deadline }))).toMatchObject({ code: "TIMEOUT" });
    await call(server, "t");
    expect(asked()).toBe(9);
  });
});

describe("lists", () => {
  test("a server that cannot say that its tools changed is asked each time", async () => {
    const tools = [tool("one")];
    const config = scripted("s", { tools: () => tools, capabilities: { tools: {} } });
    const server = open(config);
    expect(await server.listTools()).toHaveLength(1);
    tools.push(tool("two"));
    expect(await server.listTools()).toHaveLength(2);
  });
});

describe("results", () => {
  const outputSchema = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };
  const wrong = () => ({ content: [], structuredContent: { n: "not a number" } });

  test("are held against the output schema, also over a later connection", async () => {
    const config = scripted("s", { tools: [tool("t", {}, { outputSchema })], call: wrong });
    const server = open(config);
    await server.listTools();
    const before = await failure(call(server, "t"));
    expect(before).toMatchObject({ code: "INVALID_RESULT", effect: "possible" });
    expect(before.data.issues).toEqual([{ path: "/n", problem: "must be number" }]);
    await config.transports[0]?.close();
    await until(
      () => server.status === "connected" && config.transports.length === 2,
      "it is connected again",
    );
    expect(await failure(call(server, "t"))).toMatchObject({ code: "INVALID_RESULT" });
  });

  test("of a tool whose output schema cannot be compiled are not lost", async () => {
    const broken = { type: "object", properties: { n: { type: "number", pattern: 5 } } };
    const config = scripted("s", {
      tools: [tool("t", {}, { outputSchema: broken })],
      call: () => ({ ...text("fine"), structuredContent: { n: 1 } }),
    });
    const server = open(config);
    await server.listTools();
    expect(await callText(server, "t")).toBe("fine");
  });
});

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

describe("secrets and scopes", () => {
  test("a secret across the place where a message is cut is masked whole", () => {
    const secret = "sk-live-ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const config = { ...scripted("s", {}), secrets: [secret] };
    const long = Object.assign(new Error(`${"x".repeat(290)} ${secret}`), { code: -32000 });
    expect(toBatonError(long, config, "tool 't'").message).not.toContain("sk-live");
  });

  test("a scope's bare token is masked, not only its whole header", async () => {
    const http = await startHttp({
      call: (_, __, { headers }) => {
        throw new Error(`bad token ${headers.authorization?.replace("Bearer ", "")}`);
      },
    });
    onTestFinished(() => http.close());
    const scope = openAll([httpConfig("web", http.url)]).for({
      headers: { web: { Authorization: "Bearer tenant-tok-12345" } },
    });
    const error = await failure(scope.call(createCall({ server: "web", tool: "t", args: {} })));
    expect(error.message).toContain("bad token ***");
  });

  test("a server in a log shows no credential", async () => {
    const config = httpConfig("web", "http://127.0.0.1:9/mcp", {
      headers: { Authorization: "Bearer hunter2-hunter2" },
    });
    const { inspect } = await import("node:util");
    const server = open({ ...config, secrets: ["hunter2-hunter2"] });
    expect(inspect(server, { depth: 9 }) + JSON.stringify(server)).not.toContain("hunter2");
  });

  test("a scope of a scope outlives the one that it came from", async () => {
    const http = await startHttp({ call: (_, __, { headers }) => text(headers["x-key"]) });
    onTestFinished(() => http.close());
    const servers = openAll([httpConfig("web", http.url)]);
    const tenant = servers.for({ headers: { web: { "X-Key": "t" } } });
    const user = tenant.for({ caller: { user: "u" } });
    await tenant.close();
    expect(await callText(user.get("web"), "t")).toBe("t");
    await user.close();
    await settle();
    expect(user.get("web").status).toBe("closed");
  });

  test("a scope that is refused holds nothing", () => {
    const servers = openAll([httpConfig("web", "http://127.0.0.1:9/mcp"), fixture("local")]);
    expect(() => servers.for({ headers: { web: { a: "b" }, local: { a: "b" } } })).toThrow(/HTTP/);
  });
});
