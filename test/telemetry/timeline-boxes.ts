import { expect } from "vitest";
import { columnsOf } from "../../src/telemetry/pictures/columns.js";

export interface Box {
  readonly what: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The boxes of all texts of a picture, as a monospaced font of 11 pixels sets them. */
export function textsOf(svg: string): Box[] {
  return elementsOf(svg, "text").map(({ attributes, content }) => {
    const width = columnsOf(content.replace(/&\w+;/g, "?")) * 6.6;
    const { x, y } = numbersOf(attributes);
    const left = attributes.includes('text-anchor="end"') ? x - width : x;
    return { what: content, left, right: left + width, top: y - 9, bottom: y + 2 };
  });
}

/** The boxes of all rectangles of a picture that have one of these classes. */
export function rectsOf(svg: string, ...classes: readonly string[]): Box[] {
  return elementsOf(svg, "rect")
    .map(({ attributes }) => ({
      what: /class="([^"]*)"/.exec(attributes)?.[1] ?? "",
      ...numbersOf(attributes),
    }))
    .filter(({ what }) => what.split(" ").some((each) => classes.includes(each)))
    .map(({ what, x, y, width, height }) => ({
      what,
      left: x,
      right: x + width,
      top: y,
      bottom: y + height,
    }));
}

/** Throws when two of these meet, or one lies outside of the picture's width. */
export function expectApart(boxes: readonly Box[], width = 960): void {
  for (const [index, box] of boxes.entries()) {
    expect(box.left, box.what).toBeGreaterThanOrEqual(0);
    expect(box.right, box.what).toBeLessThanOrEqual(width);
    expectClear([box], boxes.slice(index + 1));
  }
}

/** Throws when one of these meets one of the others. */
export function expectClear(boxes: readonly Box[], others: readonly Box[]): void {
  for (const a of boxes)
    for (const b of others)
      if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
        expect.fail(`${JSON.stringify(a)} meets ${JSON.stringify(b)}`);
}

/** Throws unless every element is closed in order and every text is escaped. */
export function expectWellFormed(xml: string): void {
  const open: string[] = [];
  for (const [, isEnd, name, attributes = "", isEmpty] of xml.matchAll(/<(\/?)([\w:]+)([^<>]*?)(\/?)>/g)) {
    expect(attributes).toMatch(/^(\s+[\w:-]+="[^"<&]*")*\s*$/);
    if (isEnd) expect(open.pop()).toBe(name);
    else if (!isEmpty) open.push(name ?? "");
  }
  expect(open).toEqual([]);
  const text = xml.replace(/<\/?[\w:]+[^<>]*>/g, "");
  expect(text).not.toMatch(/[<>]|&(?!(amp|lt|gt|quot);)|[^\P{Cc}\n]|\p{Cs}/u);
}

interface Element {
  readonly attributes: string;
  readonly content: string;
}

function elementsOf(svg: string, name: string): Element[] {
  return [...svg.matchAll(new RegExp(`<${name}( [^>]*?)/?>([^<]*)`, "g"))].map(
    ([, attributes = "", content = ""]) => ({ attributes, content }),
  );
}

function numbersOf(attributes: string): Readonly<Record<"x" | "y" | "width" | "height", number>> {
  const numberOf = (name: string): number =>
    Number(new RegExp(` ${name}="([\\d.-]+)"`).exec(attributes)?.[1]);
  return { x: numberOf("x"), y: numberOf("y"), width: numberOf("width"), height: numberOf("height") };
}
