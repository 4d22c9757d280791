import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { callText as call, failure, open } from "../support/calls.js";
import { isAlive, startProgram, until } from "../support/processes.js";
import { createLog, fixture, stdioConfig, temporaryFolder } from "../support/stdio-fixture.js";

describe("starting", () => {
  test("a command that is not there is CONNECT_FAILED and named", async () => {
    const error = await failure(open(stdioConfig("s", "langbaton-no-such-command")).connect());
    expect(error).toMatchObject({ code: "CONNECT_FAILED", data: { server: "s" } });
    expect(error.message).toContain("'langbaton-no-such-command' was not found");
  });

  test("a file that may not be run is CONNECT_FAILED, and says so", async () => {
    const file = join(temporaryFolder(), "server");
    writeFileSync(file, "#!/bin/sh\nexit 0\n");
    chmodSync(file, 0o644);
    const error = await failure(open(stdioConfig("s", file)).connect());
    expect(error.code).toBe("CONNECT_FAILED");
    expect(error.message).toContain("may not be run");
  });

  test("a working folder that is not there is CONNECT_FAILED", async () => {
    const error = await failure(open(fixture("s", {}, { cwd: "/no/such/folder" })).connect());
    expect(error.code).toBe("CONNECT_FAILED");
  });

  test("a server that dies at its start is quoted with its last words, its secrets masked", async () => {
    const config = fixture(
      "s",
      { lastWords: `${"noise\n".repeat(2000)}Error: the key hunter2-hunter2 is wrong\n` },
      { secrets: ["hunter2-hunter2"] },
    );
    const error = await failure(open(config).connect());
    expect(error.code).toBe("CONNECT_FAILED");
    expect(error.message).toContain("exited with code 3");
    expect(error.message).toContain("Error: the key *** is wrong");
    expect(error.message.length).toBeLessThan(1000);
    expect(JSON.stringify(error)).not.toContain("hunter2");
  });

  test("a program that is no MCP server and leaves is CONNECT_FAILED", async () => {
    const error = await failure(open(stdioConfig("s", "true")).connect());
    expect(error.code).toBe("CONNECT_FAILED");
    expect(error.message).toContain("exited with code 0");
  });

  test("a server that never answers initialize is given up after connectTimeoutMs, and ended", async () => {
    const log = createLog();
    const server = open(fixture("s", { mute: true, log: log.file }, { connectTimeoutMs: 600 }));
    const error = await failure(server.connect());
    expect(error.code).toBe("CONNECT_FAILED");
    expect(error.message).toContain("600 ms");
    await server.close();
    expect(log.starts().filter(isAlive)).toEqual([]);
  });

  test("a server that exits at the first request it does not know still connects", async () => {
    const log = createLog();
    const server = open(fixture("s", { onlyInitialize: true, log: log.file }));
    await server.connect();
    expect(await call(server, "echo", { text: "old" })).toBe("old");
    expect(log.starts()).toHaveLength(2);
  });

  test("a server that ignores what it does not know connects when the probe's time is up", async () => {
    const log = createLog();
    const server = open(fixture("s", { ignoresUnknown: true, log: log.file }, { connectTimeoutMs: 2000 }));
    expect(await call(server, "echo", { text: "silent" })).toBe("silent");
    expect(log.starts()).toHaveLength(1);
    // Known by now as a server of the older protocol, it is not probed again.
    process.kill(server.pid ?? 0, "SIGKILL");
    await until(() => log.starts().length === 2 && server.status === "connected", "it is back");
    expect(log.received("server/discover")).toHaveLength(1);
  });

  test("only the named variables and a few harmless ones reach the child", async () => {
    process.env.LANGBATON_TEST_SECRET = "hunter2";
    onTestFinished(() => {
      delete process.env.LANGBATON_TEST_SECRET;
    });
    const server = open(fixture("s", {}, { env: { GIVEN: "yes" } }));
    const environment = JSON.parse(await call(server, "environment")) as Record<string, string>;
    expect(environment).toMatchObject({ GIVEN: "yes", PATH: process.env.PATH });
    expect(environment).not.toHaveProperty("LANGBATON_TEST_SECRET");
  });

  test("many callers at once start one process", async () => {
    const log = createLog();
    const server = open(fixture("s", { log: log.file }));
    await Promise.all([
      ...Array.from({ length: 5 }, () => server.connect()),
      ...Array.from({ length: 5 }, () => call(server, "echo")),
    ]);
    expect(log.starts()).toHaveLength(1);
    expect(log.received("initialize")).toHaveLength(1);
  });
});

describe("messages", () => {
  test("lines that are no messages are passed over", async () => {
    const server = open(fixture("s", { banner: true }));
    expect(await call(server, "echo", { text: "after the banner" })).toBe("after the banner");
  });

  test("a large answer arrives whole", async () => {
    const server = open(fixture("s"));
    expect((await call(server, "big", { bytes: 12_000_000 })).length).toBe(12_000_000);
  });

  test("an answer over the limit is RESULT_TOO_LARGE for its own call, and for no other", async () => {
    const server = open(fixture("s"));
    await server.connect();
    const { pid } = server;
    const other = call(server, "progress", { steps: 1, everyMs: 1 });
    const error = await failure(call(server, "big", { bytes: 17 * 1024 * 1024 }));
    expect(error).toMatchObject({ code: "RESULT_TOO_LARGE", data: { limitBytes: 16 * 1024 * 1024 } });
    expect(await other).toBe("done");
    expect(await call(server, "echo", { text: "still here" })).toBe("still here");
    expect(server.pid).toBe(pid);
  });

  test("a message that is longer than a pipe's buffer reaches the server whole", async () => {
    const server = open(fixture("s"));
    const text = "ü".repeat(500_000);
    expect(await call(server, "echo", { text })).toBe(text);
  });

  test("200 calls at once are answered each with its own result", async () => {
    const server = open(fixture("s"));
    const texts = Array.from({ length: 200 }, (_, n) => `call ${n}`);
    expect(await Promise.all(texts.map((text) => call(server, "echo", { text })))).toEqual(texts);
  });
});

describe("ending", () => {
  test("a server that ignores SIGTERM and the end of its input is gone after close()", async () => {
    const log = createLog();
    const server = open(fixture("s", { stubborn: true, log: log.file }));
    await server.connect();
    await server.close();
    expect(log.starts()).toHaveLength(1);
    expect(log.starts().filter(isAlive)).toEqual([]);
  });

  test("children of the server end with it", async () => {
    const log = createLog();
    const server = open(fixture("s", { grandchild: true, log: log.file }));
    await server.connect();
    const grandchild = log.entries().find((entry) => "grandchild" in entry)?.grandchild as number;
    expect(isAlive(grandchild)).toBe(true);
    await server.close();
    await until(() => !isAlive(grandchild), "the grandchild ends");
  });

  test("a child in a group of its own that holds the output does not hold up close()", async () => {
    const log = createLog();
    const server = open(fixture("s", { grandchild: "detached", log: log.file }));
    await server.connect();
    const grandchild = log.entries().find((entry) => "grandchild" in entry)?.grandchild as number;
    onTestFinished(() => void process.kill(grandchild, "SIGKILL"));
    await server.close();
    expect(log.starts().filter(isAlive)).toEqual([]);
  });

  test("a server behind `sh -c` ends with its shell", async () => {
    const log = createLog();
    const { command, args } = fixture("s", { log: log.file });
    // The second command keeps the shell from replacing itself by the server.
    const script = `'${command}' '${args[0]}' '${args[1]}'; true`;
    const server = open(stdioConfig("s", "sh", ["-c", script]));
    expect(await call(server, "echo", { text: "wrapped" })).toBe("wrapped");
    const pids = [server.pid ?? 0, ...log.starts()];
    expect(new Set(pids).size).toBe(2);
    expect(pids.every(isAlive)).toBe(true);
    await server.close();
    await until(() => !pids.some(isAlive), "shell and server end");
  });

  test("a shell that is killed takes its server along, and both come back", async () => {
    const log = createLog();
    const { command, args } = fixture("s", { log: log.file });
    const server = open(stdioConfig("s", "sh", ["-c", `'${command}' '${args[0]}' '${args[1]}'; true`]));
    await server.connect();
    process.kill(server.pid ?? 0, "SIGKILL");
    await until(() => log.starts().length === 2 && server.status === "connected", "it is back");
    await until(() => !isAlive(log.starts()[0] ?? 0), "the first server ends");
    expect(await call(server, "echo", { text: "back" })).toBe("back");
  });

  test("a program that exits without close() leaves no process, however stubborn", async () => {
    const log = createLog();
    const script = fileURLToPath(new URL("../support/leaves-early.ts", import.meta.url));
    await using run = await startProgram(["--import", "tsx", script], { LOG: log.file }, "leaving");
    await until(() => run.child.exitCode !== null, "the program ends");
    expect(run.child.exitCode).toBe(7);
    const pids = log
      .entries()
      .flatMap(({ start, grandchild }) => [start, grandchild].filter(Number) as number[]);
    expect(pids).toHaveLength(2);
    await until(() => !pids.some(isAlive), "server and grandchild end");
  });
});
