import {
  Annotation,
  type BaseStore,
  Command,
  MemorySaver,
  Send,
  START,
  StateGraph,
} from "@langchain/langgraph";
import type { HITLRequest, HITLResponse } from "langchain";
import type { McpTool } from "../../src/adapters/mcp-tool.js";
import { loadTools } from "../../src/adapters/tools.js";
import type { Middleware } from "../../src/core/call.js";
import { type ApprovalRequest, type ApproveOptions, approve } from "../../src/middleware/approve.js";
import { openAll } from "../support/calls.js";
import { FakeClock } from "../support/fake-clock.js";
import { scripted, text, tool } from "../support/scripted.js";

type Args = Readonly<Record<string, unknown>>;
export type Shown = HITLRequest & ApprovalRequest;
export interface Interrupted {
  readonly __interrupt__?: readonly { readonly id: string; readonly value: Shown }[];
}

export const approved: HITLResponse = { decisions: [{ type: "approve" }] };
export const turnedDown: HITLResponse = { decisions: [{ type: "reject", message: "not today" }] };
export const edited = (args: Record<string, unknown>): HITLResponse => ({
  decisions: [{ type: "edit", editedAction: { name: "remove", args } }],
});

/** A server whose executions are counted where they happen. */
export function files() {
  const ran: string[] = [];
  const config = scripted("files", {
    tools: [tool("read", {}, { annotations: { readOnlyHint: true } }), tool("remove"), tool("fails")],
    call: (name, args) => {
      ran.push(`${name} ${(args as Args).path}`);
      return name === "fails" ? { content: [], isError: true } : text("done");
    },
  });
  const servers = openAll([config]);
  const load = (...use: Middleware[]): Promise<McpTool[]> => loadTools(servers, { use });
  const loadRemove = async (...use: Middleware[]): Promise<McpTool> => {
    const found = (await load(...use)).find(({ name }) => name === "remove");
    if (found === undefined) throw new Error("the server lists no such tool");
    return found;
  };
  return { ran, load, loadRemove };
}

export const callOf = (id: string, name: string, path: string) => ({
  id,
  name,
  args: { path },
  type: "tool_call" as const,
});

export const pendingIn = (result: unknown): NonNullable<Interrupted["__interrupt__"]> =>
  (result as Interrupted).__interrupt__ ?? [];

/** The ids of what waits, by the path that the call is about. */
export function idsOf(result: unknown): Record<string, string> {
  return Object.fromEntries(
    pendingIn(result).map(({ id, value }) => [String(value.actionRequests[0].args.path), id]),
  );
}

interface BenchOptions {
  readonly store?: BaseStore;
  readonly options?: ApproveOptions;
  readonly inside?: Middleware;
  readonly calls?: readonly ReturnType<typeof callOf>[];
  readonly checkpointer?: MemorySaver;
}

/** A graph that makes some calls at once, each in a task of its own, over a server that counts what it runs. */
export async function bench({
  store,
  options = {},
  inside,
  calls = [callOf("1", "remove", "a")],
  checkpointer = new MemorySaver(),
}: BenchOptions = {}) {
  const clock = new FakeClock();
  const { ran, load } = files();
  const State = Annotation.Root({
    calls: Annotation<readonly ReturnType<typeof callOf>[]>,
    results: Annotation<readonly string[]>({ reducer: (old, more) => [...old, ...more], default: () => [] }),
  });

  async function start() {
    const tools = await load(approve({ ...options, clock }), ...(inside ? [inside] : []));
    return new StateGraph(State)
      .addNode("plan", () => ({}))
      .addNode("act", async ({ call }: { call: ReturnType<typeof callOf> }) => {
        const message = await tools.find(({ name }) => name === call.name)?.invoke(call);
        return { results: [message.text] };
      })
      .addEdge(START, "plan")
      .addConditionalEdges("plan", ({ calls }) => calls.map((call) => new Send("act", { call })), ["act"])
      .compile({ checkpointer, ...(store ? { store } : {}) });
  }

  let graph = await start();
  const thread = { configurable: { thread_id: "t" } };
  const invoke = async (input: unknown, config: object = thread) => {
    const result = await graph.invoke(input as Parameters<typeof graph.invoke>[0], config);
    return { waiting: pendingIn(result), results: result.results };
  };
  return {
    ran,
    clock,
    checkpointer,
    thread,
    graph: () => graph,
    /** What a new process would have: the checkpoints, perhaps a store, and nothing else. */
    restart: async () => {
      graph = await start();
    },
    begin: (config?: object) => invoke({ calls }, config),
    invoke,
    resume: (value: unknown, config?: object) => invoke(new Command({ resume: value }), config),
    again: (config?: object) => invoke(null, config),
    change: (...changed: readonly ReturnType<typeof callOf>[]) =>
      graph.updateState(thread, { calls: changed }, "plan"),
  };
}
