import type { ToolMessage } from "@langchain/core/messages";
import { MultiServerMCPClient } from "@langchain/mcp-adapters";
import { describe, expect, onTestFinished, test } from "vitest";
import { wrapClientTools } from "../../src/adapters/interop.js";
import { McpTool } from "../../src/adapters/mcp-tool.js";
import { loadTools } from "../../src/adapters/tools.js";
import type { Call, Middleware } from "../../src/core/call.js";
import { BatonError } from "../../src/core/errors.js";
import { cache } from "../../src/middleware/cache.js";
import { hedge } from "../../src/middleware/hedge.js";
import { permit } from "../../src/middleware/permit.js";
import { standard } from "../../src/middleware/standard.js";
import { failure, openAll } from "../support/calls.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { countOf, scripted, text, tool } from "../support/scripted.js";
import { fixture } from "../support/stdio-fixture.js";

const read = tool(
  "read",
  { properties: { path: { type: "string" } }, required: ["path"] },
  { description: "Reads", annotations: { readOnlyHint: true } },
);
const toolCall = (args: object = { path: "a" }) =>
  ({ type: "tool_call", id: "1", name: "read", args: { ...args } }) as const;
const hr = { agent: "hr", allowlist: ["hr.*"] };

async function only(
  use: readonly Middleware[] = [],
  options: Omit<Parameters<typeof loadTools>[1], "use"> = {},
) {
  const config = scripted("files", { tools: [read] });
  const [loaded] = await loadTools(openAll([config]), { use, ...options });
  if (!loaded) throw new Error("the server has no tool");
  return { loaded, runs: () => countOf(config.received, "tools/call") };
}

describe("McpTool.scoped()", () => {
  test("is the same tool in other hands, with what was set on it", async () => {
    const { loaded, runs } = await only();
    loaded.defaultConfig = { tags: ["mine"] };
    loaded.tags = ["yours"];
    const scoped = loaded.scoped({ agent: "reader", allowlist: ["files.read"] });
    expect(scoped).toBeInstanceOf(McpTool);
    expect(scoped).not.toBe(loaded);
    for (const key of ["name", "description", "schema", "metadata", "defaultConfig", "tags"] as const)
      expect(scoped[key]).toBe(loaded[key]);
    expect(await scoped.invoke({ path: "a" })).toBe('{"path":"a"}');
    expect((await failure(scoped.invoke({}))).code).toBe("INVALID_ARGUMENTS");
    expect(runs()).toBe(1);
  });

  test.each([
    ["one for all", { user: "ann", agent: "app" }],
    [
      "a function of the run's config",
      ({ configurable }: { configurable?: Record<string, unknown> }) => ({
        user: String(configurable?.user),
        agent: "app",
      }),
    ],
  ])("its calls say the agent beside who calls, %s", async (_, caller) => {
    const calls: Call[] = [];
    const watch: Middleware = (call, next) => {
      calls.push(call);
      return next(call);
    };
    const { loaded } = await only([watch], { caller });
    const allowlist = ["files.*"];
    const config = { configurable: { user: "ann" } };
    await loaded.scoped({ agent: "reader", allowlist }).invoke({ path: "a" }, config);
    await loaded.invoke({ path: "a" }, config);
    expect(calls.map((call) => [call.caller, call.allowlist])).toEqual([
      [{ user: "ann", agent: "reader" }, allowlist],
      [{ user: "ann", agent: "app" }, undefined],
    ]);
  });

  test("a tool outside of the list is refused whatever the arguments, which are not judged", async () => {
    const { loaded, runs } = await only(standard());
    for (const args of [{ path: "a" }, {}, { path: 1, other: true }]) {
      const message: ToolMessage = await loaded.scoped(hr).invoke(toolCall(args));
      expect(message).toMatchObject({
        status: "error",
        content:
          "Error (DENIED): server 'files', tool 'read': agent 'hr' may use only hr.*: use one of its own tools, or add this one to them",
        artifact: { error: { code: "DENIED", data: { agent: "hr" } } },
      });
    }
    expect((await failure(loaded.scoped(hr).invoke({}))).code).toBe("DENIED");
    expect(runs()).toBe(0);
  });

  test.each([
    ["no middleware", []],
    ["none that checks", [cache({ ttlMs: 60_000, tools: ["*.*"] })]],
    ["a permit inside of others", [((call, next) => next(call)) as Middleware, permit({ rules: [] })]],
  ])("the list holds with %s", async (_, use) => {
    const { loaded, runs } = await only(use);
    await loaded.invoke({ path: "a" });
    expect((await failure(loaded.scoped(hr).invoke({ path: "a" }))).code).toBe("DENIED");
    expect(runs()).toBe(1);
    await loaded.scoped({ agent: "reader", allowlist: ["*.read"] }).invoke({ path: "b" });
    expect(runs()).toBe(2);
  });

  test("a second scope never widens the first", async () => {
    const { loaded } = await only();
    const outcome = (lists: readonly (readonly string[])[]) =>
      lists
        .reduce((inner, allowlist, index) => inner.scoped({ agent: `a${index}`, allowlist }), loaded)
        .invoke({ path: "a" })
        .then(
          () => "ran",
          (error: BatonError) => `${error.code} ${error.data.agent}`,
        );
    expect(await outcome([["hr.*"], ["*.*"]])).toBe("DENIED a1");
    expect(await outcome([["*.*"], ["hr.*"]])).toBe("DENIED a1");
    expect(await outcome([["*.*"], ["files.*"]])).toBe("ran");
    // Two patterns that only overlap.
    expect(await outcome([["files.r*"], ["files.*d"]])).toBe("ran");
  });

  test("refuses a pattern that is none", async () => {
    const { loaded } = await only();
    expect(() => loaded.scoped({ agent: "hr", allowlist: ["files"] })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
  });

  test("an interrupt of a middleware passes by identity", async () => {
    const interrupt = Object.assign(new Error("approve?"), { name: "GraphInterrupt", is_bubble_up: true });
    const { loaded } = await only([() => Promise.reject(interrupt)]);
    const scoped = loaded.scoped({ agent: "reader", allowlist: ["files.*"] });
    await expect(scoped.invoke(toolCall())).rejects.toBe(interrupt);
  });
});

describe("a list and ways to another server", () => {
  test.each([
    [["files.*"], 0],
    [["files.*", "mirror.*"], 1],
  ])("a hedge with the list %j asks the mirror %i times", async (allowlist, asked) => {
    const clock = new FakeClock();
    let finish: (() => void) | undefined;
    let isSlow = false;
    let runs = 0;
    const files = scripted("files", {
      tools: [read],
      async call() {
        if (isSlow) await new Promise<void>((resolve) => (finish = resolve));
        else await clock.advance(runs++ < 20 ? 10 : 9);
        return text("files");
      },
    });
    const mirror = scripted("mirror", { tools: [read], call: () => text("mirror") });
    const use = [permit({ rules: [] }), hedge({ to: "mirror", clock })];
    const [loaded] = await loadTools(openAll([files, mirror]), { use, include: ["files.*"] });
    const scoped = loaded?.scoped({ agent: "reader", allowlist });
    for (let i = 0; i < 40; i++) await scoped?.invoke({ path: "a" });
    isSlow = true;
    const run = scoped?.invoke({ path: "a" });
    while (finish === undefined) await settle();
    await clock.advance(100);
    await settle();
    finish();
    expect(await run).toBe(asked === 1 ? "mirror" : "files");
    expect(countOf(mirror.received, "tools/call")).toBe(asked);
  });

  test("a fallback to a tool outside of the list is refused, and the cause is told", async () => {
    const files = scripted("files", {
      tools: [read],
      methods: { "tools/call": () => Promise.reject(new Error("down")) },
    });
    const mirror = scripted("mirror", { tools: [read] });
    const use = standard({ fallback: { to: "mirror.*" }, retry: false });
    const [loaded] = await loadTools(openAll([files, mirror]), { use, include: ["files.*"] });
    const error = await failure(
      loaded?.scoped({ agent: "reader", allowlist: ["files.*"] }).invoke({ path: "a" }) ?? Promise.resolve(),
    );
    expect(error).toMatchObject({ code: "DENIED", data: { server: "mirror", agent: "reader" } });
    expect(error.cause).toBeInstanceOf(BatonError);
    expect(countOf(mirror.received, "tools/call")).toBe(0);
    const allowed = loaded?.scoped({ agent: "reader", allowlist: ["*.read"] });
    expect(await allowed?.invoke({ path: "a" })).toBe('{"path":"a"}');
  });
});

test("wrapClientTools(): its tools can be scoped as well", async () => {
  const { command, args } = fixture("s");
  const client = new MultiServerMCPClient({ mcpServers: { fixture: { command, args: [...args] } } });
  onTestFinished(() => client.close());
  const calls: Call[] = [];
  const use: Middleware[] = [
    (call, next) => {
      calls.push(call);
      return next(call);
    },
  ];
  const echo = (await wrapClientTools(client, { use })).find(({ name }) => name === "echo");
  expect(await echo?.scoped({ agent: "a", allowlist: ["fixture.echo"] }).invoke({ text: "hi" })).toBe("hi");
  const error = await failure(echo?.scoped(hr).invoke({ text: "hi" }) ?? Promise.resolve());
  expect(error).toMatchObject({ code: "DENIED", data: { server: "fixture", tool: "echo", agent: "hr" } });
  expect(calls.map(({ caller }) => caller)).toEqual([{ agent: "a" }]);
});
