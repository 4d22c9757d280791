import { expect, test } from "vitest";
import { mergeWorking } from "../../src/memory/working.js";

test("mergeWorking() sets keys, removes those that are null, and all for null", () => {
  const goal = mergeWorking({}, { goal: "tea", left: ["water", "cup"] });
  expect(mergeWorking(goal, { goal: "coffee", colour: "blue" })).toEqual({
    goal: "coffee",
    left: ["water", "cup"],
    colour: "blue",
  });
  expect(mergeWorking(goal, { goal: null, unknown: null })).toEqual({ left: ["water", "cup"] });
  expect(mergeWorking(goal, null)).toEqual({});
});

test("mergeWorking() changes nothing that it is given", () => {
  const working = Object.freeze({ goal: "tea" });
  mergeWorking(working, Object.freeze({ goal: null }));
  expect(working).toEqual({ goal: "tea" });
});

test("mergeWorking() takes any key as a key", () => {
  const working = mergeWorking({}, JSON.parse('{"__proto__": "a", "constructor": "b"}'));
  expect(Object.keys(working)).toEqual(["__proto__", "constructor"]);
  expect(({} as Record<string, unknown>).a).toBeUndefined();
});
