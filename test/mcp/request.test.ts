import { expect, test } from "vitest";
import { createPace } from "../../src/mcp/pace.js";
import { requestTimeouts } from "../../src/mcp/request.js";
import { call, failure, open } from "../support/calls.js";
import { FakeClock } from "../support/fake-clock.js";
import { countOf, scripted, text, tool } from "../support/scripted.js";

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
