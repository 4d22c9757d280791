import { describe, expect, test } from "vitest";
import { isFollowUp, splitQuestion } from "../../../src/models/offline/split.js";

describe("splitQuestion()", () => {
  test.each<[text: string, parts: string[]]>([
    [
      "How many engineers do we have, and what does it say about VPN?",
      ["How many engineers do we have", "what does it say about VPN?"],
    ],
    ["Is it open? Who has the key?", ["Is it open?", "Who has the key?"]],
    ["Count the files; list the folders", ["Count the files", "list the folders"]],
    ["1. Who leads Apollo?\n2. When does it end?", ["Who leads Apollo?", "When does it end?"]],
    ["- tea prices\n- coffee prices", ["tea prices", "coffee prices"]],
    ["What is the tea price and also the coffee price?", ["What is the tea price", "the coffee price?"]],
    ["I moved to Berlin. How many vacation days do I have?", ["How many vacation days do I have?"]],
    ["How large is research and development?", ["How large is research and development?"]],
    ["Read and explain the file a.md", ["Read and explain the file a.md"]],
    ['Echo "What? Who; and why?"', ['Echo "What? Who; and why?"']],
    ["Read https://a.example/?b=1;c and stop", ["Read https://a.example/?b=1;c and stop"]],
    ["hello", ["hello"]],
    ["  ", []],
  ])("%j", (text, parts) => {
    expect(splitQuestion(text)).toEqual(parts);
  });
});

describe("isFollowUp()", () => {
  test.each(["and in Sales?", "What about Finance?", "And coffee?"])("is true for %j", (text) => {
    expect(isFollowUp(text)).toBe(true);
  });
  test.each(["How many people work in Sales?", "For how long may I work from another country in a year?"])(
    "is false for %j",
    (text) => {
      expect(isFollowUp(text)).toBe(false);
    },
  );
});
