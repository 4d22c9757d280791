import { beforeEach, expect, test, vi } from "vitest";

const connect = vi.hoisted(() => vi.fn());
vi.mock("langbaton", () => ({ connect, loadTools: async () => [], standard: () => [] }));
vi.mock("langbaton/agents/react", () => ({ createReact: () => "the graph" }));

beforeEach(() => {
  vi.resetModules();
  connect.mockReset();
});

test("graphs/react.ts connects once for all runs, and again after a failure", async () => {
  const { graph } = await import("../../graphs/react.js");
  connect.mockRejectedValueOnce(new Error("down")).mockResolvedValue({});
  await expect(graph()).rejects.toThrow("down");
  expect(await graph()).toBe("the graph");
  expect(await graph()).toBe("the graph");
  expect(connect).toHaveBeenCalledTimes(2);
});
