import { AIMessage, isToolMessage } from "@langchain/core/messages";
import fc from "fast-check";
import { fakeModel } from "langchain";
import { describe, expect, test } from "vitest";
import { loadTools } from "../../src/adapters/tools.js";
import { createReact } from "../../src/agents/react.js";
import { type Caller, createCall } from "../../src/core/call.js";
import type { Result } from "../../src/core/result.js";
import { checkOptions } from "../../src/core/settings.js";
import { parseConfig } from "../../src/mcp/config.js";
import type { PermitRule } from "../../src/middleware/permit/rules.js";
import { permit } from "../../src/middleware/permit.js";
import { failure, openAll } from "../support/calls.js";
import { countOf, scripted, tool } from "../support/scripted.js";
import { obeysLaws } from "./laws.js";

const ok: Result = { content: [{ type: "text", text: "ok" }] };
const use = (server: string, name: string, caller?: Caller) =>
  createCall({ server, tool: name, args: {}, caller });

const callers: readonly (Caller | undefined)[] = [
  undefined,
  {},
  ...["ann", "Ann", "аnn", "", "__proto__"].map((user) => ({ user })),
  ...["writer", "Writer", "constructor"].map((agent) => ({ agent })),
  ...["acme", "acme ", "toString"].map((tenant) => ({ tenant })),
  { permissions: [] },
  { permissions: ["read"] },
  { permissions: ["read", "admin"] },
  { permissions: ["Admin"] },
  { user: "ann", tenant: "acme" },
  { user: "bob", agent: "writer", permissions: ["admin"] },
  { user: "ann", agent: "writer", tenant: "acme", permissions: ["read"] },
];

const patterns = [
  ...["*.*", "files.*", "*.read_file", "files.read_file", "files.read_*", "files.*_file", "files.*a*"],
  ...["Files.*", "FILES.READ_FILE", "filеs.*", "files.reаd_file", "files.read.file", "files.*.*", "*.*.*"],
  ...["f*s.r*e", "**.**", "files.**", "files.***file", "*s.*", "git.push", "git.*", "g*.*sh", "*.\\*"],
  ...["files.^*", "files.$", "files.[a-z]*", "files.(x|y)", "files.read?file", "files.*\n*", "files.a\nb"],
  ...["__proto__.*", "*.__proto__", "*.constructor", "constructor.toString", "files.*é*", "files.*e\u0301*"],
  ...["files.*ss", "files.😀*", "files.* *", "web.search"],
];

const names = [
  ...["read_file", "Read_File", "READ_FILE", "read_files", "reаd_file", "read.file", "read..file", ".", ".."],
  ...[".read_file", "read_file.", "write_file", "file", "_file", "a", "aa", "A", "", " ", "read_file "],
  ...[
    "*",
    "**",
    "read_*",
    "r*e",
    "*file",
    "\\*",
    "^a",
    "$",
    "[a-z]b",
    "(x|y)",
    "x|y",
    "read?file",
    "a\nb",
    "\n",
  ],
  ...[
    "read_file\n",
    "\nread_file",
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "café",
    "cafe\u0301",
  ],
  ...[
    "ｒead_file",
    "straße",
    "strasse",
    "😀",
    "😀b",
    "\ud83d",
    "\u0000",
    "a b",
    "push",
    "Push",
    "search",
    ".",
  ],
];
const servers = ["files", "git", "Files", "filеs", "__proto__", "constructor"];
const tools = Array.from({ length: 60 }, (_, index) => ({
  server: servers[index % 7 === 0 ? index % servers.length : 0] ?? "files",
  name: names[index % names.length] ?? "",
}));

const conditions: readonly Partial<PermitRule>[] = [
  {},
  { users: ["ann"] },
  { agents: ["writer", "constructor"] },
  { tenants: ["acme"] },
  { permissions: ["admin"] },
  { users: ["ann", "bob"], permissions: ["read", "admin"] },
  { users: ["__proto__", "bob"] },
] as readonly Partial<PermitRule>[];

/** A set of rules around each pattern: it alone, with others before and after, denied, allowed, to all and to some. */
const ruleSets: readonly (readonly PermitRule[])[] = patterns.map((pattern, index) => {
  const who = conditions[index % conditions.length];
  const other = patterns[(index * 7 + 3) % patterns.length] ?? "*.*";
  const sets = [
    [{ allow: pattern, ...who }],
    [{ deny: pattern, ...who }, { allow: "*.*" }],
    [{ allow: "*.*" }, { deny: pattern, ...who }],
    [{ allow: [other, pattern], ...who }, { deny: [other] }, { allow: "git.*", users: ["bob"] }],
    [{ deny: [pattern, other], ...who }],
  ] as readonly (readonly PermitRule[])[];
  return sets[index % sets.length] ?? [];
});

/** The rules by other means: regular expressions over the two names, sets for the callers. */
function oracle(rules: readonly PermitRule[], server: string, name: string, caller: Caller = {}): boolean {
  const speaks = (given: string | readonly string[]) =>
    [given].flat().some((pattern) => {
      const [left, ...right] = pattern.split(".");
      const toRegExp = (part = "") =>
        new RegExp(
          `^${part
            .split("*")
            .map((piece) => piece.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"))
            .join("[^]*")}$`,
        );
      return toRegExp(left).test(server) && toRegExp(right.join(".")).test(name);
    });
  const isFor = (rule: PermitRule) => {
    const pairs = [
      [rule.agents, [caller.agent]],
      [rule.users, [caller.user]],
      [rule.tenants, [caller.tenant]],
      [rule.permissions, caller.permissions ?? []],
    ] as const;
    return pairs.every(([wanted, had]) => !wanted || had.some((one) => new Set<unknown>(wanted).has(one)));
  };
  const said = rules.filter((rule) => speaks(rule.deny ?? rule.allow) && isFor(rule));
  if (said.some(({ deny }) => deny !== undefined)) return false;
  return rules.length === 0 || said.length > 0;
}

obeysLaws("permit", () => permit({ rules: [{ allow: "*.*" }, { deny: "other.*" }] }));

describe("the authorization matrix", () => {
  test("20 callers, 40 patterns and 60 tools: 48,000 decisions are those of an oracle, at the call and in the list", async () => {
    expect([callers.length, ruleSets.length, tools.length]).toEqual([20, 40, 60]);
    let decisions = 0;
    let allowed = 0;
    for (const rules of ruleSets) {
      const middleware = permit({ rules });
      for (const caller of callers) {
        for (const { server, name } of tools) {
          const expected = oracle(rules, server, name, caller);
          const call = use(server, name, caller);
          let ran = false;
          const outcome = await middleware(call, async () => {
            ran = true;
            return ok;
          }).catch((error: unknown) => (error as { code: string }).code);
          const told = JSON.stringify({ rules, server, name, caller });
          expect(outcome, told).toBe(expected ? ok : "DENIED");
          expect(ran, told).toBe(expected);
          expect(middleware.allows?.(call), told).toBe(expected);
          decisions++;
          allowed += expected ? 1 : 0;
        }
      }
    }
    expect(decisions).toBe(48_000);
    // A matrix that says the same everywhere would prove nothing.
    expect(allowed).toBeGreaterThan(8_000);
    expect(allowed).toBeLessThan(40_000);
  }, 60_000);

  test("random rules and names decide as the oracle", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "*", ".", "\n", "A"), maxLength: 5 });
    const side = fc.string({ unit: fc.constantFrom("a", "b", "*", "A"), minLength: 1, maxLength: 4 });
    const pattern = fc
      .tuple(side, word)
      .map(([left, right]) => `${left}.${right}`)
      .filter((text) => text.length > text.indexOf(".") + 1 && text === text.trim());
    const rule = fc
      .tuple(fc.boolean(), fc.array(pattern, { minLength: 1, maxLength: 3 }), fc.option(fc.constant(["u"])))
      .map(([allow, list, users]) => ({
        ...(allow ? { allow: list } : { deny: list }),
        ...(users && { users }),
      }));
    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 4 }),
        side,
        word,
        fc.constantFrom("u", "v", undefined),
        (rules, server, name, user) => {
          const caller = user === undefined ? {} : { user };
          const decided = permit({ rules: rules as PermitRule[] }).allows?.({ server, tool: name, caller });
          expect(decided).toBe(oracle(rules as PermitRule[], server, name, caller));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("loadTools() lists exactly the tools whose calls are allowed, and a hidden one that is named anyway is refused", async () => {
    const configs = ["files", "git"].map((server) =>
      scripted(server, { tools: names.map((name) => tool(name)) }, {}),
    );
    const quiet = { onWarning: () => {} };
    let hidden = 0;
    for (const caller of [{}, { user: "ann" }, { user: "bob", agent: "writer", permissions: ["admin"] }]) {
      const all = openAll(configs).for({ caller });
      const listed = (await loadTools(all, quiet)).map(({ metadata }) => metadata);
      expect(listed.length).toBeGreaterThan(80);
      for (const rules of ruleSets) {
        const middleware = permit({ rules });
        const shown = (await loadTools(all, { ...quiet, use: [middleware] })).map(({ metadata }) => metadata);
        const [expected, rest] = [true, false].map((wanted) =>
          listed.filter(({ server, tool }) => oracle(rules, server, tool, caller) === wanted),
        );
        expect(shown).toEqual(expected);
        for (const { server, tool } of rest ?? []) {
          const error = await failure(middleware(use(server, tool, caller), (call) => all.call(call)));
          expect(error.code).toBe("DENIED");
          hidden++;
        }
      }
    }
    expect(hidden).toBeGreaterThan(500);
    expect(configs.map(({ received }) => countOf(received, "tools/call"))).toEqual([0, 0]);
  }, 60_000);

  test("a model that names a hidden tool reads that there is none, and nothing runs", async () => {
    const config = scripted("files", { tools: [tool("read_file"), tool("write_file")] });
    const rules: PermitRule[] = [{ allow: "files.read_*" }, { allow: "files.*", permissions: ["admin"] }];
    const tools = await loadTools(openAll([config]), { use: [permit({ rules })] });
    expect(tools.map(({ name }) => name)).toEqual(["read_file"]);
    const model = fakeModel()
      .respondWithTools([{ name: "write_file", args: {}, id: "1" }])
      .respond(new AIMessage("I may not."));
    const { messages } = await createReact({ model, tools }).invoke({ messages: "Write!" });
    expect(messages.find((message) => isToolMessage(message))).toMatchObject({ status: "error" });
    expect(countOf(config.received, "tools/call")).toBe(0);
  });
});

describe("permit()", () => {
  const rules: PermitRule[] = [
    { allow: "files.*" },
    { deny: "files.secret_*", users: ["mallory", "eve"] },
    { allow: "*.*", tenants: ["secret-tenant"] },
  ];

  test("says which rule denied, to whom and what to do, and nothing of the other rules", async () => {
    const caller = { agent: "writer", user: "eve" };
    const error = await failure(permit({ rules })(use("files", "secret_key", caller), async () => ok));
    expect(error.toJSON()).toEqual({
      code: "DENIED",
      message:
        "server 'files', tool 'secret_key': rules[1] denies it to agent 'writer', user 'eve': use another tool, or have that rule changed",
      retryable: false,
      effect: "none",
      data: { server: "files", tool: "secret_key", rule: 1 },
    });
  });

  test("says so when no rule allows a tool", async () => {
    const error = await failure(permit({ rules })(use("git", "push"), async () => ok));
    expect(error.message).toBe(
      "server 'git', tool 'push': no rule allows it to a caller without a name: use another tool, or have a rule that allows it added",
    );
    expect(error.data).toEqual({ server: "git", tool: "push", rule: undefined });
    expect(JSON.stringify(error)).not.toMatch(/mallory|secret-tenant/);
  });

  test("allows everything with no rules", async () => {
    const open = permit({ rules: [] });
    expect(await open(use("files", "delete_file"), async () => ok)).toBe(ok);
    expect(open.allows?.(use("files", "delete_file"))).toBe(true);
  });

  test("never mixes up tools whose joined names are equal", () => {
    const { allows } = permit({ rules: [{ allow: "a.b.c" }] });
    // A server's name has no dot, but a call is data: the first must not be remembered for the second.
    expect(allows?.(use("a", "b.c"))).toBe(true);
    expect(allows?.(use("a.b", "c"))).toBe(false);
  });

  test("decides the same after more tools than it remembers", () => {
    const { allows } = permit({ rules: [{ allow: "s.*7" }] });
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 10_050; i++) {
        if (allows?.(use("s", `t${i}`)) !== (i % 10 === 7)) throw new Error(`wrong for t${i}`);
      }
    }
  });
});

describe("rules that cannot be used are refused with path and cure", () => {
  const bad: readonly (readonly [claim: string, options: unknown, path: string, said: RegExp])[] = [
    ["no rules at all", {}, "rules", /false for the part/],
    ["rules that are no list", { rules: { allow: "a.b" } }, "rules", /a list of at least one rule/],
    ["a rule that is text", { rules: ["files.*"] }, "rules[0]", /"allow": "files.read_\*"/],
    ["a rule that is null", { rules: [null] }, "rules[0]", /is no rule/],
    ["a rule without allow and deny", { rules: [{ users: ["a"] }] }, "rules[0]", /neither allows nor denies/],
    ["a rule with both", { rules: [{ allow: "a.b", deny: "a.c" }] }, "rules[0]", /two rules/],
    ["an unknown key", { rules: [{ allow: "a.b", user: ["a"] }] }, "rules[0].user", /agents, users/],
    [
      "a key from the prototype",
      { rules: [JSON.parse('{"allow":"a.b","__proto__":[]}')] },
      "rules[0].__proto__",
      /not a key/,
    ],
    ...["files", "files.", ".read", "**", "*", "files.read ", " files.read", "files.read\n", "", "."].map(
      (pattern) =>
        [
          `the pattern ${JSON.stringify(pattern)}`,
          { rules: [{ allow: "a.b" }, { deny: pattern }] },
          "rules[1].deny",
          /server\.tool/,
        ] as const,
    ),
    ["a bad pattern in a list", { rules: [{ allow: ["a.b", "a."] }] }, "rules[0].allow[1]", /server\.tool/],
    ["an empty list of patterns", { rules: [{ allow: [] }] }, "rules[0].allow", /at least one/],
    ["a pattern that is a number", { rules: [{ allow: [1] }] }, "rules[0].allow[0]", /server\.tool/],
    ["an empty condition", { rules: [{ allow: "a.b", users: [] }] }, "rules[0].users", /leave it out/],
    [
      "a condition that is text",
      { rules: [{ allow: "a.b", permissions: "admin" }] },
      "rules[0].permissions",
      /list/,
    ],
    ["an empty name", { rules: [{ allow: "a.b", tenants: [""] }] }, "rules[0].tenants", /at least one name/],
  ];

  test.each(bad)("%s, in a program", (_, options, path, said) => {
    const make = () => permit(options as Parameters<typeof permit>[0]);
    expect(make).toThrow(said);
    expect(make).toThrow(`permit(): the option ${path}`);
    expect(make).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });

  test.each(bad.filter(([claim]) => claim !== "no rules at all"))(
    "%s, in a file",
    (_, options, path, said) => {
      const source = (text: unknown) => ({ mcpServers: { web: { command: "x", "x-langbaton": text } } });
      const read = () => parseConfig(source({ tools: { "*": { permit: options } } }));
      expect(read).toThrow(said);
      expect(read).toThrow(`mcpServers.web["x-langbaton"].tools["*"].permit.${path}`);
    },
  );

  test("an empty list in a file, where false says the same on purpose", () => {
    const read = (value: unknown) => () =>
      parseConfig({ mcpServers: { web: { command: "x", "x-langbaton": { permit: value } } } });
    expect(read({ rules: [] })).toThrow(/for no rules at all, write false/);
    expect(read(false)).not.toThrow();
    expect(read({ rules: [{ deny: "*.delete_*", users: ["a"] }] })).not.toThrow();
  });

  test("approve's patterns as well", () => {
    expect(() => checkOptions("approve", { tools: ["files.*", "mail"] })).toThrow(
      "approve(): the option tools[1]",
    );
    expect(() => checkOptions("approve", { tools: "mail.send_*" })).not.toThrow();
  });
});
