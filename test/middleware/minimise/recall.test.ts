import { describe, expect, test } from "vitest";
import { createCall } from "../../../src/core/call.js";
import { resultText } from "../../../src/core/result.js";
import { minimise } from "../../../src/middleware/minimise.js";
import { NEAR_MISSES } from "./near-misses.js";
import { type Datum, PERSONAL, toDatum } from "./personal.js";
import { Chance } from "./random.js";
import { SURROUNDINGS } from "./surroundings.js";

const ALL = ["email", "phone", "card", "iban", "ip", "secret"];
const middleware = minimise({ rules: [{ tools: "*.*", mask: ALL }] });
const call = createCall({ server: "s", tool: "t", args: {} });

async function mask(text: string): Promise<string> {
  return resultText(await middleware(call, async () => ({ content: [{ type: "text", text }] })));
}

/** In a JSON text the gap is within a string. A datum that counts only under a name gets it. */
function place(template: string, { text, key }: Datum): string {
  const isJson = /^[[{]\s*["[{]/.test(template) && template !== "{}";
  if (key !== undefined)
    return isJson
      ? JSON.stringify({ id: 3, [key]: text })
      : template.replaceAll("{}", () => `${key}: ${text}`);
  return template.replaceAll("{}", () => (isJson ? JSON.stringify(text).slice(1, -1) : text));
}

interface Score {
  readonly kind: string;
  readonly of: number;
  readonly hits: number;
  readonly examples: readonly string[];
}

const SEEDS = { tuned: 12_2026, seen: 777_001, alsoSeen: 31_337, heldOut: 8_675_309 } as const;
const EACH = { personal: 220, nearMisses: 265 };

async function measure(set: keyof typeof SURROUNDINGS) {
  const chance = new Chance(SEEDS[set]);
  const personal: Score[] = [];
  let unstable = 0;
  for (const [kind, make] of Object.entries(PERSONAL)) {
    const missed: string[] = [];
    for (let i = 0; i < EACH.personal; i++) {
      const datum = toDatum(make(chance));
      const text = place(chance.pick(SURROUNDINGS[set]), datum);
      const masked = await mask(text);
      const half = Math.ceil(datum.hidden.length / 2);
      const leaks = [datum.hidden.slice(0, half), datum.hidden.slice(half)].some(
        (part) => part.length > 3 && masked.includes(part),
      );
      if (leaks || masked.includes(datum.hidden)) missed.push(`${text} => ${masked}`);
      if ((await mask(masked)) !== masked) unstable++;
    }
    personal.push({ kind, of: EACH.personal, hits: EACH.personal - missed.length, examples: missed });
  }
  const nearMisses: Score[] = [];
  for (const [kind, make] of Object.entries(NEAR_MISSES)) {
    const wrong: string[] = [];
    for (let i = 0; i < EACH.nearMisses; i++) {
      const text = place(chance.pick(SURROUNDINGS[set]), toDatum(make(chance)));
      const masked = await mask(text);
      if (masked !== text) wrong.push(`${text} => ${masked}`);
    }
    nearMisses.push({ kind, of: EACH.nearMisses, hits: wrong.length, examples: wrong });
  }
  return { personal, nearMisses, unstable };
}

function share(scores: readonly Score[]): number {
  const sum = (key: "of" | "hits") => scores.reduce((total, score) => total + score[key], 0);
  return sum("hits") / sum("of");
}

function table(title: string, scores: readonly Score[]): string {
  const rows = scores.map(
    ({ kind, of, hits }) => `  ${kind.padEnd(34)}${((100 * hits) / of).toFixed(1).padStart(6)} % of ${of}`,
  );
  return [`${title}: ${(100 * share(scores)).toFixed(2)} %`, ...rows].join("\n");
}

const sets = (process.env.MINIMISE_SETS?.split(",") ?? [
  "tuned",
  "seen",
  "heldOut",
]) as (keyof typeof SURROUNDINGS)[];

describe.each(sets)("personal and secret data in the %s surroundings", (set) => {
  test("98 % of it is masked, at most 1 % of near misses are, and a second time changes nothing", async () => {
    const { personal, nearMisses, unstable } = await measure(set);
    console.log(`seed ${SEEDS[set]}\n${table("found", personal)}\n${table("false", nearMisses)}`);
    if (process.env.MINIMISE_EXAMPLES) {
      for (const { kind, examples } of [...personal, ...nearMisses])
        for (const each of examples.slice(0, 6)) console.log(`${kind}: ${each}`);
    }
    expect(personal.length * EACH.personal).toBeGreaterThanOrEqual(5000);
    expect(nearMisses.length * EACH.nearMisses).toBeGreaterThanOrEqual(5000);
    expect(share(personal)).toBeGreaterThanOrEqual(0.98);
    expect(share(nearMisses)).toBeLessThanOrEqual(0.01);
    expect(unstable).toBe(0);
  }, 60_000);
});
