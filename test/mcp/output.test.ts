import { describe, expect, test } from "vitest";
import { call, callText, failure, open } from "../support/calls.js";
import { until } from "../support/processes.js";
import { scripted, text, tool } from "../support/scripted.js";

describe("results", () => {
  const outputSchema = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };
  const wrong = () => ({ content: [], structuredContent: { n: "not a number" } });

  test("are held against the output schema, also over a later connection", async () => {
    const config = scripted("s", { tools: [tool("t", {}, { outputSchema })], call: wrong });
    const server = open(config);
    await server.listTools();
    const before = await failure(call(server, "t"));
    expect(before).toMatchObject({ code: "INVALID_RESULT", effect: "possible" });
    expect(before.data.issues).toEqual([{ path: "/n", problem: "must be number" }]);
    await config.transports[0]?.close();
    await until(
      () => server.status === "connected" && config.transports.length === 2,
      "it is connected again",
    );
    expect(await failure(call(server, "t"))).toMatchObject({ code: "INVALID_RESULT" });
  });

  test("of a tool whose output schema cannot be compiled are not lost", async () => {
    const broken = { type: "object", properties: { n: { type: "number", pattern: 5 } } };
    const config = scripted("s", {
      tools: [tool("t", {}, { outputSchema: broken })],
      call: () => ({ ...text("fine"), structuredContent: { n: 1 } }),
    });
    const server = open(config);
    await server.listTools();
    expect(await callText(server, "t")).toBe("fine");
  });

  test("cannot say for us how they were obtained", async () => {
    const obtained = { cache: "hit", server: "another" };
    const config = scripted("s", { tools: [tool("t")], call: () => ({ ...text("fine"), obtained }) });
    expect(await call(open(config), "t")).not.toHaveProperty("obtained");
  });
});
