import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCall, type Handler, type Middleware } from "../../../src/core/call.js";
import { compose } from "../../../src/core/compose.js";
import { BatonError } from "../../../src/core/errors.js";
import { toolMatcher } from "../../../src/core/pattern.js";
import type { Result } from "../../../src/core/result.js";
import { audit, type CallRecord } from "../../../src/middleware/audit.js";
import { fallback } from "../../../src/middleware/fallback.js";
import { isListed, narrowed } from "../../../src/middleware/permit/allowlist.js";
import { holdToAllowlist } from "../../../src/middleware/permit/hold.js";
import { type PermitRule, permit } from "../../../src/middleware/permit.js";
import { standard } from "../../../src/middleware/standard.js";
import { createMetrics } from "../../../src/telemetry/metrics.js";
import { failure } from "../../support/calls.js";
import { startTracing } from "../../support/telemetry.js";
import { parsePrometheus } from "../../telemetry/prometheus-parser.js";
import { obeysLaws } from "../laws.js";

const ok: Result = { content: [{ type: "text", text: "ok" }] };
const answer: Handler = async () => ok;
const by = (agent: string, allowlist: readonly string[], rest: object = {}) =>
  createCall({ server: "files", tool: "read", args: {}, caller: { agent }, allowlist, ...rest });

const side = fc.string({ unit: fc.constantFrom("a", "b", "*", "*"), minLength: 1, maxLength: 3 });
const pattern = fc.tuple(side, side).map((sides) => sides.join("."));
const list = fc.array(pattern, { maxLength: 4 });
const name = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 3 });

/** Around a call as the laws make it, which has no list. */
const withList =
  (allowlist: readonly string[]): Middleware =>
  (call, next) =>
    permit({ rules: [] })({ ...call, allowlist }, next);

obeysLaws("permit without rules", () => permit({ rules: [] }));
obeysLaws("permit with a list", () => withList(["s.*"]));

describe("permit() and an agent's list", () => {
  test("decides for random lists, rules and tools as the patterns say, at the call and in the list of tools", async () => {
    const rule = fc
      .tuple(fc.boolean(), fc.array(pattern, { minLength: 1, maxLength: 2 }))
      .map(([allows, names]): PermitRule => (allows ? { allow: names } : { deny: names }));
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.option(list, { nil: undefined }),
        fc.array(rule, { maxLength: 2 }),
        name,
        name,
        async (allowlist, rules, server, tool) => {
          const middleware = permit({ rules });
          const onList = allowlist === undefined || toolMatcher(allowlist)(server, tool);
          const expected = onList && (permit({ rules }).allows?.({ server, tool }) ?? false);
          const call = createCall({ server, tool, args: {}, allowlist });
          const outcome = await middleware(call, answer).catch((error: BatonError) => error.code);
          expect(outcome).toBe(expected ? ok : "DENIED");
          expect(middleware.allows?.({ server, tool, allowlist })).toBe(expected);
          seen.add(`${allowlist === undefined} ${onList} ${expected}`);
        },
      ),
      { numRuns: 2000 },
    );
    expect([...seen].sort()).toEqual([
      "false false false",
      "false true false",
      "false true true",
      "true true false",
      "true true true",
    ]);
  });

  test("names the agent, what it may use and what to do", async () => {
    const call = by("hr", ["hr.*", "files.list"]);
    const error = await failure(permit({ rules: [{ allow: "*.*" }] })(call, answer));
    expect(error.toJSON()).toEqual({
      code: "DENIED",
      message:
        "server 'files', tool 'read': agent 'hr' may use only hr.*, files.list: use one of its own tools, or add this one to them",
      retryable: false,
      effect: "none",
      data: { server: "files", tool: "read", agent: "hr" },
    });
  });

  test("says so when the list is empty, and does not repeat a long one", async () => {
    const said = async (allowlist: readonly string[]) =>
      (await failure(permit({ rules: [] })(by("hr", allowlist), answer))).message;
    expect(await said([])).toContain("agent 'hr' may use no such tool: use one");
    const long = await said(Array.from({ length: 1_000 }, (_, index) => `s${index}.*`));
    expect(long).toContain("s19.* and 980 more: use one");
    expect(long).not.toContain("s20.*");
  });

  test("a pattern that is none is refused, not passed over", () => {
    expect(() => permit({ rules: [] })(by("hr", ["files"]), answer)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
  });

  test("keeps lists of equal names apart, and each decides alike when it is asked again", () => {
    const { allows } = permit({ rules: [] });
    for (let round = 0; round < 3; round++) {
      expect(allows?.(by("a", ["files.read"]))).toBe(true);
      expect(allows?.(by("a", ["files.write"]))).toBe(false);
    }
  });
});

describe("narrowed()", () => {
  const itself = { server: "a", tool: "b" };

  test("never allows what one of the two lists leaves out, and always the tool that both have", () => {
    let allowed = 0;
    fc.assert(
      fc.property(list, list, name, name, name, name, (outer, inner, server, tool, ownServer, ownTool) => {
        const own = { server: ownServer, tool: ownTool };
        const allowlist = narrowed(outer, inner, own);
        const inBoth = (use: { server: string; tool: string }) =>
          isListed({ ...use, allowlist: outer }) && isListed({ ...use, allowlist: inner });
        const use = { server, tool };
        if (isListed({ ...use, allowlist })) {
          expect(inBoth(use)).toBe(true);
          allowed++;
        }
        expect(isListed({ ...own, allowlist })).toBe(inBoth(own));
      }),
      { numRuns: 3000 },
    );
    expect(allowed).toBeGreaterThan(100);
  });

  test("keeps the narrower of two patterns, whichever list has it", () => {
    expect(narrowed(["hr.*", "x.y"], ["hr.read_*", "*.*"], itself)).toEqual(["hr.read_*", "hr.*", "x.y"]);
    expect(narrowed(["hr.*"], ["fin.*"], itself)).toEqual([]);
  });

  test("takes no star in a tool's own name for a pattern", () => {
    expect(narrowed(["a.*x"], ["a.x*"], { server: "a", tool: "x*x" })).toEqual([]);
  });
});

describe("standard() and an agent's list", () => {
  test("a refusal is audited, traced and measured, and nothing inside hears of the call", async () => {
    const tracing = startTracing();
    const metrics = createMetrics();
    const records: CallRecord[] = [];
    let asked = 0;
    const use = standard({
      audit: { to: (record) => void records.push(record as CallRecord) },
      measure: { metrics },
      approve: {
        tools: "*.*",
        ask: async () => {
          asked++;
          return { type: "approve" };
        },
      },
    });
    let ran = 0;
    const handler = compose(use, async () => {
      ran++;
      return ok;
    });
    const error = await failure(handler(by("hr", ["hr.*"])));
    expect(error.code).toBe("DENIED");
    expect([ran, asked]).toEqual([0, 0]);
    expect(records).toMatchObject([
      { outcome: "DENIED", server: "files", tool: "read", caller: { agent: "hr" }, effect: "none" },
    ]);
    expect(tracing.spans().map(({ attributes }) => attributes["error.type"])).toEqual(["DENIED"]);
    const failures = [...parsePrometheus(metrics.prometheus()).values()].flatMap(({ samples }) =>
      samples.filter(({ name, labels, value }) => /_count$/.test(name) && value === 1 && labels.error_type),
    );
    expect(failures.map(({ labels }) => labels.error_type)).toContain("DENIED");
    expect(await handler(by("files", ["files.*"]))).toMatchObject(ok);
    expect([ran, asked]).toEqual([1, 1]);
  });

  test.each([
    ["no options for permit", {}],
    ["permit left out", { permit: false as const }],
    ["rules that allow everything", { permit: { rules: [{ allow: "*.*" }] } }],
  ])("holds with %s, and settings of a tool do not lift it", async (_, options) => {
    const handler = compose(standard(options), answer);
    const settings = { permit: false };
    expect((await failure(handler(by("hr", ["hr.*"], { settings })))).code).toBe("DENIED");
    expect(await handler(by("hr", ["hr.*", "files.read"], { settings }))).toMatchObject(ok);
  });

  test("rules forbid what the list allows", async () => {
    const handler = compose(standard({ permit: { rules: [{ deny: "files.*" }, { allow: "*.*" }] } }), answer);
    expect((await failure(handler(by("hr", ["files.*"])))).data).toMatchObject({ rule: 0 });
  });

  test("an answer that is kept, by cache or key, is not given to an agent that may not ask", async () => {
    let ran = 0;
    const handler = compose(standard({ cache: { ttlMs: 60_000 } }), async () => {
      ran++;
      return ok;
    });
    const kept = [{ hints: { readOnly: true } }, { idempotencyKey: "k" }];
    for (const [index, parts] of kept.entries()) {
      await handler(by("files", ["files.*"], parts));
      // That it is kept at all: the list alone keeps the other agent out.
      await handler(by("files", ["files.*"], parts));
      expect(ran).toBe(index + 1);
      expect((await failure(handler(by("hr", ["hr.*"], parts)))).code).toBe("DENIED");
      expect(ran).toBe(index + 1);
    }
  });

  const failing: Handler = async ({ server }) => {
    if (server === "files") throw new BatonError("UPSTREAM", "broke");
    return ok;
  };

  test.each([
    ["by pattern", { to: "mirror.*" }],
    [
      "by a function that makes a new call",
      { choose: () => createCall({ server: "mirror", tool: "read", args: {} }) },
    ],
  ])("a fallback %s does not lead to a tool outside of the list", async (_, options) => {
    const handler = compose(standard({ fallback: options, retry: false }), failing);
    const error = await failure(handler(by("files", ["files.*"])));
    expect(error).toMatchObject({ code: "DENIED", cause: { code: "UPSTREAM" } });
    expect(await handler(by("files", ["files.*", "mirror.read"]))).toMatchObject(ok);
  });
});

describe("holdToAllowlist()", () => {
  const wayRound: Middleware = (call, next) => next({ ...call, server: "mirror" });

  test("checks before all else where nothing in the list does", async () => {
    let reached = 0;
    const counting: Middleware = (call, next) => {
      reached++;
      return next(call);
    };
    const handler = compose(holdToAllowlist([counting]), answer);
    expect((await failure(handler(by("hr", ["hr.*"])))).code).toBe("DENIED");
    expect(reached).toBe(0);
  });

  test("leaves the place to a permit that is there, so that what stands outside of it hears of the refusal", async () => {
    const records: CallRecord[] = [];
    const use = [audit({ to: (record) => void records.push(record as CallRecord) }), permit({ rules: [] })];
    await failure(compose(holdToAllowlist(use), answer)(by("hr", ["hr.*"])));
    expect(records.map(({ outcome }) => outcome)).toEqual(["DENIED"]);
  });

  test.each([
    ["a part of one's own", wayRound],
    ["a fallback", fallback({ to: "mirror.*" })],
  ])("%s inside of permit does not lead to a tool outside of the list", async (_, part) => {
    let ran = 0;
    const handler = compose(holdToAllowlist([permit({ rules: [] }), part]), async ({ server }) => {
      if (server === "files") throw new BatonError("UPSTREAM", "broke");
      ran++;
      return ok;
    });
    expect((await failure(handler(by("files", ["files.*"])))).code).toBe("DENIED");
    expect(ran).toBe(0);
    await handler(by("files", ["files.*", "mirror.*"]));
    expect(ran).toBe(1);
  });
});
