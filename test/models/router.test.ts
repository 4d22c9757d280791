import { fakeModel } from "langchain";
import { expect, test } from "vitest";
import { routed } from "../../src/agents/routed.js";
import { createRouter } from "../../src/models/router.js";
import { CountedModel } from "./counted-model.js";

const price = (input: number, output = input) => ({ input, output });
const router = createRouter({
  models: [
    { model: "x:large", price: price(10), maxInputTokens: 100_000, quality: 5 },
    { model: "x:middle", price: price(2), maxInputTokens: 10_000, quality: 3 },
    { model: "x:small", price: price(1), maxInputTokens: 1000, tools: false, kinds: ["extract"], quality: 1 },
  ],
});

test.each([
  ["the cheapest", { tokens: 100, kind: "extract" }, "x:small"],
  ["none that has kinds for a task of no kind", { tokens: 100 }, "x:middle"],
  ["one that takes the prompt", { tokens: 5000 }, "x:middle"],
  ["one that can call tools", { tokens: 100, tools: true }, "x:middle"],
  ["one for the kind", { tokens: 100, kind: "plan" }, "x:middle"],
  ["one of the quality", { tokens: 100, minQuality: 4 }, "x:large"],
  ["one that the budget covers", { tokens: 100, tools: true, remaining: { usd: 0.003 } }, "x:middle"],
])("choose() takes %s", (_, task, name) => {
  expect(router.choose(task).name).toBe(name);
});

test("choose() says what each model lacks, and whether the budget alone stands in the way", () => {
  const choose = (task: Parameters<typeof router.choose>[0]) => () => router.choose(task);
  expect(choose({ tokens: 1e6 })).toThrow(
    expect.objectContaining({
      code: "CONFIG_INVALID",
      data: expect.objectContaining({
        models: expect.arrayContaining([
          { model: "x:large", lacks: ["room for 1000000 tokens, as it takes 100000"] },
        ]),
      }),
    }),
  );
  expect(choose({ tokens: 100, minQuality: 4, remaining: { usd: 0.001 } })).toThrow(
    expect.objectContaining({ code: "BUDGET_EXCEEDED" }),
  );
  expect(choose({ tokens: 100, remaining: { tokens: 50 } })).toThrow(/1100 tokens of the 50 left/);
});

test("choose() breaks ties by quality, then by order", () => {
  const tied = createRouter({
    models: [
      { model: "x:a", price: price(1) },
      { model: "x:b", price: price(1), quality: 2 },
      { model: "x:c", price: price(1), quality: 2 },
    ],
  });
  expect(tied.choose({ tokens: 1 }).name).toBe("x:b");
});

test("choose() never takes a model that cannot bind tools for a call that binds them", () => {
  const plain = Object.assign(new CountedModel("plain", () => ({})), { bindTools: undefined });
  const only = createRouter({ models: [{ model: plain as never, price: price(1) }] });
  expect(() => only.choose({ tokens: 1, tools: true })).toThrow(/plain lacks tools/);
  expect(only.choose({ tokens: 1 }).model).toBe(plain);
});

test.each([
  [{ models: [] }, "models"],
  [{ models: [{ model: "x:a", price: price(1), cost: 1 }] }, "models[0].cost"],
  [{ models: [{ model: 5 }] }, "models[0].model"],
  [{ models: [{ model: "x:a", price: price(-1) }] }, "models[0].price"],
  [{ models: [{ model: "x:a", price: price(1), quality: 6 }] }, "models[0].quality"],
  [{ models: [{ model: "x:a", price: price(1), kinds: [] }] }, "models[0].kinds"],
  [{ models: [{ model: "x:a", price: price(1) }, { model: "x:unknown" }] }, "models[1].price"],
  [{ models: [{ model: fakeModel(), maxInputTokens: 0 }] }, "models[0].maxInputTokens"],
  [{ models: [{ model: "x:a", price: price(1) }], fallback: 1 }, "fallback"],
])("createRouter() refuses %j at %s", (options, path) => {
  expect(() => createRouter(options as never)).toThrow(
    expect.objectContaining({
      code: "CONFIG_INVALID",
      data: expect.objectContaining({ faults: [expect.objectContaining({ path })] }),
    }),
  );
});

const refusedAt = (path: string) =>
  expect.objectContaining({
    code: "CONFIG_INVALID",
    data: { faults: [expect.objectContaining({ path })] },
  });

test.each([
  [{ tokens: Number.NaN }, "tokens"],
  [{ tokens: -1 }, "tokens"],
  [{}, "tokens"],
  [{ tokens: 1, outputTokens: Number.POSITIVE_INFINITY }, "outputTokens"],
  [{ tokens: 1, minQuality: "high" }, "minQuality"],
  [{ tokens: 1, kind: 5 }, "kind"],
  [{ tokens: 1, tools: "yes" }, "tools"],
  [{ tokens: 1, remaining: { usd: Number.NaN } }, "remaining"],
  [{ tokens: 1, quality: 3 }, "quality"],
])("choose() refuses %j at %s", (task, path) => {
  expect(() => router.choose(task as never)).toThrow(refusedAt(path));
});

test.each([
  [{ minQuality: Number.NaN }, "minQuality"],
  [{ kinds: ["plan"] }, "kinds"],
  [{ tokens: 5 }, "tokens"],
])("routed() refuses %j at %s", (task, path) => {
  expect(() => routed(router, task as never)).toThrow(refusedAt(path));
});
