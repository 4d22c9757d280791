import { createMask } from "../../../middleware/minimise/mask.js";
import type { Place } from "./candidates.js";
import { isDrawnByLot } from "./drawn-by-lot.js";

const LONGEST = 120;
/** So far on either side of a place its line is looked at. */
const AROUND = 200;
const mask = createMask(["secret"]);
/** A value, perhaps with its name before it. */
const WORD = /([A-Za-z_][\w.-]*(?:=>|:=|[:=]))?([^\s"'`,;()[\]]{8,})/g;

/**
 * The line of a place with marks for all that may be a secret in it. A secret's first letters are shown to no one either:
 * who rotates keys knows them by file and line. What nobody took for one and could be one is hidden as well.
 */
export function excerptOf(text: string, places: readonly Place[], index: number): string {
  const { start, end } = places[index] as Place;
  const from = beginning(text, start);
  const to = ending(text, end);
  let first = index;
  while ((places[first - 1]?.end ?? -1) > from) first--;
  let shown = "";
  let at = from;
  for (let next = first; (places[next]?.start ?? to) < to; next++) {
    const place = places[next] as Place;
    const kind = place.candidates[0]?.kind ?? "secret";
    shown += `${hidden(text.slice(at, Math.max(at, place.start)))}[${kind}, ${place.end - place.start} characters]`;
    at = place.end;
  }
  shown = mask(shown + hidden(text.slice(at, Math.max(at, to)))).trim();
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown;
}

/** Where the line begins, or a whole word not too far before the place. */
function beginning(text: string, place: number): number {
  const near = Math.max(0, place - AROUND);
  const before = text.slice(near, place);
  const line = before.lastIndexOf("\n") + 1;
  if (line > 0 || near === 0) return near + line;
  const space = before.search(/\s/);
  return space === -1 ? place : near + space;
}

function ending(text: string, place: number): number {
  const after = text.slice(place, place + AROUND);
  const line = after.indexOf("\n");
  if (line !== -1 || place + AROUND >= text.length) return place + (line === -1 ? after.length : line);
  return place + Math.max(0, after.search(/\s\S*$/));
}

function hidden(text: string): string {
  return text.replace(WORD, (whole, name: string | undefined, value: string) => {
    const mayBeSecret = (/\d/.test(value) && /[A-Za-z]/.test(value)) || isDrawnByLot(value);
    return mayBeSecret ? `${name ?? ""}[hidden]` : whole;
  });
}
