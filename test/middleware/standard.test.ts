import { describe, expect, test } from "vitest";
import { loadTools } from "../../src/adapters/tools.js";
import { type Call, createCall, type Handler, type Middleware } from "../../src/core/call.js";
import { compose } from "../../src/core/compose.js";
import { BatonError, isBatonError } from "../../src/core/errors.js";
import { type Result, resultText } from "../../src/core/result.js";
import { partNames, type Settings } from "../../src/core/settings.js";
import { overridable } from "../../src/middleware/shared/overridable.js";
import { type StandardOptions, standard } from "../../src/middleware/standard.js";
import { failure, openAll } from "../support/calls.js";
import { FakeClock } from "../support/fake-clock.js";
import { RpcFault, scripted, text, tool } from "../support/scripted.js";
import { createLog, fixture } from "../support/stdio-fixture.js";
import { obeysLaws } from "./laws.js";

const ok: Result = { content: [{ type: "text", text: "ok" }] };
const someCall = (rest: object = {}) => createCall({ server: "s", tool: "t", args: {}, ...rest });
const everything: StandardOptions = {
  audit: { to: () => {} },
  fallback: { choose: () => undefined },
  permit: { rules: [{ allow: "*.*" }] },
  approve: { ask: () => Promise.resolve({ type: "approve" }) },
  cache: { ttlMs: 1_000 },
  minimise: { rules: [] },
  hedge: {},
  rateLimit: { calls: 1_000, perMs: 1_000 },
};

/** One middleware out of the whole list, as the laws want it. */
function asOne(options: StandardOptions): Middleware {
  const use = standard(options);
  return (call, next) => compose(use, next)(call);
}

obeysLaws("standard", (clock) => asOne({ clock }));
obeysLaws("standard with everything", (clock) => asOne({ clock, ...everything }));

describe("standard()", () => {
  test("keeps a call alive over a killed server, and counts the attempts", async () => {
    const log = createLog();
    const servers = openAll([
      {
        ...fixture("fixture", { log: log.file }),
        extension: { tools: { "*": { hints: { readOnly: true } } } },
      },
    ]);
    const tools = await loadTools(servers, { use: standard() });
    const byName = new Map(tools.map((each) => [each.name, each]));
    const [pid] = log.starts();
    const slow = byName.get("progress")?.invoke({
      type: "tool_call",
      name: "progress",
      id: "1",
      args: { steps: 3, everyMs: 30 },
    });
    process.kill(pid ?? 0, "SIGKILL");
    const message = await slow;
    expect(message.content).toBe("done");
    expect(message.artifact.obtained.attempts).toBeGreaterThan(1);
  });

  test("refuses and hides what no rule allows, by one decision", async () => {
    const servers = openAll([scripted("files", { tools: [tool("read"), tool("delete")] })]);
    const use = standard({ permit: { rules: [{ allow: "files.read" }] } });
    expect((await loadTools(servers, { use })).map(({ name }) => name)).toEqual(["read"]);
    const handler = compose(use, (call) => servers.call(call));
    expect((await failure(handler(createCall({ server: "files", tool: "delete", args: {} })))).code).toBe(
      "DENIED",
    );
  });

  test("audits one record for a call of many attempts, and one for a denied call", async () => {
    const clock = new FakeClock();
    const records: { outcome: string; attempts?: number }[] = [];
    const use = standard({
      clock,
      audit: { to: (record) => void records.push(record as { outcome: string }) },
      permit: { rules: [{ deny: "s.forbidden" }, { allow: "*.*" }] },
    });
    let runs = 0;
    const handler = compose(use, async () => {
      if (++runs < 3) throw new BatonError("UPSTREAM", "broke", { retryable: true });
      return ok;
    });
    const run = handler(someCall());
    await clock.advance(5_000);
    await run;
    await failure(handler(someCall({ tool: "forbidden" })));
    expect(records.map(({ outcome, attempts }) => [outcome, attempts])).toEqual([
      ["ok", 3],
      ["DENIED", undefined],
    ]);
  });

  test("a fallback does not lead around the rules", async () => {
    const use = standard({
      permit: { rules: [{ allow: "s.*" }] },
      fallback: { to: "mirror.*" },
      retry: false,
    });
    const seen: string[] = [];
    const handler = compose(use, async (call) => {
      seen.push(call.server);
      throw new BatonError("UPSTREAM", "broke");
    });
    const error = await failure(handler(someCall()));
    expect(seen).toEqual(["s"]);
    expect(error.code).toBe("DENIED");
    expect(isBatonError(error.cause, "UPSTREAM")).toBe(true);
  });

  test("a fallback does not lead around the rules that the file has for the other server", async () => {
    let ran = 0;
    const main = scripted("main", {
      tools: [tool("wipe")],
      methods: { "tools/call": () => Promise.reject(new RpcFault(-32000, "down")) },
    });
    const mirror = scripted("mirror", {
      tools: [tool("wipe")],
      call: () => {
        ran++;
        return text("wiped");
      },
    });
    const servers = openAll([
      { ...main, extension: { hints: { readOnly: true } } },
      { ...mirror, extension: { permit: { rules: [{ allow: "*.*" }, { deny: "mirror.wipe" }] } } },
    ]);
    const tools = await loadTools(servers, { use: standard({ fallback: { to: "mirror.*" } }) });
    expect(tools.map(({ metadata }) => metadata.server)).toEqual(["main"]);
    expect((await failure(tools[0]?.invoke({}) ?? Promise.resolve())).code).toBe("DENIED");
    expect(ran).toBe(0);
  });

  test("keeps results without what was removed from them", async () => {
    const use = standard({
      cache: { ttlMs: 60_000 },
      minimise: { rules: [{ tools: "*.*", mask: ["email"] }] },
    });
    const handler = compose(use, async () => ({
      content: [{ type: "text", text: "write to ana@example.com" }] as const,
    }));
    const call = () => handler(someCall({ hints: { readOnly: true } }));
    const [first, second] = [await call(), await call()];
    expect([resultText(first), resultText(second)]).toEqual(["write to [email]", "write to [email]"]);
    expect(second.obtained?.cache).toBe("hit");
  });

  test("one deadline holds for all attempts and waits", async () => {
    const clock = new FakeClock();
    const use = standard({ clock, timeout: { totalMs: 1_000 }, retry: { baseMs: 400, attempts: 20 } });
    const start = clock.now();
    let lastRun = 0;
    const run = failure(
      compose(use, async () => {
        lastRun = clock.now();
        throw new BatonError("UPSTREAM", "broke", { retryable: true });
      })(someCall()),
    );
    await clock.advance(10_000);
    expect((await run).code).toBe("UPSTREAM");
    expect(lastRun - start).toBeLessThan(1_000);
  });

  test.each([
    ["retry", { attempts: 0 }],
    ["breaker", { failureRate: 2 }],
    ["timeout", { totalMs: 0 }],
    ["cache", { ttlMs: -1 }],
  ])("refuses wrong options of %s at once", (part, options) => {
    expect(() => standard({ [part]: options })).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });

  test.each([{ permitt: { rules: [] } }, { retry: true }, { timeout: 5 }, { cache: null }])(
    "refuses %j: what is misspelt protects nothing",
    (options) => {
      expect(() => standard(options as StandardOptions)).toThrow(
        expect.objectContaining({ code: "CONFIG_INVALID" }),
      );
    },
  );

  test("has a place for every part that a file can set, and takes false for each", () => {
    const without = Object.fromEntries(partNames.map((part) => [part, false])) as StandardOptions;
    const handler: Handler = async () => ok;
    return expect(compose(standard(without), handler)(someCall())).resolves.toBe(ok);
  });
});

describe("a tool's own settings", () => {
  test("switch a part off, or change its options, for that tool alone", async () => {
    const clock = new FakeClock();
    const use = standard({ clock });
    const runsOf = async (settings: Call["settings"]) => {
      let runs = 0;
      const run = failure(
        compose(use, async () => {
          runs++;
          throw new BatonError("UPSTREAM", "broke", { retryable: true });
        })(someCall({ server: `s${Math.random()}`, settings })),
      );
      await clock.advance(60_000);
      await run;
      return runs;
    };
    expect(await runsOf(undefined)).toBe(5);
    expect(await runsOf({ retry: false })).toBe(1);
    expect(await runsOf({ retry: { attempts: 2 } })).toBe(2);
    expect(await runsOf({ breaker: { consecutive: 1, openMs: 60_000 } })).toBe(1);
  });

  test("come from the configuration file to the call", async () => {
    let runs = 0;
    const config = scripted("api", {
      tools: [tool("flaky"), tool("other")],
      call: () => {
        runs++;
        return text("fine");
      },
    });
    const extension = { tools: { flaky: { hints: { readOnly: true }, cache: { ttlMs: 60_000 } } } };
    const [flaky, other] = await loadTools(openAll([{ ...config, extension }]), { use: standard() });
    for (const each of [flaky, flaky, other, other]) await each?.invoke({});
    expect(runs).toBe(3);
  });

  test("forbid more, and allow nothing that the program forbids", async () => {
    const use = standard({ permit: { rules: [{ allow: "s.t" }] } });
    const handler = compose(use, async () => ok);
    const outcome = (tool: string, permitted: Settings["permit"]) =>
      handler(someCall({ tool, settings: { permit: permitted } })).then(
        () => "allowed",
        (error: BatonError) => error.code,
      );
    expect(await outcome("t", { rules: [{ deny: "s.t" }] })).toBe("DENIED");
    expect(await outcome("other", { rules: [{ allow: "*.*" }] })).toBe("DENIED");
    expect(await outcome("other", false)).toBe("DENIED");
    expect(await outcome("t", false)).toBe("allowed");
  });

  test("share what is counted when they are one object, and keep what code gave", async () => {
    const made: object[] = [];
    const part = overridable(
      "retry",
      { attempts: 2, store: "mine" },
      (options) => {
        made.push(options);
        return (call, next) => next(call);
      },
      undefined,
    );
    const own = { attempts: 5 };
    for (const settings of [{ retry: own }, { retry: own }, { retry: { attempts: 5 } }, undefined])
      await part(someCall({ settings }), async () => ok);
    expect(made).toEqual([
      { attempts: 2, store: "mine" },
      { attempts: 5, store: "mine" },
      { attempts: 5, store: "mine" },
    ]);
  });
});
