import { expect, test } from "vitest";
import { findCircle, inOrder } from "../../src/execution/order.js";

const ids = (all: readonly { id: string }[]) => all.map(({ id }) => id).join("");
const graph = (...edges: readonly string[]) =>
  edges.map((edge) => ({ id: edge[0] ?? "", needs: [...edge.slice(1)] }));

test("inOrder() puts each after all that it needs, wave by wave, otherwise as they were", () => {
  expect(ids(inOrder(graph("dab", "c", "bc", "a", "ez")).ordered)).toBe("caebd");
});

test("inOrder() keeps those apart that are in a circle or need one that is", () => {
  const { ordered, circular } = inOrder(graph("ab", "ba", "ca", "d"));
  expect([ids(ordered), ids(circular)]).toEqual(["d", "abc"]);
});

test("findCircle() names the steps of one circle alone", () => {
  expect(findCircle(graph("cb", "ba", "ab"))).toEqual(["b", "a", "b"]);
  expect(findCircle(graph("ab", "b"))).toBeUndefined();
});

test("inOrder() takes a chain of 200,000 without trouble", () => {
  const chain = Array.from({ length: 200_000 }, (_, index) => ({ id: `${index}`, needs: [`${index + 1}`] }));
  expect(inOrder(chain).ordered[0]?.id).toBe("199999");
});
