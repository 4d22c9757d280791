import { AIMessage, type BaseMessage, HumanMessage, isToolMessage } from "@langchain/core/messages";
import type { StructuredToolInterface } from "@langchain/core/tools";
import { Command, interrupt, MemorySaver } from "@langchain/langgraph";
import {
  type AgentMiddleware,
  createAgent,
  createMiddleware,
  fakeModel,
  tool as langChainTool,
  toolRetryMiddleware,
} from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { loadTools } from "../../src/adapters/tools.js";
import { type OwnToolsOptions, ownTools } from "../../src/agents/own-tools.js";
import type { BatonError } from "../../src/core/errors.js";
import { auditFunction } from "../../src/middleware/audit/function.js";
import type { CallRecord } from "../../src/middleware/audit.js";
import { standard } from "../../src/middleware/standard.js";
import { openAll } from "../support/calls.js";
import { countOf, scripted, text, tool } from "../support/scripted.js";

const salary = { properties: { person: { type: "string" } }, required: ["person"] };

/** Two servers behind the recommended stack, two tools of no server, and what they did. */
async function office() {
  const records: CallRecord[] = [];
  const ran: string[] = [];
  const configs = ["hr", "fin"].map((server) =>
    scripted(server, {
      tools: [tool("find", {}, { description: `Finds in ${server}` }), tool("pay", salary)],
      call: (name) => {
        ran.push(`${server}.${name}`);
        return text(`${server}.${name} did it`);
      },
    }),
  );
  const use = standard({ audit: { to: auditFunction((record) => void records.push(record as CallRecord)) } });
  const servers = openAll(configs).for({ caller: { user: "ann" } });
  const plain = ["calc", "shout"].map((name) =>
    langChainTool(
      () => {
        ran.push(name);
        return `${name} did it`;
      },
      { name, description: name, schema: z.object({}) },
    ),
  );
  const all = [...(await loadTools(servers, { use })), ...plain] as StructuredToolInterface[];
  const sent = (): number => configs.reduce((sum, { received }) => sum + countOf(received, "tools/call"), 0);
  return { all, records, ran, sent };
}

type Named = readonly [name: string, args?: Record<string, unknown>];

/** An agent that names these tools in one message and then says "Done." */
function agentOf(
  options: OwnToolsOptions,
  names: readonly Named[],
  more: { readonly outside?: readonly AgentMiddleware[]; readonly inside?: readonly AgentMiddleware[] } = {},
) {
  const own = ownTools(options);
  const calls = names.map(([name, args = {}], index) => ({ name, args, id: `call_${index}` }));
  const { outside = [], inside = [] } = more;
  return createAgent({
    model: fakeModel().respondWithTools(calls).respond(new AIMessage("Done.")),
    tools: [...own.tools],
    middleware: [...outside, ...own.middleware, ...inside],
    checkpointer: new MemorySaver(),
  });
}

const input = { messages: [new HumanMessage("Go!")] };
const thread = { configurable: { thread_id: "1" } };
const results = (messages: readonly BaseMessage[]) => messages.filter((message) => isToolMessage(message));

/** Every call is answered exactly once, before the model speaks again. */
function expectValid(messages: readonly BaseMessage[]): void {
  let open: string[] = [];
  for (const message of messages) {
    if (isToolMessage(message)) {
      expect(open).toContain(message.tool_call_id);
      open = open.filter((id) => id !== message.tool_call_id);
    } else {
      expect(open).toEqual([]);
      if (AIMessage.isInstance(message)) open = (message.tool_calls ?? []).map(({ id }) => id ?? "");
    }
  }
  expect(open).toEqual([]);
}

describe("ownTools()", () => {
  test("its own tool runs, a foreign one of the same message is refused on record, and the history stays valid", async () => {
    const { all, records, ran } = await office();
    const options = { agent: "staff", tools: ["hr.find", "calc"], all };
    const names: Named[] = [["hr__find"], ["fin__pay", { person: "eve" }], ["calc"], ["hr__pay"]];
    const { messages } = await agentOf(options, names).invoke(input, thread);
    expect(results(messages).map(({ name, status }) => [name, status])).toEqual([
      ["hr__find", "success"],
      ["fin__pay", "error"],
      ["calc", "success"],
      ["hr__pay", "error"],
    ]);
    expect(results(messages)[1]?.text).toBe(
      "Error (DENIED): server 'fin', tool 'pay': agent 'staff' may use only hr.find: use one of its own tools, or add this one to them",
    );
    expectValid(messages);
    expect(messages.at(-1)?.text).toBe("Done.");
    expect(ran.toSorted()).toEqual(["calc", "hr.find"]);
    const told = records.map(({ server, tool, outcome, caller, toolCallId, threadId }) => ({
      ...{ of: `${server}.${tool}`, outcome, caller, toolCallId, threadId },
    }));
    const caller = { user: "ann", agent: "staff" };
    expect(told.toSorted((a, b) => `${a.toolCallId}`.localeCompare(`${b.toolCallId}`))).toEqual([
      { of: "hr.find", outcome: "ok", caller, toolCallId: "call_0", threadId: "1" },
      { of: "fin.pay", outcome: "DENIED", caller, toolCallId: "call_1", threadId: "1" },
      // Its arguments do not fit the schema either: that is not what the model hears of it.
      { of: "hr.pay", outcome: "DENIED", caller, toolCallId: "call_3", threadId: "1" },
    ]);
  });

  test("the model is shown the agent's own tools alone", async () => {
    const { all } = await office();
    const shown: unknown[] = [];
    const watch = createMiddleware({
      name: "Watch",
      wrapModelCall: (request, handler) => {
        shown.push(request.tools.map((each) => (each as { name: string }).name));
        return handler(request);
      },
    });
    const options = { agent: "staff", tools: ["hr.*", "c*"], all };
    await agentOf(options, [["hr__find"]], { outside: [watch] }).invoke(input, thread);
    expect(shown[0]).toEqual(["hr__find", "hr__pay", "calc"]);
  });

  test("a foreign tool that is not of a server is refused with the same words and never runs", async () => {
    const { all, ran } = await office();
    const { messages } = await agentOf({ agent: "staff", tools: ["hr.*", "calc"], all }, [["shout"]]).invoke(
      input,
      thread,
    );
    expect(results(messages)).toMatchObject([
      {
        status: "error",
        name: "shout",
        content:
          "Error (DENIED): tool 'shout': agent 'staff' may use only hr.*, calc: use one of its own tools, or add this one to them",
        artifact: { error: { code: "DENIED", data: { tool: "shout", agent: "staff" } } },
      },
    ]);
    expect(ran).toEqual([]);
  });

  test("an agent without tools is refused every one", async () => {
    const { all, records, sent } = await office();
    const { messages } = await agentOf({ agent: "staff", tools: [], all }, [["fin__find"], ["calc"]]).invoke(
      input,
      thread,
    );
    expect(results(messages).map(({ text }) => text)).toEqual([
      expect.stringContaining("agent 'staff' may use no such tool"),
      expect.stringContaining("agent 'staff' may use no such tool"),
    ]);
    expect(records.map(({ outcome }) => outcome)).toEqual(["DENIED"]);
    expect(sent()).toBe(0);
  });

  test("a name that nobody has gets LangChain's own answer", async () => {
    const { all } = await office();
    const { messages } = await agentOf({ agent: "staff", tools: ["calc"], all }, [["nope"]]).invoke(
      input,
      thread,
    );
    expect(results(messages)[0]?.text).toBe("Error: nope is not a valid tool, try one of [calc].");
  });

  test("a tool that another middleware gives for a name is held to the list as well", async () => {
    const { all, ran, records } = await office();
    const elsewhere = await office();
    const extra = langChainTool(() => "extra did it", { name: "extra", schema: z.object({}) });
    const given = new Map<string, StructuredToolInterface>([
      ...all.map((each) => [each.name, each] as const),
      ["extra", extra as StructuredToolInterface],
      ["other", elsewhere.all[3] as StructuredToolInterface],
    ]);
    const giving = createMiddleware({
      name: "Giving",
      wrapToolCall: (request, handler) => handler({ ...request, tool: given.get(request.toolCall.name) }),
    });
    const names: Named[] = [["hr__find"], ["fin__find"], ["shout"], ["other"], ["extra"]];
    const options = { agent: "staff", tools: ["hr.*"], all };
    const { messages } = await agentOf(options, names, { outside: [giving] }).invoke(input, thread);
    expect(results(messages).map(({ text }) => text.slice(0, 14))).toEqual([
      "hr.find did it",
      "Error (DENIED)",
      "Error (DENIED)",
      "Error (DENIED)",
      "extra did it",
    ]);
    expect([...ran, ...elsewhere.ran]).toEqual(["hr.find"]);
    expect(records.map(({ caller }) => caller?.agent)).toEqual(["staff", "staff"]);
  });
});

describe("what goes wrong in a tool", () => {
  const broken = () => {
    let runs = 0;
    const failing = langChainTool(
      () => {
        runs++;
        throw new TypeError("no such thing");
      },
      { name: "failing", schema: z.object({ n: z.number() }) },
    );
    return { failing: failing as StructuredToolInterface, runs: () => runs };
  };

  test.each([
    ["what it threw", { n: 1 }],
    ["wrong arguments", { n: "one" }],
  ])("the model reads %s, as it would without", async (_, args) => {
    const { failing } = broken();
    const calls = [{ name: "failing", args, id: "call_0" }];
    const model = fakeModel().respondWithTools(calls).respond(new AIMessage("Done."));
    const without = await createAgent({ model, tools: [failing] }).invoke(input);
    const options = { agent: "staff", tools: ["failing"], all: [failing] };
    const { messages } = await agentOf(options, [["failing", args]]).invoke(input, thread);
    // A stack differs.
    const said = (all: readonly BaseMessage[]) => results(all)[0]?.text.split("\n    at ")[0];
    expect(said(messages)).toBe(said(without.messages));
    expect(said(messages)).toMatch(/no such thing|expected number/i);
    expect(results(messages)[0]?.status).toBe("error");
    expectValid(messages);
  });

  test("a retry outside of it sees the failure", async () => {
    const { failing, runs } = broken();
    const retry = toolRetryMiddleware({ maxRetries: 2, initialDelayMs: 0, jitter: false });
    const options = { agent: "staff", tools: ["failing"], all: [failing] };
    const { messages } = await agentOf(options, [["failing", { n: 1 }]], {
      outside: [retry as AgentMiddleware],
    }).invoke(input, thread);
    expect(runs()).toBe(3);
    expect(results(messages)[0]?.status).toBe("error");
  });

  test("a middleware that fails ends the agent, as it would without", async () => {
    const { failing } = broken();
    const bug = createMiddleware({
      name: "Bug",
      wrapToolCall: () => {
        throw new TypeError("a bug");
      },
    });
    const options = { agent: "staff", tools: ["failing"], all: [failing] };
    const run = agentOf(options, [["failing", { n: 1 }]], { inside: [bug] }).invoke(input, thread);
    await expect(run).rejects.toThrow("a bug");
  });

  test("an abort ends the run", async () => {
    const controller = new AbortController();
    const waiting = langChainTool(
      () => {
        controller.abort(new Error("enough"));
        throw new Error("cancelled");
      },
      { name: "waiting", schema: z.object({}) },
    ) as StructuredToolInterface;
    const options = { agent: "staff", tools: ["waiting"], all: [waiting] };
    const run = agentOf(options, [["waiting"]]).invoke(input, { ...thread, signal: controller.signal });
    await expect(run).rejects.toThrow();
  });

  test("an interrupt passes and is resumed; a refusal beside it needs nobody and is not repeated", async () => {
    const { all, records } = await office();
    const asking = langChainTool(() => `told ${interrupt("may I?")}`, {
      name: "asking",
      schema: z.object({}),
    });
    const options = { agent: "staff", tools: ["asking"], all: [...all, asking as StructuredToolInterface] };
    const agent = agentOf(options, [["asking"], ["fin__find"]]);
    const first = await agent.invoke(input, thread);
    expect(
      (first as { __interrupt__?: { value: unknown }[] }).__interrupt__?.map(({ value }) => value),
    ).toEqual(["may I?"]);
    const { messages } = await agent.invoke(new Command({ resume: "yes" }), thread);
    expect(results(messages).map(({ text }) => text.slice(0, 14))).toEqual(["told yes", "Error (DENIED)"]);
    expect(records.map(({ outcome }) => outcome)).toEqual(["DENIED"]);
    expectValid(messages);
  });
});

describe("options that cannot be used", () => {
  const faultsOf = (options: object) => {
    try {
      ownTools(options as OwnToolsOptions);
    } catch (error) {
      return error as BatonError;
    }
    throw new Error("it took them");
  };

  test.each([
    ["a misspelt server", "hrr.*", "did you mean 'hr.*'?"],
    ["a misspelt tool", "hr.fnd", "did you mean 'hr.find'?"],
    ["the name that models see", "hr__find", "did you mean 'hr.find'?"],
    ["a tool without its server", "pay", "did you mean 'hr.pay'?"],
    ["a misspelt name", "clac", "there are hr.find, hr.pay, fin.find, fin.pay, calc, shout"],
    ["a misspelt long name", "shuot", "did you mean 'shout'?"],
  ])("%s: the fault says what was meant, and whose it is", async (_, pattern, advice) => {
    const { all } = await office();
    const error = faultsOf({ agent: "staff", tools: ["hr.*", pattern], all });
    const problem = `'${pattern}' matches no tool; ${advice}`;
    expect(error.toJSON()).toMatchObject({
      code: "CONFIG_INVALID",
      message: `ownTools(): the tools of agent 'staff': tools[1] ${problem}`,
      data: { faults: [{ path: "tools[1]", problem }] },
    });
  });

  test("all faults are told at once", async () => {
    const { all } = await office();
    const pathsOf = (options: object) =>
      (faultsOf(options).data.faults as readonly { path: string }[]).map(({ path }) => path);
    expect(pathsOf({ agent: "staff", tools: ["x.y", "hr.*", "z"], all })).toEqual(["tools[0]", "tools[2]"]);
    expect(pathsOf({ agent: "", tools: ["", 1, " a.b"], all: [{}], extra: 1 })).toEqual([
      "extra",
      "agent",
      "all",
      "tools[0]",
      "tools[1]",
      "tools[2]",
    ]);
    expect(pathsOf({ agent: "a", tools: "hr.*", all: undefined })).toEqual(["all", "tools"]);
  });

  test("a star alone means the tools of no server, and none of a server's", async () => {
    const { all } = await office();
    expect(ownTools({ agent: "a", tools: ["*"], all }).tools.map(({ name }) => name)).toEqual([
      "calc",
      "shout",
    ]);
    expect(ownTools({ agent: "a", tools: ["*.*"], all }).tools).toHaveLength(4);
  });
});
