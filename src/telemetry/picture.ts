/** What a notebook shows of a value, by MIME type: the protocol of Deno's Jupyter kernel. */
const JUPYTER_DISPLAY = Symbol.for("Jupyter.display");
/** What `console.log` shows of a value. */
const NODE_INSPECT = Symbol.for("nodejs.util.inspect.custom");
const DENO_INSPECT = Symbol.for("Deno.customInspect");

/** A picture for people, and the same in words. */
export interface Picture {
  /** A whole SVG file: no script, no font and no address outside of it, in light and dark. */
  readonly svg: string;
  /** The same as text, for a terminal and for who cannot see the picture. */
  readonly text: string;
  /** The text. */
  toString(): string;
}

/**
 * A picture that shows itself: as last expression of a cell a notebook draws the SVG, `console.log` prints the text.
 *
 * @example
 * ```ts
 * const picture = createPicture("<svg ...>...</svg>", "a picture of nothing");
 * await writeFile("picture.svg", picture.svg);
 * ```
 */
export function createPicture(svg: string, text: string): Picture {
  const show = (): string => text;
  const picture: Picture = { svg, text, toString: show };
  // Not to be seen in what a test or a person compares.
  for (const [key, value] of [
    [JUPYTER_DISPLAY, () => ({ "image/svg+xml": svg, "text/plain": text })],
    [NODE_INSPECT, show],
    [DENO_INSPECT, show],
  ] as const)
    Object.defineProperty(picture, key, { value });
  return Object.freeze(picture);
}
