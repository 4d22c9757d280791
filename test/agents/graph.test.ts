import { beforeEach, expect, test, vi } from "vitest";

const connect = vi.hoisted(() => vi.fn());
vi.mock("langbaton", () => ({ connect, loadTools: async () => [], standard: () => [] }));
vi.mock("langbaton/agents/react", () => ({ createReact: () => "the graph" }));

beforeEach(() => {
  vi.resetModules();
  connect.mockReset();
});

vi.mock("langbaton/agents/conductor", () => ({ createConductor: () => "the graph" }));

test.each(["react", "conductor"])(
  "graphs/%s.ts connects once for all runs, and again after a failure",
  async (name) => {
    const { graph } = await import(`../../graphs/${name}.ts`);
    connect.mockRejectedValueOnce(new Error("down")).mockResolvedValue({});
    await expect(graph()).rejects.toThrow("down");
    expect(await graph()).toBe("the graph");
    expect(await graph()).toBe("the graph");
    expect(connect).toHaveBeenCalledTimes(2);
  },
);
