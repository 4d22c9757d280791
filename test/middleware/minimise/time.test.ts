import { expect, test } from "vitest";
import { createMask } from "../../../src/middleware/minimise/mask.js";
import { growthOf } from "../../support/growth.js";
import { Chance } from "./random.js";

const mask = createMask(["email", "phone", "card", "iban", "ip", "secret"]);
/** Units that make much work: beginnings of everything, ends of nothing. */
const UNITS = [
  ...[
    "1",
    "a",
    "@",
    "a@",
    "a.",
    "a.a@",
    "a@a.",
    " ",
    "\n",
    "é",
    "\\n",
    "::",
    "f:",
    "1:",
    "1-",
    "1 ",
    "1.1.",
    "(0) ",
    "+4",
  ],
  ...[
    "-----BEGIN ",
    "-----BEGIN RSA PRIVATE KEY-----\n",
    "eyJ",
    "eyJa.eyJ",
    "ghp_",
    "sk-",
    "sk-a",
    "token",
    "call ",
  ],
  ...[
    "password=",
    "password: ",
    "bearer ",
    "authorization: ",
    "://",
    "://a:b",
    "x://a:b@",
    "aA1_",
    "aA1/",
    "/aA1b",
  ],
  ...["0123 ", "4111 ", "DE12 ", "DE12", "5551234567 ", "[email]", "Ab1Cd2Ef3Gh4Ij5Kl6Mn7 "],
  ...[
    "bob@x.com ",
    "+49 30 1234567 ",
    "4111111111111111,",
    "password=hunter22&",
    "The quick brown fox: 12 dogs at 10:30. ",
  ],
];

test("the time of all detectors grows with the length of a text alone, whatever is in it", () => {
  const rows = UNITS.map((unit) => ({ unit, ...growthOf(unit, mask) })).sort((a, b) => b.ms - a.ms);
  const slowest = rows.slice(0, 5).map(({ unit, ms }) => `${JSON.stringify(unit)} ${ms.toFixed(2)} ms`);
  const median = rows[Math.floor(rows.length / 2)]?.ms ?? 0;
  console.log(`10 KB: median ${median.toFixed(2)} ms; slowest ${slowest.join(", ")}`);
  expect(rows.filter(({ ms, isLinear }) => !isLinear || ms > 20)).toEqual([]);
}, 60_000);

test("marks come to rest on texts made of pieces of everything", () => {
  const chance = new Chance(20_260_120);
  for (let i = 0; i < 1500; i++) {
    const text = Array.from({ length: chance.whole(1, 14) }, () => chance.pick(UNITS)).join(
      chance.pick(["", " ", "-", ""]),
    );
    const masked = mask(text);
    expect(mask(masked), text).toBe(masked);
  }
});
