import { describe, expect, test } from "vitest";
import { calls } from "../../src/adapters/calls.js";
import { loadTools } from "../../src/adapters/tools.js";
import type { Call, Middleware } from "../../src/core/call.js";
import { type Result, resultText } from "../../src/core/result.js";
import { fanOut } from "../../src/execution/fan-out.js";
import { mergeRanked } from "../../src/execution/merge-ranked.js";
import { quorum } from "../../src/execution/quorum.js";
import { permit } from "../../src/middleware/permit.js";
import { failure, openAll } from "../support/calls.js";
import { countOf, scripted, text, tool } from "../support/scripted.js";

const search = tool("search", { properties: { query: { type: "string" } }, required: ["query"] });
const never = () => new Promise(() => {});

function setUp() {
  const configs = [
    scripted("docs", { tools: [search, tool("read")], call: () => text("a b") }),
    scripted("wiki", { tools: [search], call: () => text("b c") }),
    scripted("mail", { tools: [tool("send")] }),
  ];
  return { servers: openAll(configs), configs };
}

describe("calls()", () => {
  test("makes one job for each server that has the tool, ready for fanOut", async () => {
    const { servers, configs } = setUp();
    const ranked = await fanOut(calls(servers, "search", { query: "x" }), {
      timeoutMs: 30_000,
      merge: mergeRanked({ items: (result: Result) => resultText(result).split(" "), key: (word) => word }),
    });
    expect(ranked.map(({ key, sources }) => [key, sources])).toEqual([
      ["b", ["docs.search", "wiki.search"]],
      ["a", ["docs.search"]],
      ["c", ["wiki.search"]],
    ]);
    expect(configs.map(({ received }) => countOf(received, "tools/call"))).toEqual([1, 1, 0]);
  });

  test("takes a pattern, loaded tools, and arguments for each server", async () => {
    const seen: unknown[] = [];
    const watch: Middleware = (call, next) => {
      seen.push([call.server, call.args, call.caller, call.timeoutMs]);
      return next(call);
    };
    const { servers } = setUp();
    const tools = await loadTools(servers, { use: [watch] });
    const jobs = await calls(tools, "wiki.sea*", (server) => ({ query: server }), {
      caller: { agent: "reader" },
      timeoutMs: 500,
    });
    expect(jobs.map(({ name }) => name)).toEqual(["wiki.search"]);
    await fanOut(jobs);
    expect(seen).toEqual([["wiki", { query: "wiki" }, { agent: "reader" }, 500]]);
  });

  test("goes through the middleware and hands on the signal", async () => {
    const seen: Call[] = [];
    const watch: Middleware = (call, next) => {
      seen.push(call);
      return next(call);
    };
    const slow = scripted("slow", { tools: [search], call: never });
    const fast = scripted("fast", { tools: [search], call: () => text("done") });
    const servers = openAll([slow, fast]);
    const [first] = await quorum(calls(servers, "search", { query: "x" }, { use: [watch] }), { size: 1 });
    expect(first?.name).toBe("fast.search");
    expect(seen.map(({ server, signal }) => [server, signal?.aborted])).toEqual([
      ["slow", true],
      ["fast", true],
    ]);
  });

  test("a tool that says that it failed fails its job; wrong arguments are never sent", async () => {
    const ill = scripted("ill", { tools: [search], call: () => ({ ...text("no index"), isError: true }) });
    const strict = scripted("strict", { tools: [search] });
    const { errors } = await fanOut(
      calls(openAll([ill, strict]), "search", (server) => (server === "ill" ? { query: "x" } : {})),
      { require: 0 },
    );
    expect(errors.map(({ name, error }) => [name, error.code, error.effect])).toEqual([
      ["ill.search", "UPSTREAM", "possible"],
      ["strict.search", "INVALID_ARGUMENTS", "none"],
    ]);
    expect(errors[0]?.error.message).toBe("server 'ill', tool 'search' failed: no index");
    expect(countOf(strict.received, "tools/call")).toBe(0);
  });

  test("says so when no server has the tool, and what may have been meant", async () => {
    const { servers } = setUp();
    expect(await failure(calls(servers, "serch", {}))).toMatchObject({
      code: "CONFIG_INVALID",
      message: "calls(): no server has a tool 'serch' that may be called; did you mean 'search'?",
      data: { tool: "serch" },
    });
    const tools = await loadTools(servers);
    expect((await failure(calls(tools, "wiki.read", {}))).message).toMatch(
      /there are: docs.search, docs.read, wiki.search, mail.send$/,
    );
    const use = [permit({ rules: [{ deny: "*.search" }] })];
    expect((await failure(calls(servers, "search", {}, { use }))).message).toMatch(
      /that may be called; there are/,
    );
  });

  test("refuses wrong options, all at once", async () => {
    const options = { use: [], timeout: 5, timeoutMs: 0 };
    const error = await failure(calls([], "", 1 as never, options as never));
    expect((error.data.faults as { path: string }[]).map(({ path }) => path)).toEqual([
      "timeout",
      "tool",
      "args",
      "use",
      "timeoutMs",
    ]);
  });

  test("ends the listing by its signal", async () => {
    const { servers } = setUp();
    expect((await failure(calls(servers, "search", {}, { signal: AbortSignal.abort() }))).code).toBe(
      "CANCELLED",
    );
  });
});
