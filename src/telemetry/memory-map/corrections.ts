import { round } from "../pictures/svg.js";
import type { KeptRow } from "./kept-rows.js";

/** The height of a row, and the size of the mark in its middle. */
export const ROW = 24;
export const MARK = 10;

/** Arrows from what was corrected, down and across to what corrects it. */
export function drawCorrections(
  rows: readonly KeptRow[],
  xOf: (row: KeptRow) => number,
  top: number,
): string[] {
  const places = new Map(
    rows.map((row, index) => [row.item.id, { x: xOf(row), y: top + index * ROW + ROW / 2 }]),
  );
  return rows.flatMap(({ item }) => {
    const from = places.get(item.id);
    const to = item.supersededBy === undefined ? undefined : places.get(item.supersededBy);
    return from && to ? [drawArrow(from, to)] : [];
  });
}

interface Place {
  readonly x: number;
  readonly y: number;
}

function drawArrow(from: Place, to: Place): string {
  const down = Math.sign(to.y - from.y);
  const across = Math.sign(to.x - from.x);
  const edge = MARK / 2 + 2;
  const start = `M${round(from.x)} ${from.y + down * edge}`;
  // There is no room to go across where both lie near each other.
  if (Math.abs(to.x - from.x) < 2 * MARK) {
    const tip = `${round(to.x)} ${to.y - down * edge}`;
    return arrow(`${start}L${tip}`, `M${tip}l-4 ${-6 * down}h8Z`);
  }
  const tipX = round(to.x - across * edge);
  return arrow(`${start}V${to.y}H${tipX}`, `M${tipX} ${to.y}l${-7 * across} -4v8Z`);
}

function arrow(line: string, tip: string): string {
  return `<path class="lb-arrow" d="${line}"/><path class="lb-arrow-tip" d="${tip}"/>`;
}
