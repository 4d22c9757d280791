import { InMemoryStore } from "@langchain/langgraph-checkpoint";
import { describe, expect, test } from "vitest";
import { createMemory } from "../../src/memory/memory.js";
import { drawGraph } from "../../src/telemetry/draw-graph.js";
import { drawLatency } from "../../src/telemetry/draw-latency.js";
import { drawMemory } from "../../src/telemetry/draw-memory.js";
import { drawTimeline } from "../../src/telemetry/draw-timeline.js";
import { span } from "./timeline-spans.js";

const memory = createMemory({ store: new InMemoryStore(), namespace: ["users", "alice"] });
await memory.remember("Alice is allergic to peanuts");
const graph = { nodes: [{ id: "a" }, { id: "b" }], edges: [{ source: "a", target: "b" }] };
const pictures = {
  memory: drawMemory(await memory.map(), { found: await memory.recall("Alice") }).svg,
  graph: (await drawGraph(graph, { ran: ["a"] })).svg,
  timeline: drawTimeline([span(0, 1)]).svg,
  latency: drawLatency([span(0, 1)]).svg,
};
const sheetsIn = (svg: string) =>
  [...svg.matchAll(/<style>([^<]*)<\/style>/g)].map(([, sheet = ""]) => sheet);
const SCHEMES = ["light", "dark"] as const;

/** What a property of an element with these classes is by all rules of a page, the later of two equal ones first. */
function computed(sheets: readonly string[], scheme: string, classes: string, property: string): string {
  const own = new Set(classes.split(" "));
  let [best, value] = [-1, ""];
  for (const sheet of sheets) {
    const [light = "", dark = ""] = sheet.split(/@media \(prefers-color-scheme:dark\)\{/);
    const rules = scheme === "dark" ? light + dark.replace(/\}\}$/, "}") : light;
    for (const [, selector = "", body = ""] of rules.matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
      const names = selector.split(".").slice(1);
      const found = new RegExp(`(?:^|;)${property}:([^;]+)`).exec(body)?.[1];
      if (found === undefined || names.length < best || !names.every((name) => own.has(name))) continue;
      [best, value] = [names.length, found];
    }
  }
  return value;
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [bright = 0, dim = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (bright + 0.05) / (dim + 0.05);
}

describe.each(SCHEMES)("pictures on one HTML page, %s", (scheme) => {
  test("keep their look, in any order", () => {
    const names = Object.keys(pictures) as (keyof typeof pictures)[];
    for (const first of names)
      for (const second of names) {
        const page = [...sheetsIn(pictures[first]), ...sheetsIn(pictures[second])];
        const alone = sheetsIn(pictures[first]);
        for (const [, classes = ""] of pictures[first].matchAll(/class="([^"]*)"/g))
          for (const property of ["fill", "stroke", "stroke-width", "fill-opacity"])
            expect(computed(page, scheme, classes, property), `${first}, then ${second}: ${classes}`).toBe(
              computed(alone, scheme, classes, property),
            );
      }
    expect(computed(sheetsIn(pictures.memory), scheme, "lb-text lb-on-rank", "fill")).not.toBe(
      computed(sheetsIn(pictures.memory), scheme, "lb-text", "fill"),
    );
  });

  test.each([
    ["lb-user lb-beyond", "stroke"],
    ["lb-assistant lb-beyond", "stroke"],
    ["lb-tool lb-past", "stroke"],
    ["lb-fact lb-past", "stroke"],
    ["lb-more lb-past", "stroke"],
    ["lb-over-time", "stroke"],
    ["lb-group", "stroke"],
    ["lb-edge lb-missed", "stroke"],
    ["lb-missed-tip", "fill"],
    ["lb-node lb-idle", "stroke"],
    ["lb-node lb-waits", "stroke"],
  ])("%s has a contrast of 3 against ground and lane", (classes, property) => {
    const sheets = [...new Set(Object.values(pictures).flatMap(sheetsIn))];
    const colour = computed(sheets, scheme, classes, property);
    expect(computed(sheets, scheme, classes, "opacity")).toBe("");
    for (const under of ["lb-ground", "lb-lane"])
      expect(contrast(colour, computed(sheets, scheme, under, "fill")), under).toBeGreaterThanOrEqual(3);
  });

  test("a rank can be read on its badge", () => {
    const sheets = sheetsIn(pictures.memory);
    const [text, badge] = ["lb-text lb-on-rank lb-strong", "lb-rank"].map((each) =>
      computed(sheets, scheme, each, "fill"),
    );
    expect(contrast(text ?? "", badge ?? "")).toBeGreaterThanOrEqual(4.5);
  });
});
