import { describe, expect, test } from "vitest";
import { loadTools } from "../../src/adapters/tools.js";
import type { Call, Middleware } from "../../src/core/call.js";
import { toolPolicy } from "../../src/mcp/settings.js";
import { standard } from "../../src/middleware/standard.js";
import { openAll } from "../support/calls.js";
import { scripted, tool } from "../support/scripted.js";
import { fixture } from "../support/stdio-fixture.js";
import { refusal, stdio } from "./config/reading.js";

const definition = (name: string, annotations?: object) => ({
  name,
  inputSchema: { type: "object" as const },
  ...(annotations ? { annotations } : {}),
});
const policyOf = (extension: object, name = "create_file", entry: object = {}) =>
  toolPolicy(stdio({ "x-langbaton": extension, ...entry }), definition(name, { readOnlyHint: false }));

describe("toolPolicy()", () => {
  test("has the server's hints where the file says nothing, and no settings", () => {
    const annotations = { readOnlyHint: true, destructiveHint: false, idempotentHint: true };
    expect(toolPolicy(fixture("a"), definition("t", annotations))).toEqual({
      timeoutMs: undefined,
      hints: { readOnly: true, destructive: false, idempotent: true, openWorld: undefined },
      settings: undefined,
    });
  });

  test("lets the file correct a hint, of all tools or of one", () => {
    expect(policyOf({ hints: { idempotent: true } }).hints).toMatchObject({
      readOnly: false,
      idempotent: true,
    });
    const forOne = { tools: { create_file: { hints: { readOnly: true } } } };
    expect(policyOf(forOne).hints.readOnly).toBe(true);
    expect(policyOf(forOne, "other").hints.readOnly).toBe(false);
  });

  test("takes a tool's own options before the server's, the later pattern before the earlier", () => {
    const extension = {
      retry: { attempts: 2 },
      breaker: { consecutive: 3 },
      tools: {
        "create_*": { retry: { attempts: 3 }, limit: false },
        "*_file": { retry: { attempts: 5 } },
        other: { retry: false },
      },
    };
    expect(policyOf(extension).settings).toEqual({
      retry: { attempts: 5 },
      breaker: { consecutive: 3 },
      limit: false,
    });
    expect(policyOf(extension, "other").settings).toMatchObject({ retry: false });
  });

  test("keeps options by identity, so that tools share what is counted under them", () => {
    const config = stdio({ "x-langbaton": { breaker: { consecutive: 3 } } });
    const [a, b] = ["a", "b"].map((name) => toolPolicy(config, definition(name)).settings?.breaker);
    expect(a).toBe(b);
  });

  test("asks nobody about a tool of autoApprove, unless its own entry says so", () => {
    const entry = { autoApprove: ["create_file"] };
    expect(policyOf({}, "create_file", entry).settings).toEqual({ approve: false });
    expect(policyOf({}, "other", entry).settings).toBeUndefined();
    const own = { tools: { create_file: { approve: { from: "low" } } } };
    expect(policyOf(own, "create_file", entry).settings).toEqual({ approve: { from: "low" } });
  });

  test("hands on the entry's own limit", () => {
    expect(policyOf({}, "t", { timeout: 8_000 }).timeoutMs).toBe(8_000);
  });
});

test("every call of a loaded tool carries what the file says for it", async () => {
  const seen: Call[] = [];
  const watch: Middleware = (call, next) => {
    seen.push(call);
    return next(call);
  };
  const config = scripted("files", { tools: [tool("write"), tool("read")] });
  const extension = { retry: { attempts: 2 }, tools: { read: { hints: { readOnly: true }, retry: false } } };
  const [write, read] = await loadTools(openAll([{ ...config, extension }]), { use: [watch] });
  await write?.invoke({});
  await read?.invoke({});
  expect(seen.map(({ hints, settings }) => [hints.readOnly, settings])).toEqual([
    [undefined, { retry: { attempts: 2 } }],
    [true, { retry: false }],
  ]);
});

test("what the file says and nobody obeys is a warning", async () => {
  const config = scripted("crm", { tools: [tool("send_mail"), tool("read")] });
  const extension = {
    permit: { rules: [{ allow: "crm.*" }] },
    tools: { sned_mail: { retry: false }, "crm.read": { retry: false }, "se*": { cache: false } },
  };
  const servers = openAll([{ ...config, extension, autoApprove: ["delete"] }]);
  const warnings: string[] = [];
  const onWarning = (warning: string) => void warnings.push(warning);
  await loadTools(servers, { onWarning });
  expect(warnings).toEqual([
    "server 'crm' has no tool 'delete', which its entry has settings for",
    "server 'crm' has no tool 'sned_mail', which its entry has settings for; did you mean 'send_mail'?",
    "server 'crm' has no tool 'crm.read', which its entry has settings for; did you mean 'read'?",
    "server 'crm': its entry sets permit under x-langbaton, and nothing in 'use' reads that: add ...standard()",
  ]);
  warnings.length = 0;
  await loadTools(servers, { onWarning, use: standard() });
  expect(warnings).toHaveLength(3);
});

test("a tool that a middleware does not allow is not loaded", async () => {
  const servers = openAll([scripted("files", { tools: [tool("write"), tool("read")] })]);
  const onlyReads: Middleware = Object.assign<Middleware, object>((call, next) => next(call), {
    allows: ({ tool: name }: { tool: string }) => name === "read",
  });
  expect((await loadTools(servers, { use: [onlyReads] })).map(({ name }) => name)).toEqual(["read"]);
});

test.each([
  [{ rety: {} }, "rety", "Did you mean retry?"],
  [{ retry: 3 }, "retry", "Write its options, or false to go without"],
  [{ retry: { attempts: 0 } }, "retry.attempts", "It must be a whole number from 1 to 20"],
  [{ retry: { atempts: 2 } }, "retry.atempts", "Did you mean attempts?"],
  [{ breaker: { failureRate: 50 } }, "breaker.failureRate", "It must be a share above 0"],
  [{ breaker: { per: "host" } }, "breaker.per", "It must be one of server, tool"],
  [{ rateLimit: { calls: -1 } }, "rateLimit.calls", "It must be a whole number"],
  [{ timeout: { totalMs: "5s" } }, "timeout.totalMs", "It must be a whole number of milliseconds"],
  [{ approve: { expiresMs: 0 } }, "approve.expiresMs", "It must be a whole number of milliseconds"],
  [{ cache: { ttlMs: -5 } }, "cache.ttlMs", "It must be a whole number of milliseconds"],
  [{ hints: { readonly: true } }, "hints.readonly", "Write one of readOnly"],
  [{ hints: { readOnly: "yes" } }, "hints.readOnly", "Write one of readOnly"],
  [{ tools: [] }, "tools", 'Write { "tool_name"'],
  [{ tools: { t: true } }, "tools.t", "Write"],
  [{ tools: { t: { retry: { attempts: 99 } } } }, "tools.t.retry.attempts", "from 1 to 20"],
])("a file with %j is refused at its place", (extension, path, fix) => {
  const { faults } = refusal({ mcpServers: { a: { command: "x", "x-langbaton": extension } } });
  expect(faults).toHaveLength(1);
  expect(faults[0]?.path).toBe(`mcpServers.a["x-langbaton"].${path}`);
  expect(faults[0]?.fix).toContain(fix);
});
