import { expect, it } from "vitest";
import { indexOf, item, NOW } from "./conversation.js";

const search = (index: ReturnType<typeof indexOf>, query: string) =>
  index.search(query, { limit: 10, now: NOW }).map(({ id, duplicates }) => [id, ...duplicates]);

it("search() lists an item that says the same in other words of no weight as a duplicate of the better one", () => {
  const index = indexOf(
    item("i0", "I am allergic to peanuts.", { threadId: "1", time: "2026-01-01T00:00:00Z" }),
    item("i1", "i'm ALLERGIC to peanuts!", { threadId: "2", time: "2026-02-01T00:00:00Z" }),
    item("i2", "I like walnuts", { threadId: "3" }),
  );
  expect(search(index, "allergic to peanuts")).toEqual([["i1", "i0"]]);
});

it.each([
  ["a word each", "My car is a red estate from Turin", "My car is a blue estate from Turin"],
  ["a number", "My flight to Turin has the gate number 12", "My flight to Turin has the gate number 14"],
  ["a negation", "I eat meat and fish", "I do not eat meat and fish"],
  ["a question mark", "You eat meat and fish?", "You eat meat and fish"],
])("search() keeps two items that differ in %s", (_, one, other) => {
  const index = indexOf(item("i0", one, { threadId: "1" }), item("i1", other, { threadId: "2" }));
  const query = "car estate Turin flight gate eat meat fish";
  expect(
    search(index, query)
      .map(([id]) => id)
      .sort(),
  ).toEqual(["i0", "i1"]);
});

it("search() keeps what two people said, and what one said of yesterday on two days", () => {
  const people = indexOf(
    item("i0", "I love sailing boats", { speaker: "Ann", threadId: "1" }),
    item("i1", "I love sailing boats", { speaker: "Bob", threadId: "2" }),
  );
  expect(search(people, "sailing boats")).toHaveLength(2);
  const days = indexOf(
    item("i0", "I went to the gym yesterday", { threadId: "1", time: "2026-01-01T00:00:00Z" }),
    item("i1", "I went to the gym yesterday", { threadId: "2", time: "2026-02-01T00:00:00Z" }),
  );
  expect(search(days, "gym")).toHaveLength(2);
});
