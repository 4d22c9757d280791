import type { JSONRPCMessage } from "@modelcontextprotocol/client";
import { describe, expect, test } from "vitest";
import { Inbound } from "../../src/mcp/inbound.js";
import { MALFORMED_CODE, malformed } from "../../src/mcp/wire-codes.js";
import { FakeClock } from "../support/fake-clock.js";

function inbound(maxBytes = 1000) {
  const clock = new FakeClock();
  const delivered: JSONRPCMessage[] = [];
  let floods = 0;
  const judge = new Inbound({
    clock,
    maxBytes,
    deliver: (message) => delivered.push(message),
    onFlood: () => {
      floods++;
    },
  });
  const send = (...ids: number[]): void => {
    for (const id of ids) judge.sent({ jsonrpc: "2.0", id, method: "tools/call", params: {} });
  };
  const failed = (): unknown[] =>
    delivered.map((message) => "error" in message && [message.id, message.error.code]);
  return { clock, delivered, judge, send, failed, floods: () => floods };
}

const answer = (id: unknown, rest: object = { result: {} }): object => ({ jsonrpc: "2.0", id, ...rest });

const deep = (levels: number): unknown => JSON.parse(`${"[".repeat(levels)}${"]".repeat(levels)}`);

describe("an answer", () => {
  test.each([
    ["a result", answer(1)],
    ["an error", answer(1, { error: { code: -1, message: "no" } })],
    ["a result with _meta", answer(1, { result: { _meta: { a: 1 } } })],
  ])("%s passes as it is", (_, message) => {
    const { judge, send } = inbound();
    send(1);
    expect(judge.accept(message)).toEqual(message);
  });

  test.each([
    ["its id as text", answer("1"), answer(1)],
    ["null beside the result", answer(1, { result: {}, error: null }), answer(1)],
    [
      "null beside the error",
      answer(1, { result: null, error: { code: -1, message: "no" } }),
      answer(1, { error: { code: -1, message: "no" } }),
    ],
    ["keys of its own", answer(1, { result: {}, took: 5 }), answer(1)],
    [
      "null for the data of its error",
      answer(1, { error: { code: -1, message: "no", data: null } }),
      answer(1, { error: { code: -1, message: "no" } }),
    ],
    [
      "one of our own codes",
      answer(1, { error: { code: MALFORMED_CODE, message: "no" } }),
      answer(1, { error: { code: -32000, message: "no" } }),
    ],
  ])("with %s passes without it", (_, message, expected) => {
    const { judge, send } = inbound();
    send(1);
    expect(judge.accept(message)).toEqual(expected);
  });

  test.each([
    ["a number for a result", answer(1, { result: 42 })],
    ["null for a result", answer(1, { result: null })],
    ["a list for a result", answer(1, { result: [] })],
    ["neither result nor error", answer(1, {})],
    ["both", answer(1, { result: {}, error: { code: -1, message: "no" } })],
    ["an error without a code", answer(1, { error: { message: "no" } })],
    ["an error without a message", answer(1, { error: { code: -1 } })],
    ["an error with a fraction for a code", answer(1, { error: { code: 1.5, message: "no" } })],
    ["text for an error", answer(1, { error: "no" })],
    ["another version", { jsonrpc: "1.0", id: 1, result: {} }],
    ["no version", { id: 1, result: {} }],
    ["_meta that is none", answer(1, { result: { _meta: "x" } })],
    ["a method beside the result", answer(1, { method: "x", result: 1 })],
  ])("with %s fails its request at once", (_, message) => {
    const { judge, send } = inbound();
    send(1);
    expect(judge.accept(message)).toMatchObject({ id: 1, error: { code: MALFORMED_CODE } });
    expect(judge.accept(answer(1)), "the request is settled").toBeUndefined();
  });

  test("that comes twice, too late, or that nobody asked for is dropped, and harms nobody", async () => {
    const { judge, send, clock, delivered } = inbound();
    send(1, 2);
    judge.sent({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 2 } });
    expect(judge.accept(answer(1))).toBeDefined();
    expect([1, 2, 77].map((id) => judge.accept(answer(id)))).toEqual([undefined, undefined, undefined]);
    await clock.advance(5000);
    expect(delivered).toEqual([]);
  });

  test("of the SDK's own requests, which have text for an id, passes", () => {
    const { judge } = inbound();
    judge.sent({ jsonrpc: "2.0", id: "listen-1", method: "subscriptions/listen", params: {} });
    expect(judge.accept(answer("listen-1"))).toEqual(answer("listen-1"));
  });

  test.each([
    ["too many entries", { content: Array(10_001).fill({ type: "text", text: "" }) }, "more than 10000"],
    ["a bad entry among many", { content: [...Array(200).fill({ type: "text", text: "" }), {}] }, "an entry"],
    [
      "a long list in an entry",
      { prompts: [{ name: "p", arguments: Array(101).fill({}) }] },
      "more than 100",
    ],
    [
      "a value that is too deep",
      { content: [], structuredContent: deep(600) },
      "'structuredContent' is nested more than 500",
    ],
    ["too many completions", { completion: { values: Array(101).fill("") } }, "completion"],
  ])("with %s is refused before the SDK sees it", (_, result, problem) => {
    const { judge, send } = inbound();
    send(1);
    const response = judge.accept(answer(1, { result })) as { error: { message: string } };
    expect(response.error.message).toContain(problem);
  });

  test("of many good entries passes, and so does a long list in the structured content", () => {
    const { judge, send } = inbound();
    send(1);
    const result = {
      content: Array(500).fill({ type: "text", text: "" }),
      structuredContent: { rows: Array(500).fill({}), deep: deep(400) },
    };
    expect(judge.accept(answer(1, { result }))).toEqual(answer(1, { result }));
  });

  test("of a list counts with the pages before it", () => {
    const { judge } = inbound(1000);
    const page = (id: number, cursor?: string): JSONRPCMessage | undefined => {
      judge.sent({
        jsonrpc: "2.0",
        id,
        method: "prompts/list",
        params: cursor === undefined ? {} : { cursor },
      });
      return judge.accept(answer(id), 400);
    };
    for (let round = 0; round < 3; round++) {
      expect(page(1)).toEqual(answer(1));
      expect(page(2, "a")).toEqual(answer(2));
    }
    expect(page(3, "b")).toMatchObject({ error: { data: { limitBytes: 1000 } } });
  });
});

describe("text that is no JSON", () => {
  test.each([
    ['{"jsonrpc":"2.0","id":1,"result":{"content":[{]}}', "at its start"],
    ['{"jsonrpc":"2.0","result":{"content":[{]},"id":1}', "at its end"],
    ['{"id": 1, "result": {{}}, "jsonrpc": "2.0"}', "with spaces"],
  ])("%s fails the request whose id stands %s", (line) => {
    const { judge, send, failed } = inbound();
    send(1, 2);
    judge.garbled(line);
    expect(failed()).toEqual([[1, MALFORMED_CODE]]);
  });

  test.each([
    '{"jsonrpc":"2.0","resu',
    '{"half":',
    'x{"jsonrpc":"2.0"}',
    '{"jsonrpc":"2.0","id":9,"result":{"x":{"id":1}',
  ])("%s fails what is not answered a second later, and nothing else", async (line) => {
    const { judge, send, failed, clock } = inbound();
    send(1, 2);
    judge.garbled(line);
    judge.garbled(line);
    send(3);
    expect(judge.accept(answer(2))).toEqual(answer(2));
    await clock.advance(999);
    expect(failed()).toEqual([]);
    await clock.advance(1);
    expect(failed()).toEqual([[1, MALFORMED_CODE]]);
    await clock.advance(10_000);
    expect(failed()).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  test.each([
    "Welcome!",
    "{ level: 'info', id: 1 }",
    "[1,2",
    "",
    "{'id': 1}",
    "12:00 INFO {",
    '{"jsonrpc":"2.0","method":"notifications/mess',
  ])("%j harms nobody", async (line) => {
    const { judge, send, failed, clock } = inbound();
    send(1);
    judge.garbled(line);
    await clock.advance(5000);
    expect(failed()).toEqual([]);
  });

  test.each([{ level: 30, msg: "started" }, [1, 2], "text", 7, null, { id: 1 }, { message: "x", id: 1 }])(
    "JSON that is no message harms nobody: %j",
    async (value) => {
      const { judge, send, failed, clock } = inbound();
      send(1);
      expect(judge.accept(value)).toBeUndefined();
      await clock.advance(5000);
      expect(failed()).toEqual([]);
    },
  );

  test.each([
    answer(null),
    answer(undefined),
    answer(1.5),
    { jsonrpc: "2.0", error: { code: -32700, message: "what?" } },
  ])("an answer without an id fails what is not answered a second later: %j", async (value) => {
    const { judge, send, failed, clock } = inbound();
    send(1);
    expect(judge.accept(value)).toBeUndefined();
    await clock.advance(1000);
    expect(failed()).toEqual([[1, MALFORMED_CODE]]);
  });

  test("close() leaves no timer", () => {
    const { judge, send, clock } = inbound();
    send(1);
    judge.garbled('{"jsonrpc":');
    expect(clock.pending).toBe(1);
    judge.close();
    expect(clock.pending).toBe(0);
  });

  test("a request that failed in another way is not failed again", () => {
    const { judge, send, delivered } = inbound();
    send(1);
    expect(judge.withdraw(1)).toBe(true);
    judge.fail(1, malformed("late"));
    expect(delivered).toEqual([]);
  });
});

describe("notifications", () => {
  const progress = {
    jsonrpc: "2.0",
    method: "notifications/progress",
    params: { progressToken: 1, progress: 1 },
  };
  const log = { jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data: "x" } };

  test("pass up to a thousand in a second, progress and others each", async () => {
    const { judge, clock, floods } = inbound();
    const passed = (message: object): number =>
      Array.from({ length: 3000 }, () => judge.accept(message)).filter((each) => each !== undefined).length;
    expect(judge.skips(JSON.stringify(log))).toBe(false);
    expect(passed(log)).toBe(1000);
    expect(floods()).toBe(1);
    expect(judge.skips(JSON.stringify(log)), "they are not parsed any more").toBe(true);
    expect(judge.skips(JSON.stringify(progress))).toBe(false);
    expect(judge.skips(JSON.stringify(answer(1)))).toBe(false);
    expect(passed(progress)).toBe(1000);
    await clock.advance(1000);
    expect(judge.skips(JSON.stringify(log))).toBe(false);
    expect(passed(log)).toBe(1000);
    expect(floods(), "it is said once").toBe(1);
  });

  test("that a list changed arrive after the flood that they were part of", async () => {
    const { judge, clock, delivered } = inbound();
    const changed = { jsonrpc: "2.0", method: "notifications/tools/list_changed" };
    for (let n = 0; n < 1000; n++) judge.accept(log);
    judge.accept(changed);
    expect(delivered).toEqual([]);
    await clock.advance(1000);
    expect(delivered).toEqual([changed]);
    expect(clock.pending).toBe(0);
  });

  test("answers pass however many notifications come", () => {
    const { judge, send } = inbound();
    send(1);
    for (let n = 0; n < 5000; n++) judge.accept(log);
    expect(judge.skips(JSON.stringify(answer(1)))).toBe(false);
    expect(judge.accept(answer(1))).toEqual(answer(1));
  });
});
