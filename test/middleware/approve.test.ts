import { beforeAll, describe, expect, test } from "vitest";
import { type Call, createCall } from "../../src/core/call.js";
import { hashJson } from "../../src/core/canonical.js";
import { BatonError } from "../../src/core/errors.js";
import type { Result } from "../../src/core/result.js";
import type { ApprovalRequest } from "../../src/middleware/approve/request.js";
import { type ApproveOptions, approve } from "../../src/middleware/approve.js";
import { failure } from "../support/calls.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { obeysLaws } from "./laws.js";

const ok: Result = { content: [{ type: "text", text: "ok" }] };
const remove = (rest: Partial<Call> = {}) =>
  createCall({ server: "files", tool: "remove", args: { path: "a.txt" }, ...rest });

/** Runs one call and says which calls got through. */
async function run(options: ApproveOptions, call = remove()) {
  const passed: Call[] = [];
  const outcome = await approve(options)(call, async (chosen) => {
    passed.push(chosen);
    return ok;
  }).catch((error: unknown) => error as BatonError);
  return { outcome, passed };
}

// The first question loads LangGraph, which takes longer than a law waits.
beforeAll(() => run({ ask: async () => ({ type: "approve" }) }));

obeysLaws("approve with a call that is free", (clock) => approve({ clock }));
obeysLaws("approve with a call that a person approves", (clock) =>
  approve({ from: "low", ask: async () => ({ type: "approve" }), clock }),
);

describe("who is asked about what", () => {
  const cases: readonly (readonly [ApproveOptions, Call["hints"], boolean])[] = [
    [{}, {}, true],
    [{}, { readOnly: true }, false],
    [{}, { readOnly: true, destructive: true }, false],
    [{}, { destructive: false }, false],
    [{}, { destructive: true }, true],
    [{}, { idempotent: true, openWorld: false }, true],
    [{ from: "medium" }, { destructive: false }, true],
    [{ from: "medium" }, { readOnly: true }, false],
    [{ from: "low" }, { readOnly: true }, true],
    [{ tools: "files.re*" }, { readOnly: true }, true],
    [{ tools: ["mail.*", "files.*"] }, { destructive: false }, true],
    [{ tools: "mail.*" }, { readOnly: true }, false],
    [{ tools: "mail.*" }, {}, true],
    [{ risk: () => "low" }, {}, false],
    [{ risk: ({ args }) => (args.path === "a.txt" ? "high" : "low") }, { readOnly: true }, true],
    [{ from: "medium", risk: () => "unheard of" as "low" }, { readOnly: true }, true],
  ];
  test.each(cases)("%j with hints %j: %s", async (options, hints, isAsked) => {
    let questions = 0;
    const { passed } = await run(
      {
        ...options,
        ask: async () => {
          questions++;
          return { type: "reject" };
        },
      },
      remove({ hints }),
    );
    expect(questions).toBe(isAsked ? 1 : 0);
    expect(passed).toHaveLength(isAsked ? 0 : 1);
  });

  test("a call that needs nobody passes as it is, without a promise of its own", () => {
    const call = remove({ hints: { readOnly: true } });
    const answer = Promise.resolve(ok);
    expect(
      approve()(call, (passed) => {
        expect(passed).toBe(call);
        return answer;
      }),
    ).toBe(answer);
  });
});

describe("asking a program", () => {
  test("shows what would happen, in LangChain's form", async () => {
    let shown: ApprovalRequest | undefined;
    const clock = new FakeClock();
    await run(
      {
        clock,
        expiresMs: 5000,
        ask: async (request) => {
          shown = request;
          return { type: "approve" };
        },
      },
      remove({ toolCallId: "call_1" }),
    );
    expect(shown).toEqual({
      actionRequests: [{ name: "remove", args: { path: "a.txt" }, description: expect.any(String) }],
      reviewConfigs: [{ actionName: "remove", allowedDecisions: ["approve", "edit", "reject"] }],
      server: "files",
      tool: "remove",
      risk: "high",
      toolCallId: "call_1",
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      expiresAt: clock.now() + 5000,
    });
    expect(shown?.actionRequests[0].description).toBe(
      'The tool "remove" of the server "files" asks for approval. Risk: high.\n\nArguments: {\n  "path": "a.txt"\n}',
    );
  });

  test("shows a preview, and the reason when there is none", async () => {
    const texts: string[] = [];
    const ask: ApproveOptions["ask"] = async ({ actionRequests: [action] }) => {
      texts.push(action.description);
      return { type: "approve" };
    };
    await run({ ask, preview: async ({ args }) => `Deletes ${args.path}, 3 lines.` });
    const broken = () => Promise.reject(new Error("no such file"));
    const { outcome } = await run({ ask, preview: broken });
    expect(texts[0]).toMatch(/Deletes a\.txt, 3 lines\.$/);
    expect(texts[1]).toMatch(/There is no preview: no such file$/);
    expect(outcome).toBe(ok);
  });

  test("shows what cannot be seen, and leaves the call itself as it is", async () => {
    const shown: ApprovalRequest[] = [];
    const ask: ApproveOptions["ask"] = async (request) => {
      shown.push(request);
      return { type: "approve" };
    };
    const args = { path: "a\u202Etxt.exe", "k\u200B\u200Bey": "\u009Bm" };
    const call = remove({ tool: "rem\u2060ove\u009B", server: "s", args });
    const { passed } = await run({ ask }, call);
    await run({ ask, preview: () => "Sends it to\u2066 ann\x1b[8m." }, call);
    await run({ ask, preview: () => Promise.reject(new Error("no\u200Bfile")) }, call);
    const [plain, preview, broken] = shown.map(({ actionRequests: [action] }) => action);
    expect(plain).toMatchObject({ name: call.tool, args });
    expect(plain?.description).toBe(
      'The tool "rem[1 hidden character]ove\\u009b" of the server "s" asks for approval. Risk: high.\n\n' +
        'Arguments: {\n  "path": "a[1 hidden character]txt.exe",\n  "k[2 hidden characters]ey": "\\u009bm"\n}',
    );
    expect(preview?.description).toMatch(/Sends it to\[1 hidden character\] ann\.$/);
    expect(broken?.description).toMatch(/no\[1 hidden character\]file$/);
    expect(passed).toEqual([call]);
  });

  test("computes no preview for a call that nobody is asked about", async () => {
    const preview = () => {
      throw new Error("computed");
    };
    const { outcome } = await run({ preview }, remove({ hints: { readOnly: true } }));
    expect(outcome).toBe(ok);
  });

  test("an edit changes the arguments alone", async () => {
    const call = remove({ idempotencyKey: "k" });
    const args = { path: "b.txt" };
    const ask = async () => ({ type: "edit", editedAction: { name: "remove", args } }) as const;
    const { passed } = await run({ ask }, call);
    expect(passed).toEqual([{ ...call, args }]);
  });

  test("an edit that names another tool is refused", async () => {
    const ask = async () =>
      ({ type: "edit", editedAction: { name: "format_disk", args: {} }, by: "ann" }) as const;
    const { outcome, passed } = await run({ ask });
    expect(passed).toEqual([]);
    expect(outcome).toMatchObject({
      code: "REJECTED",
      effect: "none",
      retryable: false,
      data: { server: "files", tool: "remove", reason: "edited", by: "ann" },
    });
  });

  test("a rejection carries who and why", async () => {
    const ask = async () => ({ type: "reject", message: "we still need it", by: "ann" }) as const;
    const { outcome, passed } = await run({ ask });
    expect(passed).toEqual([]);
    expect((outcome as BatonError).toJSON()).toEqual({
      code: "REJECTED",
      message: "server 'files', tool 'remove': a person rejected the call: we still need it",
      retryable: false,
      effect: "none",
      data: { server: "files", tool: "remove", reason: "rejected", by: "ann" },
    });
  });

  const unreadable: readonly unknown[] = [
    ...[
      undefined,
      null,
      true,
      "approve",
      [],
      {},
      { type: "accept" },
      { type: "Approve" },
      { type: ["approve"] },
    ],
    ...[{ type: "edit" }, { type: "edit", editedAction: { name: "remove", args: [] } }],
    ...[
      { type: "edit", editedAction: { args: {} } },
      { type: "approve", hash: 1 },
      { type: "approve", hash: "x" },
    ],
    Object.create({ constructor: "approve" }),
  ];
  test.each(unreadable)("nothing runs on %j", async (decision) => {
    const { outcome, passed } = await run({ ask: async () => decision as { type: "approve" } });
    expect(passed).toEqual([]);
    expect(outcome).toMatchObject({ code: "REJECTED", data: { reason: "unreadable" } });
  });

  test("a decision that repeats the hash counts", async () => {
    const { outcome } = await run({ ask: async ({ hash }) => ({ type: "approve", hash }) });
    expect(outcome).toBe(ok);
  });

  test("nothing runs when the arguments changed while the person thought", async () => {
    const args = { path: "a.txt" };
    const ask = async () => {
      args.path = "/";
      return { type: "approve" } as const;
    };
    const { outcome, passed } = await run({ ask }, remove({ args }));
    expect(passed).toEqual([]);
    expect(outcome).toMatchObject({ code: "REJECTED", data: { reason: "changed" } });
  });

  test("what ask() throws passes as it is", async () => {
    const error = new Error("the terminal is gone");
    expect(await run({ ask: () => Promise.reject(error) })).toEqual({ outcome: error, passed: [] });
  });

  test("without a graph and without ask it says what to do", async () => {
    const { outcome, passed } = await run({});
    expect(passed).toEqual([]);
    expect(outcome).toMatchObject({ code: "CONFIG_INVALID", data: { server: "files", tool: "remove" } });
    expect((outcome as BatonError).message).toMatch(
      /give the graph a checkpointer, or give approve\(\) the option ask/,
    );
  });
});

describe("what is told of a decision", () => {
  const edit = { type: "edit", editedAction: { name: "remove", args: { path: "b.txt" } } } as const;
  const ranArgsHash = hashJson({ path: "b.txt" });

  test.each([
    [{ type: "approve" }, undefined],
    [{ type: "approve", by: "ann" }, { approvedBy: "ann" }],
    [edit, { ranArgsHash }],
    [
      { ...edit, by: "ann" },
      { approvedBy: "ann", ranArgsHash },
    ],
  ] as const)("after %j stands in the result, and in an error's data", async (decision, facts) => {
    const approving = approve({ ask: async () => decision });
    const result = await approving(remove(), async () => ok);
    expect(result).toEqual(facts === undefined ? ok : { ...ok, obtained: facts });
    const cause = new Error("reset");
    const options = { cause, retryable: true, effect: "possible", data: { status: 502 } } as const;
    const thrown = new BatonError("UPSTREAM", "down", options);
    const error = await failure(approving(remove(), () => Promise.reject(thrown)));
    expect(error.toJSON()).toEqual({ ...thrown.toJSON(), data: { status: 502, ...facts } });
    expect(error.cause).toBe(cause);
    if (facts === undefined) expect([result, error]).toEqual([ok, thrown]);
    const foreign = Object.assign(new Error("no"), { is_bubble_up: true });
    await expect(approving(remove(), () => Promise.reject(foreign))).rejects.toBe(foreign);
  });

  test("says of two approvals what the inner one, which came last, did", async () => {
    const outer = approve({ ask: async () => ({ ...edit, by: "ann" }) });
    const inner = approve({ ask: async () => ({ type: "approve", by: "bob" }) });
    const result = await outer(remove(), (call) => inner(call, async () => ok));
    expect(result.obtained).toEqual({ approvedBy: "bob", ranArgsHash });
  });
});

describe("waiting for a program's answer", () => {
  /** A person who never answers, and what they were told meanwhile. */
  function silent() {
    const seen: AbortSignal[] = [];
    const ask: ApproveOptions["ask"] = (_, signal) => {
      seen.push(signal);
      return new Promise(() => {});
    };
    return { seen, ask };
  }

  test("the caller's abort ends it at once and closes the question", async () => {
    const clock = new FakeClock();
    const caller = new AbortController();
    const { seen, ask } = silent();
    const outcome = failure(approve({ ask, clock })(remove({ signal: caller.signal }), async () => ok));
    await settle();
    caller.abort(new Error("enough"));
    expect((await outcome).toJSON()).toMatchObject({ code: "CANCELLED", effect: "none" });
    expect([seen[0]?.aborted, clock.pending]).toEqual([true, 0]);
  });

  test("it expires", async () => {
    const clock = new FakeClock();
    const { seen, ask } = silent();
    const outcome = failure(approve({ ask, clock, expiresMs: 1000 })(remove(), async () => ok));
    await clock.advance(999);
    expect(seen[0]?.aborted).toBe(false);
    await clock.advance(1);
    expect((await outcome).toJSON()).toMatchObject({ code: "REJECTED", data: { reason: "expired" } });
    expect([seen[0]?.aborted, clock.pending]).toEqual([true, 0]);
  });

  test("it keeps to the call's deadline", async () => {
    const clock = new FakeClock();
    const { ask } = silent();
    const call = remove({ deadline: clock.now() + 500 });
    const outcome = failure(approve({ ask, clock, expiresMs: 1000 })(call, async () => ok));
    await clock.advance(500);
    expect((await outcome).toJSON()).toMatchObject({
      code: "TIMEOUT",
      effect: "none",
      data: { timeoutMs: 500 },
    });
    expect(clock.pending).toBe(0);
  });

  test("an answer after that runs nothing", async () => {
    const clock = new FakeClock();
    let answer = (_: { readonly type: "approve" }): void => {};
    let runs = 0;
    const outcome = failure(
      approve({
        clock,
        expiresMs: 1000,
        ask: () => new Promise((resolve) => (answer = resolve)),
      })(remove(), async () => {
        runs++;
        return ok;
      }),
    );
    await clock.advance(1000);
    answer({ type: "approve" });
    expect((await outcome).code).toBe("REJECTED");
    await settle();
    expect(runs).toBe(0);
  });
});
