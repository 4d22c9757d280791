import { InMemoryStore } from "@langchain/langgraph";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { approved, bench, callOf, type Shown, turnedDown } from "./approve-bench.js";

describe("S13: nothing runs without an approval of its own", () => {
  /** What a person, a client or an operator may do to a thread, in any order. */
  const step = fc.oneof(
    fc.constant({ do: "approve by id" } as const),
    fc.constant({ do: "approve without id" } as const),
    fc.constant({ do: "approve all" } as const),
    fc.constant({ do: "approve by hash" } as const),
    fc.constant({ do: "reject by id" } as const),
    fc.constant({ do: "send nonsense" } as const),
    fc.constant({ do: "repeat an old answer" } as const),
    fc.constant({ do: "run on" } as const),
    fc.constant({ do: "restart" } as const),
    fc.constant({ do: "let it expire" } as const),
    fc.constant({ do: "fork" } as const),
    fc.record({ do: fc.constant("change" as const), path: fc.constantFrom("a", "b", "c") }),
  );

  test.each([
    ["with a store", true],
    ["without a store", false],
  ])(
    "whatever happens, %s",
    async (_, isStored) => {
      let executions = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 3, maxLength: 10 }),
          fc.integer({ min: 0, max: 9 }),
          async (steps, pick) => {
            const world = await bench({
              ...(isStored ? { store: new InMemoryStore() } : {}),
              options: { expiresMs: 1000 },
              calls: [callOf("1", "remove", "a"), callOf("2", "remove", "b")],
            });
            const given: string[] = [];
            const old: unknown[] = [];
            let { waiting } = await world.begin();
            const grant = ({ value }: { value: Shown }) => {
              if (world.clock.now() < value.expiresAt)
                given.push(`remove ${value.actionRequests[0].args.path}`);
            };
            const resume = async (value: unknown) => {
              old.push(value);
              return world.resume(value);
            };
            for (const [index, what] of steps.entries()) {
              const one = waiting[(pick + index) % Math.max(1, waiting.length)];
              const next = await (async () => {
                switch (what.do) {
                  case "approve by id":
                    if (one === undefined) return undefined;
                    grant(one);
                    return resume({ [one.id]: approved });
                  case "approve without id":
                    if (one === undefined) return undefined;
                    // With several that wait it is nobody's approval.
                    if (waiting.length === 1) grant(one);
                    return resume(approved);
                  case "approve all":
                    if (one === undefined) return undefined;
                    for (const each of waiting) grant(each);
                    return resume(Object.fromEntries(waiting.map(({ id }) => [id, approved])));
                  case "approve by hash":
                    if (one === undefined) return undefined;
                    grant(one);
                    return resume({ decisions: [{ type: "approve", hash: one.value.hash }] });
                  case "reject by id":
                    return one && resume({ [one.id]: turnedDown });
                  case "send nonsense":
                    return one && resume({ decisions: [] });
                  case "repeat an old answer":
                    // Whoever sends it again means it again, for one call if there is only one.
                    if (one === undefined || old.length === 0) return undefined;
                    for (const each of waiting)
                      if (JSON.stringify(old.at(-1)).includes(each.id) || waiting.length === 1) grant(each);
                    return world.resume(old.at(-1));
                  case "run on":
                    return world.again();
                  case "restart":
                    return void (await world.restart());
                  case "let it expire":
                    return void (await world.clock.advance(1000));
                  case "change":
                    await world.change(callOf("1", "remove", what.path), callOf("2", "remove", "b"));
                    return world.again();
                  case "fork": {
                    for await (const snapshot of world.graph().getStateHistory(world.thread))
                      if (snapshot.next.includes("act")) return world.again(snapshot.config);
                    return undefined;
                  }
                }
              })();
              if (next !== undefined) waiting = next.waiting;
              const left = [...given];
              for (const ran of world.ran) {
                const at = left.indexOf(ran);
                expect(
                  at,
                  `${ran} ran without an approval after ${JSON.stringify(steps.slice(0, index + 1))}`,
                ).not.toBe(-1);
                left.splice(at, 1);
              }
            }
            executions += world.ran.length;
          },
        ),
        { numRuns: 100 },
      );
      // A gate that lets nothing through would pass as well.
      expect(executions).toBeGreaterThan(50);
    },
    120_000,
  );
});
