import { expect, it } from "vitest";
import { dateCodeOf } from "../../../src/memory/recall/date-words.js";
import { findDates } from "../../../src/memory/recall/dates.js";

/** A Wednesday. */
const BASE = Date.UTC(2026, 4, 20, 15);
const day = (time: number) => new Date(time).toISOString().slice(0, 10);

function spans(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return findDates(words.map(dateCodeOf), BASE).map(({ from, to }) => `${day(from)}..${day(to)}`);
}

it.each([
  ["yesterday", "2026-05-19..2026-05-20"],
  ["tomorrow", "2026-05-21..2026-05-22"],
  ["two weeks ago", "2026-05-03..2026-05-10"],
  ["a year ago", "2024-11-19..2025-11-19"],
  ["last week", "2026-05-11..2026-05-18"],
  ["this week", "2026-05-18..2026-05-25"],
  ["last month", "2026-04-01..2026-05-01"],
  ["last year", "2025-01-01..2026-01-01"],
  ["next month", "2026-06-01..2026-07-01"],
  ["last weekend", "2026-05-16..2026-05-18"],
  ["last Friday", "2026-05-15..2026-05-16"],
  ["next Friday", "2026-05-22..2026-05-23"],
  ["on Monday", "2026-05-18..2026-05-19"],
  ["5 July 2023", "2023-07-05..2023-07-06"],
  ["July 5th, 2023", "2023-07-05..2023-07-06"],
  ["on 3 May", "2026-05-03..2026-05-04"],
  ["2023-07-05", "2023-07-05..2023-07-06"],
  ["in June", "2025-06-01..2025-07-01"],
  ["in June 2024", "2024-06-01..2024-07-01"],
  ["May 2024", "2024-05-01..2024-06-01"],
  ["in 2019", "2019-01-01..2020-01-01"],
  ["last summer", "2025-06-01..2025-09-01"],
])("findDates() reads %s", (text, span) => {
  expect(spans(text)).toEqual([span]);
});

it("findDates() takes may, march and second for ordinary words where they are", () => {
  for (const text of ["you may go", "they march on", "a second helping", "five apples", "the sun shone"])
    expect(spans(text)).toEqual([]);
});
