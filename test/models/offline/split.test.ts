import { describe, expect, test } from "vitest";
import { isFollowUp, narrows, refersBack, splitQuestion } from "../../../src/models/offline/split.js";

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
    [
      "How many engineers do we have, what is our remote work policy, and are there any staffing concerns?",
      ["How many engineers do we have", "what is our remote work policy", "are there any staffing concerns?"],
    ],
    [
      "What is the total budget, who leads Engineering, and how much parental leave is there?",
      ["What is the total budget", "who leads Engineering", "how much parental leave is there?"],
    ],
    [
      "Tell me how many engineers we have, what our travel policy is, and whether there are gaps.",
      ["Tell me how many engineers we have", "what our travel policy is", "whether there are gaps."],
    ],
    [
      "I want to know how many engineers we have and what the VPN policy is.",
      ["I want to know how many engineers we have", "what the VPN policy is."],
    ],
    [
      "When is the party, what should I bring, and who pays?",
      ["When is the party", "what should I bring", "who pays?"],
    ],
    ["How do I apply, what forms do I need?", ["How do I apply", "what forms do I need?"]],
    [
      "Is there a gym in Berlin, are there any showers, and can I bring a guest?",
      ["Is there a gym in Berlin", "are there any showers", "can I bring a guest?"],
    ],
    [
      "Count the engineers, list the active projects, and show me the travel policy.",
      ["Count the engineers", "list the active projects", "show me the travel policy."],
    ],
    [
      "How many engineers do we have, which projects are late, and why is Apollo on hold?",
      ["How many engineers do we have", "which projects are late", "why is Apollo on hold?"],
    ],
    [
      "How many people work in Sales, and of those how many are on leave?",
      ["How many people work in Sales", "of those how many are on leave?"],
    ],
    ["Is overtime paid, is Friday a working day?", ["Is overtime paid", "is Friday a working day?"]],
    [
      "How many people work in Sales? Then compare it with Finance.",
      ["How many people work in Sales?", "Then compare it with Finance."],
    ],
  ])("splits %j", (text, parts) => {
    expect(splitQuestion(text)).toEqual(parts);
  });

  test.each([
    "How large is research and development?",
    "Read and explain the file a.md",
    'Echo "What? Who; and why?"',
    "Read https://a.example/?b=1;c and stop",
    "hello",
    "What do Engineering, Sales and Support have in common?",
    "Which department, Engineering or Sales, has the most people?",
    "Which of the projects, Apollo or Zeus, is the largest?",
    "What does the travel policy, which covers hotels and trains, say about taxis?",
    "Which projects does Ada Lovelace, who leads Engineering, run?",
    "Does the office, where we moved in May, have a gym?",
    "Is there a policy which is new and which is mandatory?",
    "When I travel, what can I claim?",
    "If the VPN is down, what should I do?",
    "In Sales, how many people work from home?",
    "We have a travel policy, do we?",
    "How many engineers, do you think, will leave?",
    "Find the report, summary or list of open findings",
    "Show the read, write and delete counts",
    "Who is in Sales and has a car?",
    "Explain the process, how it works",
    "Can people in Berlin, our biggest office, do the training online?",
    "Please, can you list the files?",
    "Tell me, what is the travel policy?",
    "Is there a gift policy, what does it say?",
    "Which engineers, designers, and analysts work in Berlin?",
  ])("leaves %j whole", (text) => {
    expect(splitQuestion(text)).toEqual([text]);
  });

  test("finds nothing in spaces", () => {
    expect(splitQuestion("  ")).toEqual([]);
  });
});

describe("isFollowUp()", () => {
  test.each([
    "and in Sales?",
    "What about Finance?",
    "And coffee?",
    "How many are in Lisbon?",
    "How many of those work in Berlin?",
    "Compare it with Sales",
  ])("is true for %j", (text) => {
    expect(isFollowUp(text)).toBe(true);
  });
  test.each([
    "How many people work in Sales?",
    "For how long may I work from another country in a year?",
    "How many of the engineers work in Berlin?",
    "Compare Engineering and Sales",
  ])("is false for %j", (text) => {
    expect(isFollowUp(text)).toBe(false);
  });
});

test("refersBack() and narrows() tell a result from a new subject", () => {
  expect(refersBack("Based on that, do we need more engineers?")).toBe(true);
  expect(refersBack("and in Sales?")).toBe(false);
  expect(narrows("how many of those work in Berlin?")).toBe(true);
  expect(narrows("compare it with Sales")).toBe(false);
});
