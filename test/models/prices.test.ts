import { expect, test } from "vitest";
import { costUsd, PRICES, priceOf, withPrices } from "../../src/models/prices.js";

test.each([
  ["gpt-5", 10],
  ["openai:gpt-5", 10],
  ["openai/gpt-5", 10],
  ["gpt-5-2025-08-07", 10],
  ["openai:gpt-5-mini-2025-08-07", 2],
  ["anthropic:claude-haiku-4-5-20251001", 5],
  ["claude-haiku-4-5@20251001", 5],
  ["offline", 0],
])("priceOf() finds %s", (name, output) => {
  expect(priceOf(name)?.output).toBe(output);
});

test.each(["gpt-5-pro", "gpt-6", "ft:gpt-5:org:x", "", "constructor", "gpt-5-2025"])(
  "priceOf() knows no price for '%s', rather than a wrong one",
  (name) => {
    expect(priceOf(name)).toBeUndefined();
  },
);

test("a user's price wins, however it names the provider; of two for one name, the dearer", () => {
  expect(priceOf("gpt-5", withPrices({ "openai:gpt-5": { input: 9, output: 99 } }))?.output).toBe(99);
  const both = withPrices({
    "openai:big": { input: 1, output: 8 },
    "groq:big": { input: 1, output: 2 },
  });
  expect([priceOf("big", both)?.output, priceOf("groq:big", both)?.output]).toEqual([8, 2]);
  expect(priceOf("gpt-5-nano", both)).toBe(PRICES["gpt-5-nano"]);
});

test("a price elsewhere does not make a built-in model cheaper, and makes it dearer where it is", () => {
  const free = withPrices({ "azure:gpt-5": { input: 0, output: 0 } });
  const outputs = ["gpt-5", "openai:gpt-5", "azure:gpt-5"].map((name) => priceOf(name, free)?.output);
  expect(outputs).toEqual([10, 10, 0]);
  expect(priceOf("gpt-5", withPrices({ "azure:gpt-5": { input: 5, output: 50 } }))?.output).toBe(50);
  expect(priceOf("gpt-5", withPrices({ "openai:gpt-5": { input: 0, output: 1 } }))?.output).toBe(1);
});

test("what stands before a colon is a provider's name only when it is one", () => {
  const local = withPrices({
    "llama3:8b": { input: 0, output: 0 },
    "mixtral:latest": { input: 0, output: 0 },
  });
  for (const name of ["qwen3:8b", "8b", "deepseek-r1:latest", "latest"])
    expect(priceOf(name, local)).toBeUndefined();
  expect(priceOf("ollama:llama3:8b", local)?.output).toBe(0);
});

test("costUsd() takes what was cached and written out of the input, at their own prices", () => {
  const usage = { inputTokens: 1000, cachedInputTokens: 600, cacheWriteTokens: 300, outputTokens: 100 };
  const price = { input: 5, cachedInput: 0.5, cacheWrite: 6.25, output: 25 };
  expect(costUsd(usage, price)).toBeCloseTo((100 * 5 + 600 * 0.5 + 300 * 6.25 + 100 * 25) / 1e6, 12);
  expect(costUsd(usage, { input: 5, output: 25 })).toBeCloseTo((1000 * 5 + 100 * 25) / 1e6, 12);
});
