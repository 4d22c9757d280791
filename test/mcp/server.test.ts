import { describe, expect, test } from "vitest";
import { resultText } from "../../src/core/result.js";
import { Server, type ServerEvent } from "../../src/mcp/server.js";
import { call, failure, open } from "../support/calls.js";
import { FakeClock } from "../support/fake-clock.js";
import { isAlive, until } from "../support/processes.js";
import { countOf, RpcFault, scripted, text, tool } from "../support/scripted.js";
import { createLog, fixture } from "../support/stdio-fixture.js";

const kill = (pid: number | undefined): void => void process.kill(pid ?? 0, "SIGKILL");

describe("a killed stdio server", () => {
  test("comes back for the next call, ten times in a row, and leaves no process", async () => {
    const log = createLog();
    const server = open(fixture("s", { log: log.file }));
    for (let round = 1; round <= 10; round++) {
      await server.connect();
      const { pid } = server;
      kill(pid);
      const before = performance.now();
      // A call may meet the very moment of the death; the one after that never does.
      const answer = await call(server, "echo", { text: round }).catch(() =>
        call(server, "echo", { text: round }),
      );
      expect(resultText(answer)).toBe(String(round));
      expect(performance.now() - before).toBeLessThan(5000);
      expect(server.pid).not.toBe(pid);
    }
    await server.close();
    expect(log.starts()).toHaveLength(11);
    expect(log.starts().filter(isAlive)).toEqual([]);
  });

  test("settles every call that was in flight, and says that the tools may have run", async () => {
    const server = open(fixture("s"));
    await server.connect();
    const calls = Array.from({ length: 5 }, () => failure(call(server, "never")));
    await call(server, "echo");
    kill(server.pid);
    for (const error of await Promise.all(calls)) {
      expect(error).toMatchObject({ code: "UPSTREAM", effect: "possible", retryable: true });
    }
  });

  test("is noticed although a grandchild holds its output, and takes the grandchild along", async () => {
    const log = createLog();
    const server = open(fixture("s", { log: log.file }));
    const grandchild = Number(resultText(await call(server, "grandchild")));
    expect(isAlive(grandchild)).toBe(true);
    const waiting = failure(call(server, "never"));
    await call(server, "echo");
    kill(server.pid);
    expect((await waiting).code).toBe("UPSTREAM");
    await until(() => !isAlive(grandchild), "the grandchild ends");
    expect(resultText(await call(server, "echo", { text: "again" }))).toBe("again");
  });

  test("is started again in the background, without a call", async () => {
    const events: ServerEvent[] = [];
    const server = open(fixture("s"), { onEvent: (event) => events.push(event) });
    await server.connect();
    const { pid } = server;
    kill(pid);
    await until(() => server.status === "connected" && server.pid !== pid, "it is back");
    expect(events.map(({ type }) => type)).toEqual(["connected", "down", "connected"]);
    expect(events[1]).toMatchObject({ retryMs: 0, error: { code: "NOT_CONNECTED" } });
    expect(server.error).toBeUndefined();
  });

  test("that died in the middle of a line costs that call alone", async () => {
    const server = open(fixture("s"));
    expect((await failure(call(server, "half"))).code).toBe("UPSTREAM");
    expect(resultText(await call(server, "echo", { text: "fine" }))).toBe("fine");
  });
});

describe("a server that is down", () => {
  const broken = (attempts: number[], clock: FakeClock) => ({
    ...scripted("s", {}),
    open: () => {
      attempts.push(clock.now());
      throw new Error("no");
    },
  });

  test("is tried again in the background, with waits that double up to 30 seconds, and jitter", async () => {
    const clock = new FakeClock();
    const waits: number[] = [];
    const server = open(broken([], clock), {
      clock,
      onEvent: ({ retryMs }) => void (retryMs !== undefined && waits.push(retryMs)),
    });
    await failure(server.connect());
    await clock.advance(200_000);
    for (const [n, wait] of waits.entries()) {
      const full = Math.min(30_000, 250 * 2 ** n);
      expect(wait).toBeGreaterThanOrEqual(full / 2);
      expect(wait).toBeLessThanOrEqual(full);
    }
    expect(waits.length).toBeGreaterThan(9);
    expect(server.status).toBe("down");
    expect(clock.pending).toBe(1);
  });

  test("is tried at once by a call, but not again right after an attempt that failed", async () => {
    const clock = new FakeClock();
    const attempts: number[] = [];
    const server = open(broken(attempts, clock), { clock });
    const errors = await Promise.all([1, 2, 3].map(() => failure(call(server, "t"))));
    expect(errors.map(({ code }) => code)).toEqual(["CONNECT_FAILED", "CONNECT_FAILED", "CONNECT_FAILED"]);
    await failure(call(server, "t"));
    expect(attempts).toHaveLength(1);
    await clock.advance(10_000);
    const before = attempts.length;
    await clock.advance(300);
    await failure(call(server, "t"));
    expect(attempts).toHaveLength(before + 1);
  });
});

describe("close()", () => {
  test("settles calls in flight at once with CANCELLED, and later ones with NOT_CONNECTED", async () => {
    const server = open(fixture("s", { stubborn: true }));
    await server.connect();
    const calls = Array.from({ length: 3 }, () => failure(call(server, "never")));
    await call(server, "echo");
    const closing = server.close();
    let closed = false;
    void closing.then(() => {
      closed = true;
    });
    const errors = await Promise.all(calls);
    expect(closed, "the calls settle before the stubborn process is gone").toBe(false);
    expect(errors.map(({ code }) => code)).toEqual(["CANCELLED", "CANCELLED", "CANCELLED"]);
    expect(errors[0]?.message).toContain("'s'");
    expect(await failure(call(server, "echo"))).toMatchObject({ code: "NOT_CONNECTED", effect: "none" });
    expect((await failure(server.listTools())).code).toBe("NOT_CONNECTED");
    expect((await failure(server.connect())).code).toBe("NOT_CONNECTED");
    await closing;
    expect(server.status).toBe("closed");
  });

  test("is safe to call twice, and before there is a connection", async () => {
    const log = createLog();
    const server = open(fixture("s", { log: log.file }));
    await Promise.all([server.close(), server.close()]);
    await server.close();
    expect(log.starts()).toEqual([]);
  });

  test("while connecting ends what was started; who waited for it hears CANCELLED", async () => {
    const log = createLog();
    const server = open(fixture("s", { mute: true, log: log.file }));
    const connecting = failure(server.connect());
    const calling = failure(call(server, "echo"));
    await until(() => log.received("initialize").length, "the handshake has begun");
    expect(server.status).toBe("connecting");
    await server.close();
    expect((await connecting).code).toBe("CANCELLED");
    expect((await calling).code).toBe("CANCELLED");
    expect(log.starts().filter(isAlive)).toEqual([]);
  });

  test("during a background retry starts nothing again", async () => {
    const clock = new FakeClock();
    const log = createLog();
    const server = open(fixture("s", { lastWords: "no", log: log.file }), { clock });
    await failure(server.connect());
    expect(clock.pending, "the retry waits").toBe(1);
    await server.close();
    expect(clock.pending).toBe(0);
    const starts = log.starts().length;
    await clock.advance(60_000);
    expect(log.starts()).toHaveLength(starts);
    expect(server.status).toBe("closed");
  });

  test("after a kill starts nothing again", async () => {
    const log = createLog();
    const server = open(fixture("s", { log: log.file }));
    await server.connect();
    kill(server.pid);
    await server.close();
    await until(() => log.starts().every((pid) => !isAlive(pid)), "nothing is left");
    expect(server.status).toBe("closed");
  });

  test("is what `await using` does at the end of its block", async () => {
    let pid: number | undefined;
    {
      await using server = new Server(fixture("s"));
      await server.connect();
      pid = server.pid;
      expect(isAlive(pid ?? 0)).toBe(true);
    }
    expect(isAlive(pid ?? 0)).toBe(false);
  });
});

describe("a caller's signal", () => {
  test("settles the call at once, tells the server, and leaves the connection as it is", async () => {
    const log = createLog();
    const server = open(fixture("s", { log: log.file }));
    const controller = new AbortController();
    const waiting = failure(call(server, "never", {}, { signal: controller.signal }));
    await until(() => log.received("tools/call").length, "the call arrived");
    const { pid } = server;
    controller.abort(new Error("changed my mind"));
    const error = await waiting;
    expect(error).toMatchObject({ code: "CANCELLED", effect: "possible" });
    expect((error.cause as Error).message).toBe("changed my mind");
    const told = await until(() => log.received("notifications/cancelled")[0], "the server is told");
    expect(told.params).toMatchObject({ requestId: log.received("tools/call")[0]?.id });
    expect(resultText(await call(server, "echo", { text: "on" }))).toBe("on");
    expect(server.pid).toBe(pid);
  });

  test("that has fired sends nothing", async () => {
    const config = scripted("s", { tools: [tool("t")] });
    const server = open(config);
    await server.connect();
    expect((await failure(call(server, "t", {}, { signal: AbortSignal.abort() }))).code).toBe("CANCELLED");
    expect(countOf(config.received, "tools/call")).toBe(0);
  });

  test("ends one caller's wait for a connection, not the connection", async () => {
    const log = createLog();
    const server = open(fixture("s", { ignoresUnknown: true, log: log.file }, { connectTimeoutMs: 2000 }));
    const controller = new AbortController();
    const waiting = failure(server.connect(controller.signal));
    const other = server.connect();
    await until(() => log.starts().length, "it is being started");
    controller.abort();
    expect((await waiting).code).toBe("CANCELLED");
    await other;
    expect(server.status).toBe("connected");
    expect(log.starts()).toHaveLength(1);
  });
});

describe("time limits", () => {
  const slow = (timeouts: object) => open(scripted("s", { call: () => new Promise(() => {}) }, timeouts));

  test("the server's own limit ends a call, and the message says which limit it was", async () => {
    const error = await failure(call(slow({ timeoutMs: 60 }), "t"));
    expect(error).toMatchObject({
      code: "TIMEOUT",
      effect: "possible",
      retryable: true,
      data: { timeoutMs: 60 },
    });
    expect(error.message).toContain("60 ms");
  });

  test("a call's deadline ends it, and one that has passed sends nothing", async () => {
    const config = scripted("s", { call: () => new Promise(() => {}) });
    const server = open(config);
    await server.connect();
    const error = await failure(call(server, "t", {}, { deadline: Date.now() + 60 }));
    expect(error.code).toBe("TIMEOUT");
    const sent = countOf(config.received, "tools/call");
    expect(sent).toBe(1);
    expect((await failure(call(server, "t", {}, { deadline: Date.now() - 1 }))).code).toBe("TIMEOUT");
    expect(countOf(config.received, "tools/call")).toBe(sent);
  });

  test("a call waits for a connection only as long as for an answer", async () => {
    const server = open(fixture("s", { mute: true }));
    const error = await failure(call(server, "echo", {}, { timeoutMs: 50 }));
    expect(error).toMatchObject({ code: "TIMEOUT", effect: "none" });
  });
});

describe("lists", () => {
  test("are fetched once for all who ask, and again after list_changed", async () => {
    const tools = [tool("a")];
    const config = scripted("s", { tools: () => tools });
    const events: ServerEvent[] = [];
    const server = open(config, { onEvent: (event) => events.push(event) });
    const [one, two] = await Promise.all([server.listTools(), server.listTools()]);
    expect(one.map(({ name }) => name)).toEqual(["a"]);
    expect(two).toEqual(one);
    await server.listTools();
    expect(countOf(config.received, "tools/list")).toBe(1);
    tools.push(tool("b"));
    await config.transports[0]?.send({ jsonrpc: "2.0", method: "notifications/tools/list_changed" });
    await until(
      () => events.some(({ type, list }) => type === "list_changed" && list === "tools"),
      "the event",
    );
    expect((await server.listTools()).map(({ name }) => name)).toEqual(["a", "b"]);
  });

  test("are empty, and not asked for, where the server has no such thing", async () => {
    const config = scripted("s", {});
    const server = open(config);
    expect(await server.listResources()).toEqual([]);
    expect(await server.listResourceTemplates()).toEqual([]);
    expect(await server.listPrompts()).toEqual([]);
    expect(countOf(config.received, "resources/list") + countOf(config.received, "prompts/list")).toBe(0);
  });

  test("that failed are asked for again", async () => {
    let broken = true;
    const server = open(
      scripted("s", {
        methods: {
          "tools/list": () => {
            if (broken) throw new Error("not now");
            return { tools: [tool("a")] };
          },
        },
      }),
    );
    const error = await failure(server.listTools());
    expect(error.message).toContain("not now");
    broken = false;
    expect(await server.listTools()).toHaveLength(1);
  });

  test("shared by two callers go on when one of them gives up", async () => {
    let release: (() => void) | undefined;
    const server = open(
      scripted("s", {
        methods: {
          "tools/list": async () => {
            await new Promise<void>((resolve) => {
              release = resolve;
            });
            return { tools: [tool("a")] };
          },
        },
      }),
    );
    const controller = new AbortController();
    const first = failure(server.listTools({ signal: controller.signal }));
    const second = server.listTools();
    await until(() => release, "the request arrives");
    controller.abort();
    expect((await first).code).toBe("CANCELLED");
    release?.();
    expect(await second).toHaveLength(1);
  });

  test("are of the server that is there now, after a restart", async () => {
    const server = open(fixture("s"));
    await call(server, "add_tool", { name: "extra" });
    await until(async () => (await server.listTools()).some(({ name }) => name === "extra"), "the new tool");
    kill(server.pid);
    await until(async () => {
      const tools = await server.listTools().catch(() => []);
      return tools.length > 0 && !tools.some(({ name }) => name === "extra");
    }, "the list of the fresh process");
  });
});

describe("what a server answers", () => {
  test("info tells what it says about itself, and nothing before it is connected", async () => {
    const server = open(fixture("s"));
    expect(server.info).toBeUndefined();
    expect(server.pid).toBeUndefined();
    expect(server.status).toBe("idle");
    await server.connect();
    expect(server.info).toMatchObject({
      name: "stdio-fixture",
      version: "1.0.0",
      instructions: "Be gentle.",
      protocolVersion: "2025-11-25",
      transport: "stdio",
    });
    expect(isAlive(server.pid ?? 0)).toBe(true);
  });

  test.each([
    [-32602, "INVALID_ARGUMENTS", "none"],
    [-32601, "PROTOCOL", "none"],
    [-32603, "UPSTREAM", "possible"],
  ] as const)("a JSON-RPC error %i is %s, with an effect that is %s", async (rpcCode, code, effect) => {
    const server = open(
      scripted("s", {
        call: () => {
          throw new RpcFault(rpcCode, `no\n  such   row ${"x".repeat(1000)}`);
        },
      }),
    );
    const error = await failure(call(server, "t"));
    expect(error).toMatchObject({ code, effect, data: { server: "s", rpcCode } });
    expect(error.message).toContain("no such row");
    expect(error.message.length).toBeLessThan(450);
  });

  test("a tool that ran and failed is a result, with its structured content", async () => {
    const server = open(fixture("s"));
    expect(await call(server, "fail")).toMatchObject({ isError: true, structuredContent: { row: 7 } });
  });

  test.each([
    ["has a block without its data", { content: [{ type: "image" }] }],
    ["has content that is no list", { content: "text" }],
  ])("a result that %s is INVALID_RESULT or PROTOCOL at once, not a timeout", async (_, result) => {
    const server = open(scripted("s", { call: () => result }, { timeoutMs: 3000 }));
    const error = await failure(call(server, "t"));
    expect(error.code).toMatch(/^(INVALID_RESULT|PROTOCOL)$/);
    expect(error.message.length).toBeLessThan(500);
  });

  test("a result that breaks the tool's output schema is INVALID_RESULT", async () => {
    const outputSchema = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };
    const server = open(
      scripted("s", {
        tools: [tool("t", {}, { outputSchema })],
        call: (_, { n }) => ({ content: [], structuredContent: { n } }),
      }),
    );
    await server.listTools();
    expect(await call(server, "t", { n: 1 })).toMatchObject({ structuredContent: { n: 1 } });
    expect((await failure(call(server, "t", { n: "one" }))).code).toBe("INVALID_RESULT");
  });

  test("secrets of the entry are masked in messages", async () => {
    const server = open(
      scripted(
        "s",
        {
          call: () => {
            throw new Error("token hunter2-hunter2 refused");
          },
        },
        { secrets: ["hunter2-hunter2"] },
      ),
    );
    expect((await failure(call(server, "t"))).message).toContain("token *** refused");
  });

  test("meta reaches the server as _meta, beside the progress token", async () => {
    const config = scripted("s", { call: () => text("ok") });
    const server = open(config);
    await call(server, "t", {}, { meta: { "example.com/trace": "abc" } });
    const sent = config.received.find((each) => "method" in each && each.method === "tools/call");
    expect((sent as { params: { _meta: object } }).params._meta).toMatchObject({
      "example.com/trace": "abc",
    });
  });

  test("completions come as values", async () => {
    const server = open(
      scripted("s", {
        capabilities: { completions: {}, prompts: {} },
        methods: { "completion/complete": () => ({ completion: { values: ["Sales", "Salt"] } }) },
      }),
    );
    const values = await server.complete({
      ref: { type: "ref/prompt", name: "p" },
      argument: { name: "team", value: "Sal" },
    });
    expect(values).toEqual(["Sales", "Salt"]);
  });
});
