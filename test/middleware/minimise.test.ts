import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Call, createCall, type Handler } from "../../src/core/call.js";
import { isBatonError } from "../../src/core/errors.js";
import type { Content, Result } from "../../src/core/result.js";
import { type MinimiseRule, minimise } from "../../src/middleware/minimise.js";
import { obeysLaws } from "./laws.js";

const text = (value: string): Content => ({ type: "text", text: value });
const call = (args: object = {}, tool = "t") => createCall({ server: "s", tool, args: { ...args } });
const rule = (parts: Partial<MinimiseRule>): MinimiseRule => ({ tools: "s.*", ...parts });

async function given(result: Partial<Result>, ...rules: MinimiseRule[]): Promise<Result> {
  return minimise({ rules })(call(), async () => ({ content: [], ...result }));
}

async function textGiven(value: string, ...rules: MinimiseRule[]): Promise<string | undefined> {
  const { content } = await given({ content: [text(value)] }, ...rules);
  return content[0]?.type === "text" ? content[0].text : undefined;
}

async function sent(args: object, ...rules: MinimiseRule[]): Promise<Call> {
  let seen: Call | undefined;
  const next: Handler = async (each) => {
    seen = each;
    return { content: [] };
  };
  await minimise({ rules })(call(args), next);
  return seen as Call;
}

obeysLaws("minimise", () => minimise({ rules: [] }));
obeysLaws("minimise with a rule", () =>
  minimise({
    rules: [
      {
        tools: "*.*",
        removeArguments: ["nested.list"],
        removeResults: ["x"],
        mask: ["email", "/zzz/"],
        in: "both",
      },
    ],
  }),
);

describe("what passes by identity", () => {
  const everything = rule({
    removeArguments: ["a.b"],
    removeResults: ["a.b"],
    mask: ["email", "secret"],
    in: "both",
  });
  const result: Result = {
    content: [text("fine"), text('{ "n": 1.50 }')],
    structuredContent: { n: [1, "x", null] },
  };

  test("a call and a result with nothing to remove, and those of tools without a rule", async () => {
    const one = call({ a: { c: 1 }, list: ["x", 3, true, null] });
    for (const rules of [[everything], [{ ...everything, tools: "other.*" }], []]) {
      let seen: Call | undefined;
      const answer = await minimise({ rules })(one, async (each) => {
        seen = each;
        return result;
      });
      expect(seen).toBe(one);
      expect(answer).toBe(result);
    }
  });

  test("binary content, and what a result says beside its content", async () => {
    const data = Buffer.from("bob@example.com").toString("base64");
    const binary: Content[] = [
      { type: "image", data, mimeType: "image/png" },
      { type: "audio", data, mimeType: "audio/wav" },
      { type: "resource", resource: { uri: "a://b", blob: data } },
    ];
    const answer = await given(
      { content: [...binary, text("bob@example.com")], _meta: { by: "bob@example.com" }, isError: true },
      everything,
    );
    expect(answer.content.slice(0, 3)).toEqual(binary);
    expect(answer).toMatchObject({ isError: true, _meta: { by: "bob@example.com" } });
  });

  test("any JSON value and text that no path and no mask is about", async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.boolean(), async (json, pretty) => {
        const value: unknown = JSON.parse(json);
        const written = pretty ? JSON.stringify(value, null, 3) : json;
        const one: Result = { content: [text(written)], structuredContent: value };
        expect(
          await given(one, rule({ removeResults: ["no such key.x"], mask: ["/no such text/"] })),
        ).toEqual(one);
      }),
      { seed: 20260121 },
    );
  });
});

describe("removal", () => {
  const employees = {
    employees: [
      { name: "A", salary: 1, home: { street: "x", city: "y" } },
      { name: "B", salary: 2 },
    ],
    total: 2,
  };

  test("a path takes a key out of structured content and of text that is JSON", async () => {
    const answer = await given(
      { content: [text(JSON.stringify(employees))], structuredContent: employees },
      rule({ removeResults: ["employees.*.salary", "employees.0.home.street", "nothing.here"] }),
    );
    const expected = { employees: [{ name: "A", home: { city: "y" } }, { name: "B" }], total: 2 };
    expect(answer.structuredContent).toEqual(expected);
    expect(answer.content).toEqual([text(JSON.stringify(expected))]);
  });

  test.each([
    ["the first", '{ "a": 1, "b": 2, "c": 3 }', ["a"], '{ "b": 2, "c": 3 }'],
    ["one between", '{ "a": 1, "b": 2, "c": 3 }', ["b"], '{ "a": 1, "c": 3 }'],
    ["the last", '{ "a": 1, "b": 2, "c": 3 }', ["c"], '{ "a": 1, "b": 2 }'],
    ["the first two", '{ "a": 1, "b": 2, "c": 3 }', ["a", "b"], '{ "c": 3 }'],
    ["the last two", '{ "a": 1, "b": 2, "c": 3 }', ["b", "c"], '{ "a": 1 }'],
    ["first and last", '{ "a": 1, "b": 2, "c": 3 }', ["a", "c"], '{ "b": 2 }'],
    ["all", '{ "a": 1, "b": [2, {}] }', ["*"], "{ }"],
    ["items of a list", '{"a": ["x", ["y"], {"z": "]"}]}', ["a.1"], '{"a": ["x", {"z": "]"}]}'],
    ["deep in lists", '[{"a":{"b":1,"c":2}},{"a":{"b":3}}]', ["*.a.b"], '[{"a":{"c":2}},{"a":{}}]'],
    ["a name with an escape", '{"\\u0061":1,"b":2}', ["a"], '{"b":2}'],
    ["a name that comes twice", '{"a":1,"b":2,"a":3}', ["a"], '{"b":2}'],
    [
      "beside numbers that no program can hold",
      '{"id": 12345678901234567890, "a": 1e400}',
      ["a"],
      '{"id": 12345678901234567890}',
    ],
    [
      "under names of the language",
      '{"__proto__":{"a":1,"b":2},"constructor":{"a":1}}',
      ["__proto__.a", "constructor.a"],
      '{"__proto__":{"b":2},"constructor":{}}',
    ],
  ])("%s, and every other character of a JSON text stays", async (_, before, removeResults, after) => {
    expect(await textGiven(before, rule({ removeResults }))).toBe(after);
    const { structuredContent } = await given(
      { structuredContent: JSON.parse(before) },
      rule({ removeResults }),
    );
    if (!before.includes("1e400")) expect(structuredContent).toEqual(JSON.parse(after));
  });

  test("a JSON text and its value lose the same, whatever they are", async () => {
    const keys = fc.constantFrom("a", "b", "c", "0", "1");
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(1, "x", null, "bob@example.com"),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(keys, tie("value"), { maxKeys: 4 }),
      ),
    }));
    const path = fc
      .array(fc.oneof(keys, fc.constant("*")), { minLength: 1, maxLength: 3 })
      .map((steps) => steps.join("."));
    await fc.assert(
      fc.asyncProperty(
        value,
        fc.array(path, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        async (structuredContent, removeResults, pretty) => {
          const written = JSON.stringify(structuredContent, null, pretty ? 2 : 0);
          const answer = await given(
            { content: [text(written)], structuredContent },
            rule({ removeResults, mask: ["email"] }),
          );
          const [block] = answer.content;
          const after = block?.type === "text" ? block.text : "";
          if (typeof structuredContent === "object" && structuredContent !== null)
            expect(JSON.parse(after)).toEqual(answer.structuredContent);
          expect(after).not.toContain("bob@");
        },
      ),
      { seed: 20260122, numRuns: 500 },
    );
  });

  test("arguments are removed before the server sees them, and the caller's own stay", async () => {
    const args = Object.freeze({ query: "x", customer: Object.freeze({ name: "A", address: "B" }) });
    const { args: seen } = await sent(args, rule({ removeArguments: ["customer.address"] }));
    expect(seen).toEqual({ query: "x", customer: { name: "A" } });
    expect(args.customer.address).toBe("B");
  });

  test("an embedded text that is JSON, and nothing of a link", async () => {
    const link: Content = { type: "resource_link", uri: "a://b", name: "n" };
    const answer = await given(
      { content: [{ type: "resource", resource: { uri: "a://b", text: '{"name":1,"uri":2}' } }, link] },
      rule({ removeResults: ["name", "uri"] }),
    );
    expect(answer.content).toEqual([{ type: "resource", resource: { uri: "a://b", text: "{}" } }, link]);
  });
});

describe("masks", () => {
  const all = rule({ mask: ["email", "phone", "card", "iban", "ip", "secret"] });

  test.each([
    ["Mail bob@example.com or call +49 30 1234567.", "Mail [email] or call [phone]."],
    ["Card 4111 1111 1111 1111, IBAN DE89 3704 0044 0532 0130 00", "Card [card], IBAN [iban]"],
    ["from 203.0.113.7:443 and 2001:db8::1.", "from [ip]:443 and [ip]."],
    [
      "DB_PASSWORD=hunter2 in postgres://app:s3cr3t@db/main",
      "DB_PASSWORD=[secret] in postgres://[secret]@db/main",
    ],
    ["Authorization: Bearer abcDEF123456ghiJKL", "Authorization: Bearer [secret]"],
    [
      "1.2.3, 127.0.0.1, v10.0.0.1, 10.1.2.3-beta, @decorator",
      "1.2.3, 127.0.0.1, v10.0.0.1, 10.1.2.3-beta, @decorator",
    ],
    [
      '{"password": "correct horse", "n": 4111111111111111, "phone": 5552345678}',
      '{"password": "[secret]", "n": "[card]", "phone": "[phone]"}',
    ],
    [
      '{"a": "x\\nbob@example.com", "b": "{\\"mail\\":\\"y\\\\nbob@example.com\\"}"}',
      '{"a": "x\\n[email]", "b": "{\\"mail\\":\\"y\\\\n[email]\\"}"}',
    ],
    ["password: a@example.com and more", "password: [secret] and more"],
    ["-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB", "[secret]"],
  ])("%s", async (before, after) => {
    expect(await textGiven(before, all)).toBe(after);
    expect(await textGiven(after, all)).toBe(after);
  });

  test("structured content is masked as its text is, but for the names of its keys", async () => {
    const value = {
      "bob@example.com": ["eve@example.com", 3],
      api_key: "abc",
      n: 4111111111111111,
      ok: true,
    };
    const answer = await given({ content: [text(JSON.stringify(value))], structuredContent: value }, all);
    const expected = { "bob@example.com": ["[email]", 3], api_key: "[secret]", n: "[card]", ok: true };
    expect(answer.structuredContent).toEqual(expected);
    expect(answer.content).toEqual([text(JSON.stringify(expected))]);
  });

  test("links and the addresses of resources are masked too", async () => {
    const uri = "crm://people/bob@example.com";
    const answer = await given(
      {
        content: [
          { type: "resource_link", uri, name: "bob@example.com" },
          { type: "resource", resource: { uri, text: "x" } },
        ],
      },
      all,
    );
    expect(JSON.stringify(answer)).not.toContain("bob@");
  });

  test.each<[MinimiseRule["in"], string, string]>([
    [undefined, "bob@example.com", "[email]"],
    ["results", "bob@example.com", "[email]"],
    ["arguments", "[email]", "bob@example.com"],
    ["both", "[email]", "[email]"],
  ])("in: %s", async (where, inArguments, inResult) => {
    const one = rule({ mask: ["email"], ...(where === undefined ? {} : { in: where }) });
    expect((await sent({ to: ["bob@example.com"] }, one)).args).toEqual({ to: [inArguments] });
    expect(await textGiven("bob@example.com", one)).toBe(inResult);
  });

  test("regular expressions run on RE2: one that would never end elsewhere ends", async () => {
    const one = rule({ mask: ["/EMP-\\d{6}/", "/^(a+)+$/", "/projekt \\w+/i"] });
    expect(await textGiven("EMP-123456, EMP-12, Projekt Phoenix.", one)).toBe("[masked], EMP-12, [masked].");
    expect(await textGiven('{"id": 77, "n": 5}', rule({ mask: ["/^7+$/"] }))).toBe(
      '{"id": "[masked]", "n": 5}',
    );
    const start = performance.now();
    await textGiven(`${"a".repeat(5000)}!`, one);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test("a second time changes nothing, whatever the expression", async () => {
    const patterns = [
      "/\\w+/",
      "/.*/",
      "/[^ ]/",
      "/masked/",
      "/\\[masked\\]./",
      "/^./",
      "/.$/",
      "/\\b/",
      "/a|\\ba/",
      "/\\bb|a/",
      "/x*/",
      "/]/",
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...patterns),
        fc.string({
          unit: fc.constantFrom("a", "b", " ", "[", "]", "[masked]", "[email]", "\n"),
          maxLength: 12,
        }),
        async (pattern, value) => {
          const one = rule({ mask: [pattern] });
          const once = await textGiven(value, one);
          expect(await textGiven(once ?? "", one)).toBe(once);
        },
      ),
      { seed: 20260123, numRuns: 1000 },
    );
  });

  test("all rules that match a tool hold for it", async () => {
    const rules = [
      rule({ mask: ["email"] }),
      { tools: ["*.t"], mask: ["ip"], removeResults: ["a"] },
      { tools: "*.u", mask: ["phone"] },
    ];
    expect(await textGiven('{"a":1,"b":"bob@example.com 10.1.2.3 +49 30 1234567"}', ...rules)).toBe(
      '{"b":"[email] [ip] +49 30 1234567"}',
    );
  });

  test("what lies too deep to be looked at goes, and nothing breaks", async () => {
    const deep = `{"a":1,"b":${"[".repeat(3000)}"bob@example.com"${"]".repeat(3000)}}`;
    const answer = await given(
      { content: [text(deep)], structuredContent: JSON.parse(deep) },
      rule({ mask: ["email"], removeResults: ["a"] }),
    );
    expect(JSON.stringify(answer.structuredContent)).toContain('[["[masked]"]');
    expect(JSON.stringify(answer.content)).not.toContain("bob@");
    const [block] = answer.content;
    expect(JSON.parse(block?.type === "text" ? block.text : "")).toEqual(answer.structuredContent);
  });
});

describe("faults", () => {
  test.each<[object, RegExp]>([
    [{}, /rules/],
    [{ rules: [{ mask: ["email"] }] }, /names no tools/],
    [{ rules: [{ tools: "s.*" }] }, /neither removes nor masks/],
    [{ rules: [{ tools: "s", mask: ["email"] }] }, /tool pattern/],
    [{ rules: [{ tools: "s.*", mask: ["emial"] }] }, /mask/],
    [{ rules: [{ tools: "s.*", mask: ["/(?=x)/"] }] }, /RE2/],
    [{ rules: [{ tools: "s.*", mask: ["/(/"] }] }, /RE2/],
    [{ rules: [{ tools: "s.*", removeResults: ["a..b"] }] }, /path/],
    [{ rules: [{ tools: "s.*", removeArguments: [".a"] }] }, /path/],
    [{ rules: [{ tools: "s.*", mask: ["ip"], in: "nowhere" }] }, /both/],
    [{ rules: [{ tools: "s.*", masks: ["ip"] }] }, /masks is not a key|not a key/],
  ])("%j", (options, message) => {
    const make = () => minimise(options as { rules: MinimiseRule[] });
    expect(make).toThrow(message);
    expect(() => make()).toThrow(expect.toSatisfy((error: unknown) => isBatonError(error, "CONFIG_INVALID")));
  });
});
