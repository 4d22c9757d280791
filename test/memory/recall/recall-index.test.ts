import { describe, expect, it } from "vitest";
import { createRecallIndex } from "../../../src/memory/recall/recall-index.js";
import { found, indexOf, item, longTalk, NOW } from "./conversation.js";

describe("words", () => {
  it("search() finds other forms of a word: stems and irregular verbs", () => {
    const index = indexOf(
      item("i0", "The weather was mild."),
      item("i1", "She bought two paintings."),
      item("i2", "We had soup."),
    );
    expect(found(index, "What did she buy?", 1)).toEqual(["i1"]);
    expect(found(index, "painted", 1)).toEqual(["i1"]);
  });

  it("search() finds nothing by stop words alone, by an empty query or by words that nobody said", () => {
    const index = indexOf(item("i0", "What is it that you do?"), item("i1", "We had soup."));
    for (const query of ["", "   ", "what is it", "zebra", "?!", "\0"])
      expect(found(index, query)).toEqual([]);
  });

  it("search() takes case, accents and apostrophes as alike", () => {
    const index = indexOf(item("i0", "Zoë’s CAFÉ opens at nine"), item("i1", "The bar is shut"));
    expect(found(index, "cafe", 1)).toEqual(["i0"]);
    expect(found(index, "zoe", 1)).toEqual(["i0"]);
  });

  it("search() finds words of scripts without spaces, and of others", () => {
    const index = indexOf(
      item("i0", "私は猫が好きです"),
      item("i1", "明日は学校に行きます", { threadId: "2" }),
      item("i2", "Вчера мы ходили в музей", { threadId: "3" }),
      item("i3", "나는 서울에 살아요", { threadId: "4" }),
    );
    expect(found(index, "猫", 1)).toEqual(["i0"]);
    expect(found(index, "学校", 1)).toEqual(["i1"]);
    expect(found(index, "музей", 1)).toEqual(["i2"]);
    expect(found(index, "서울", 1)).toEqual(["i3"]);
  });

  it("search() finds an answer that names an example of what was asked for", () => {
    const index = indexOf(
      item("i0", "I tidied the cellar", { threadId: "1" }),
      item("i1", "I play the cello in the evening", { threadId: "2" }),
      item("i2", "The instrument panel of the lorry is broken", { threadId: "3" }),
      item("i3", "They play cards in the evening", { threadId: "4" }),
    );
    expect(found(index, "Which instrument do I play?").slice(0, 2)).toContain("i1");
  });
});

describe("conversations", () => {
  const index = indexOf(...longTalk());

  it("search() finds an answer that shares no word with the question, by the turn before it", () => {
    expect(found(index, "Where does Tom spend the summer?", 1)).toEqual(["t9"]);
  });

  it("search() prefers what the person said who is asked about", () => {
    const both = indexOf(
      item("i0", "I adopted a puppy", { speaker: "Ann", threadId: "1" }),
      item("i1", "I adopted a puppy too", { speaker: "Bob", threadId: "2" }),
    );
    expect(found(both, "Which animal did Bob adopt, a puppy?", 1)).toEqual(["i1"]);
    expect(found(both, "Which animal did Ann adopt, a puppy?", 1)).toEqual(["i0"]);
  });

  it("search() takes I for the user and you for the assistant where nobody has a name", () => {
    const both = indexOf(
      item("i0", "The train to Graz leaves from platform nine", { role: "user", threadId: "1" }),
      item("i1", "The train to Graz leaves from platform nine.", { role: "assistant", threadId: "2" }),
    );
    expect(found(both, "What did I say about the train to Graz?", 1)).toEqual(["i0"]);
    expect(found(both, "What did you say about the train to Graz?", 1)).toEqual(["i1"]);
  });

  it("search() does not take a sentence's first word for a person who is called like it", () => {
    const will = indexOf(
      item("i0", "I will repair the roof in June", { speaker: "Will", threadId: "1" }),
      item("i1", "The roof leaks, I repair it in June", { speaker: "Eva", threadId: "2" }),
    );
    expect(will.search("When will Eva repair the roof?", { limit: 1, now: NOW })[0]?.id).toBe("i1");
    expect(will.search("When does Will repair the roof?", { limit: 1, now: NOW })[0]?.id).toBe("i0");
  });

  it("search() prefers a turn that says when, if that is the question", () => {
    const when = indexOf(
      item("i0", "The wedding was wonderful", { threadId: "1" }),
      item("i1", "The wedding was last Friday", { threadId: "2" }),
    );
    expect(found(when, "When was the wedding?", 1)).toEqual(["i1"]);
  });

  it("search() goes by the day that is meant, counted from now", () => {
    const diary = indexOf(
      item("i0", "Lunch with Carla", { time: "2026-05-19T12:00:00Z", threadId: "1" }),
      item("i1", "Lunch with Diego", { time: "2026-05-12T12:00:00Z", threadId: "2" }),
      item("i2", "Lunch with Emil", { time: "2026-04-14T12:00:00Z", threadId: "3" }),
    );
    expect(found(diary, "Who came to lunch yesterday?", 1)).toEqual(["i0"]);
    expect(found(diary, "Who came to lunch in April?", 1)).toEqual(["i2"]);
    expect(found(diary, "Who came to lunch on 12 May 2026?", 1)).toEqual(["i1"]);
  });

  it("search() finds what was said at a time even where the query has no other word", () => {
    const diary = indexOf(
      item("i0", "Lunch with Carla", { time: "2026-05-19T12:00:00Z", threadId: "1" }),
      item("i1", "Lunch with Diego", { time: "2026-04-12T12:00:00Z", threadId: "2" }),
    );
    expect(found(diary, "What did I do yesterday?")).toEqual(["i0"]);
  });

  it("search() lets facts, which belong to no thread, lend nothing to each other", () => {
    const facts = indexOf(
      item("f0", "The deadline is Friday", { kind: "fact", threadId: "" }),
      item("f1", "Cats are allowed", { kind: "fact", threadId: "" }),
    );
    expect(found(facts, "deadline")).toEqual(["f0"]);
  });
});

describe("results", () => {
  it("search() explains each score: the parts sum up to it, and none is zero", () => {
    const results = indexOf(...longTalk()).search("When did Tom sell his boat?", { limit: 5, now: NOW });
    expect(results[0]?.id).toBe("t5");
    for (const { score, why } of results) {
      const parts = Object.values(why);
      expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(score, 9);
      expect(parts).not.toContain(0);
    }
    expect(results.map(({ score }) => score)).toEqual(
      results.map(({ score }) => score).sort((a, b) => b - a),
    );
  });

  it("search() returns what is accepted only, and as much of it as there is", () => {
    const index = createRecallIndex();
    index.add(
      Array.from({ length: 2000 }, (_, n) =>
        item(`i${n}`, "red lamp", { threadId: `t${n}`, speaker: `s${n}` }),
      ),
    );
    expect(found(index, "lamp", 10, (id) => id === "i7" || id === "i1999").sort()).toEqual(["i1999", "i7"]);
  });

  it("search() puts the newest first among equals", () => {
    const index = indexOf(
      item("i0", "red lamp", { time: "2026-01-01T00:00:00Z", threadId: "a", speaker: "A" }),
      item("i1", "red lamp", { time: "2026-03-01T00:00:00Z", threadId: "b", speaker: "B" }),
      item("i2", "red lamp", { time: "2026-02-01T00:00:00Z", threadId: "c", speaker: "C" }),
    );
    expect(found(index, "lamp")).toEqual(["i1", "i2", "i0"]);
  });

  it("search() asks what an embedding model thinks, also of items without a common word", () => {
    const index = indexOf(
      item("i0", "We own a canary", { threadId: "1" }),
      item("i1", "It rained", { threadId: "2" }),
    );
    const semantic = { nearest: ["i0", "i1"], similarity: (id: string) => (id === "i0" ? 0.8 : 0.1) };
    const [first] = index.search("feathered companion", { limit: 1, now: NOW, semantic });
    expect(first?.id).toBe("i0");
    expect(first?.why.semantic).toBeGreaterThan(0);
  });
});

describe("changes", () => {
  it("remove() takes an item out, also as a neighbour; the same id may come again", () => {
    const index = indexOf(...longTalk());
    expect(index.remove("t8")).toBe(true);
    expect(index.remove("t8")).toBe(false);
    expect(index.size).toBe(11);
    expect(found(index, "spend")).toEqual([]);
    index.add(longTalk());
    expect(index.size).toBe(12);
    expect(found(index, "Where does Tom spend the summer?", 1)).toEqual(["t9"]);
  });

  it("add() keeps what it has of an id", () => {
    const index = indexOf(item("i0", "red lamp"));
    index.add([item("i0", "blue chair")]);
    expect(index.size).toBe(1);
    expect(found(index, "chair")).toEqual([]);
    expect(found(index, "lamp")).toEqual(["i0"]);
  });

  it("remove() of most items leaves the rest as if they had come alone", () => {
    const kept = longTalk();
    const others = Array.from({ length: 3000 }, (_, n) =>
      item(`x${n}`, `boat number ${n} sold by Ines`, {
        threadId: n % 2 === 0 ? "b" : `x${n % 7}`,
        speaker: "Zed",
      }),
    );
    const index = createRecallIndex();
    index.add(others.slice(0, 1500));
    index.add(kept);
    index.add(others.slice(1500));
    for (const { id } of others) index.remove(id);
    const fresh = indexOf(...kept);
    for (const query of ["When did Tom sell his boat?", "Where does Tom spend the summer?", "violin teacher"])
      expect(index.search(query, { limit: 5, now: NOW }).map(({ id }) => id)).toEqual(found(fresh, query, 5));
  });
});
