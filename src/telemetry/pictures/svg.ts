import { columnsOf, shorten } from "./columns.js";
import { STYLE } from "./style.js";

/** Of a picture whose width does not depend on what it shows, and of its edge, in pixels. */
export const WIDTH = 960;
export const MARGIN = 16;

/** Of a column of `lb-text` in pixels: 0.6 em of 11 pixels, and a little more, as fonts differ. */
export const COLUMN = 6.9;

/** In columns. */
const LONGEST_TITLE = 500;

/** A whole SVG file of this size in pixels: ground, style and the elements, with a name for who cannot see it. */
export function svgOf(width: number, height: number, name: string, elements: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" height="${round(height)}" role="img" aria-label="${escapeXml(name)}">`,
    `<style>${STYLE}</style><rect class="lb-ground" width="${round(width)}" height="${round(height)}" rx="6"/>`,
    ...elements,
    "</svg>",
  ].join("\n");
}

/** A line of text that begins at x, its baseline at y; `more` are further classes. */
export function textAt(x: number, y: number, content: string, more = ""): string {
  return `<text class="lb-text${more && ` ${more}`}" x="${round(x)}" y="${round(y)}">${escapeXml(content)}</text>`;
}

/** A line of text that ends at x, whatever the reader's font is. */
export function textEndingAt(x: number, y: number, content: string, more = ""): string {
  return textAt(x, y, content, more).replace("<text ", '<text text-anchor="end" ');
}

/** A rectangle with rounded corners. */
export function rectAt(
  classes: string,
  x: number,
  y: number,
  width: number,
  height: number,
  radius = 2,
): string {
  return `<rect class="${classes}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${radius}"/>`;
}

/** A dashed line of an axis down all that it measures. */
export function tickAt(x: number, top: number, bottom: number): string {
  return `<line class="lb-line" x1="${round(x)}" x2="${round(x)}" y1="${round(top)}" y2="${round(bottom)}" stroke-dasharray="2 3"/>`;
}

/** Where a text begins that stands in the middle of x, but leaves a picture neither at its left nor at its right. */
export function startOfCentred(content: string, x: number, left: number, right: number): number {
  const width = widthOf(content);
  return Math.max(left, Math.min(x - width / 2, right - width));
}

/** Elements that belong together, and what a reader sees when the pointer rests on them: one line that is not too long. */
export function titled(title: string, elements: readonly string[]): string {
  return `<g><title>${escapeXml(shorten(title, LONGEST_TITLE))}</title>${elements.join("")}</g>`;
}

/** Pixels that a text of `lb-text` takes at most. */
export function widthOf(content: string): number {
  return columnsOf(content) * COLUMN;
}

/** To a tenth of a pixel, as nobody sees more. */
export function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

/** XML has no place at all for most control characters and half surrogates, not even escaped. */
export function escapeXml(content: string): string {
  return content
    .replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, "\uFFFD")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
