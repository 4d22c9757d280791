import { HumanMessage } from "@langchain/core/messages";
import { expect, test } from "vitest";
import { isStatement } from "../../../src/models/offline/statement.js";
import { offline } from "../../../src/models/offline.js";

test.each([
  "I am allergic to peanuts.",
  "My dog is called Rex",
  "We're moving to Munich in May.",
  "Please remember that I like tea.",
  "Hello, my name is Ann.",
  "Note: our office is closed on Friday",
])("%s tells something", (text) => {
  expect(isStatement(text)).toBe(true);
});

test.each([
  "I need the headcount of Engineering.",
  "I'd like to know who leads Sales",
  "I wonder what our travel policy says",
  "What is my dog called?",
  "List our projects",
  "Who am I?",
  "Remember to tell me the headcount",
  "How many engineers do we have",
  "",
])("%s asks something", (text) => {
  expect(isStatement(text)).toBe(false);
});

test("the offline model takes a statement in, and says nothing about what it did not look for", async () => {
  const { text } = await offline().invoke([
    new HumanMessage("I am allergic to peanuts. My dog is called Rex."),
  ]);
  expect(text).toBe("Noted.");
});
