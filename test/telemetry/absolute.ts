import { columnsOf } from "../../src/telemetry/pictures/columns.js";

/** A picture whose texts and rectangles say where they lie in it: with no groups that are moved, no text in the middle. */
export function absolute(svg: string): string {
  const moved: (readonly [number, number])[] = [[0, 0]];
  return svg.replace(/<(\/?)(g|text|rect)\b([^>]*)>([^<]*)/g, (whole, isEnd, name, attributes, content) => {
    if (name === "g") {
      const [dx = 0, dy = 0] = moved.at(-1) ?? [];
      const [, x = "0", y = "0"] = /translate\(([\d.]+) ([\d.]+)\)/.exec(attributes) ?? [];
      if (isEnd) moved.pop();
      else moved.push([dx + Number(x), dy + Number(y)]);
      return whole;
    }
    if (isEnd) return whole;
    const [dx = 0, dy = 0] = moved.at(-1) ?? [];
    const half = attributes.includes("lb-middle") ? (columnsOf(content.replace(/&\w+;/g, "?")) * 6.6) / 2 : 0;
    const placed = attributes
      .replace(/ x="([^"]*)"/, (_: string, x: string) => ` x="${Number(x) + dx - half}"`)
      .replace(/ y="([^"]*)"/, (_: string, y: string) => ` y="${Number(y) + dy}"`);
    return `<${name}${placed}>${content}`;
  });
}
