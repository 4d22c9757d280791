import { BatonError } from "../../core/errors.js";
import { isDay } from "./dates.js";
import type { Passage } from "./source.js";

/** Of one passage; what comes after is not read. */
const LONGEST_PASSAGE = 8000;
const LABELS = ["title", "heading", "uri"] as const;

/**
 * What a source found, checked: it may be anybody's code, over anybody's data.
 *
 * @throws {BatonError} `INVALID_RESULT` for what are no passages
 */
export function arrived(given: unknown, source: string, limit: number): readonly Passage[] {
  if (!Array.isArray(given)) throw invalid(source, "its answer", "must be a list of passages");
  return given
    .slice(0, limit)
    .map((one: unknown, place) => passageOf(one, source, `passage ${place + 1}`))
    .filter(({ text }) => text.trim() !== "");
}

function passageOf(given: unknown, source: string, path: string): Passage {
  if (typeof given !== "object" || given === null)
    throw invalid(source, path, "must be an object with a text");
  const { text, updated, ...rest } = given as Readonly<Record<string, unknown>>;
  if (typeof text !== "string") throw invalid(source, `the text of ${path}`, "must be a text");
  const labels = LABELS.flatMap((name) => {
    const label = rest[name] ?? undefined;
    if (label === undefined) return [];
    if (typeof label !== "string") throw invalid(source, `the ${name} of ${path}`, "must be a text");
    return label.trim() === "" ? [] : [[name, label] as const];
  });
  const day = dayOf(updated ?? undefined);
  if (day === "invalid")
    throw invalid(
      source,
      `updated of ${path}`,
      "must be a day as YYYY-MM-DD, or be left out where none is known",
    );
  return { text: shortened(text), ...Object.fromEntries(labels), ...(day !== undefined && { updated: day }) };
}

/** Of a day with a time, the day. */
function dayOf(updated: unknown): string | undefined {
  if (updated === undefined) return undefined;
  const [day = "", time] = typeof updated === "string" ? updated.split("T") : [];
  return isDay(day) && (time === undefined || /^[\d:.]+(?:Z|[+-][\d:]+)?$/.test(time)) ? day : "invalid";
}

function shortened(text: string): string {
  if (text.length <= LONGEST_PASSAGE) return text;
  const start = text.slice(0, LONGEST_PASSAGE);
  const end = Math.max(start.lastIndexOf("\n"), start.lastIndexOf(" "));
  return end < LONGEST_PASSAGE / 2 ? start : start.slice(0, end);
}

function invalid(source: string, path: string, problem: string): BatonError {
  const message = `source '${source}' gave what are no passages: ${path} ${problem}`;
  return new BatonError("INVALID_RESULT", message, { data: { issues: [{ path, problem }] } });
}
