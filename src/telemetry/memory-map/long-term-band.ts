import { counted, shorten } from "../pictures/columns.js";
import { COLUMN, MARGIN, rectAt, round, textAt, WIDTH, widthOf } from "../pictures/svg.js";
import { drawCorrections, MARK, ROW } from "./corrections.js";
import { type Band, emptyBand, GAP } from "./frame.js";
import { type KeptRow, keptRows } from "./kept-rows.js";
import { badge, badgeWidth, classesOf, mark, type Ranks } from "./marks.js";
import { type MemoryMap, speakerOf } from "./memory-map.js";
import { type TimeAxis, timeAxis } from "./time-axis.js";
import { totalsOf } from "./totals.js";

const AXIS = 22;
const STRIP = 34;
const MOST_ROWS = 14;
const AXIS_LEFT = MARGIN + 8;
const AXIS_RIGHT = 440;
const LABELS = 464;
const BUCKET = 6;
/** The highest heap has at least so many items. */
const LEAST_HEAP = 4;

/** All that can be found, on one axis of time: messages beyond the window as heaps, facts and finds with their words. */
export function longTermBand(map: MemoryMap, ranks: Ranks): Band {
  const messages = map.threads.flatMap((thread) => thread.messages);
  const all = [...messages, ...map.facts];
  if (all.length === 0) return emptyBand("nothing yet");
  const times = all.map(({ time }) => Date.parse(time));
  const axis = timeAxis(times, AXIS_LEFT, AXIS_RIGHT);
  const rows = keptRows(map, ranks, MOST_ROWS);
  const strips = stripsOf(map, rows);
  const top = AXIS + strips.length * STRIP;
  const unseen = ranks.size - rows.filter(({ item }) => ranks.has(item.id)).length;
  const height = top + rows.length * ROW + (unseen > 0 ? ROW : 4);
  return {
    height,
    elements: [
      ...axis.draw(AXIS, top + rows.length * ROW),
      textAt(LABELS, AXIS - 6, axis.words, "lb-faint"),
      ...strips.flatMap(({ items, classes, words }, index) => [
        ...drawHeaps(
          items.map(({ time }) => axis.xOf(Date.parse(time))),
          classes,
          AXIS + index * STRIP,
        ),
        textAt(LABELS, AXIS + index * STRIP + 24, words, "lb-faint"),
      ]),
      ...rows.map((row, index) => drawRow(row, axis, top + index * ROW, ranks.get(row.item.id))),
      ...drawCorrections(rows, (row) => axis.xOf(Date.parse(row.item.time)), top),
      ...(unseen > 0
        ? [
            textAt(
              LABELS,
              height - 8,
              `${unseen} more found: of lower rank, or older than this map`,
              "lb-faint",
            ),
          ]
        : []),
    ],
  };
}

/** What has no row of its own. */
function stripsOf(map: MemoryMap, rows: readonly KeptRow[]) {
  const { leftOut } = map;
  const beyond = map.threads.flatMap(({ messages }) => messages.filter(({ isInWindow }) => !isInWindow));
  const others = map.facts.filter((fact) => !rows.some(({ item }) => item === fact));
  return [
    {
      items: beyond,
      classes: "lb-more",
      count: totalsOf(map).beyond,
      words: (count: number) => `${counted(count, "message")} beyond the windows`,
    },
    {
      items: others,
      classes: "lb-fact",
      count: others.length + leftOut.facts,
      words: (count: number) => counted(count, "more fact"),
    },
  ].flatMap(({ items, classes, count, words }) => {
    const older = count - items.length;
    const rest = older > 0 ? `, ${older.toLocaleString("en-US")} before this axis begins` : "";
    return count > 0 ? [{ items, classes, words: words(count) + rest }] : [];
  });
}

/** Heaps of what lies near each other; the height goes by the count. */
function drawHeaps(places: readonly number[], classes: string, y: number): string[] {
  const heaps = new Map<number, number>();
  for (const x of places) {
    const bucket = Math.floor((x - AXIS_LEFT) / BUCKET);
    heaps.set(bucket, (heaps.get(bucket) ?? 0) + 1);
  }
  const most = Math.max(LEAST_HEAP, ...heaps.values());
  return [...heaps].map(([bucket, count]) => {
    const height = 4 + 20 * Math.sqrt(count / most);
    return rectAt(classes, AXIS_LEFT + bucket * BUCKET, y + 28 - height, BUCKET - 1, height, 1);
  });
}

function drawRow(
  { item, kind, threadId }: KeptRow,
  axis: TimeAxis,
  y: number,
  rank: number | undefined,
): string {
  const x = axis.xOf(Date.parse(item.time));
  const middle = y + ROW / 2;
  const radius = kind === "fact" ? MARK / 2 : 1.5;
  const elements = [
    `<line class="lb-line" x1="${round(x)}" x2="${LABELS - GAP}" y1="${middle}" y2="${middle}"/>`,
    rectAt(classesOf(item, kind), x - MARK / 2, middle - MARK / 2, MARK, MARK, radius),
  ];
  let labelX = LABELS;
  if (rank !== undefined) {
    elements.push(
      rectAt("lb-found", x - MARK / 2 - 2, middle - MARK / 2 - 2, MARK + 4, MARK + 4, radius + 2),
      rectAt("lb-found-row", LABELS - 6, y + 2, WIDTH - MARGIN - LABELS + 4, ROW - 4, 4),
      badge(rank, LABELS + badgeWidth(rank) / 2, middle),
    );
    labelX += badgeWidth(rank) + 6;
  }
  const notes = [
    item.hits > 0 && `×${item.hits}`,
    item.supersededBy !== undefined && "corrected",
    item.isExpired && "over",
  ].filter((note) => note !== false);
  const end = notes.length > 0 ? ` · ${notes.join(" · ")}` : "";
  const room = Math.floor((WIDTH - MARGIN - 8 - labelX - widthOf(end)) / COLUMN);
  const words =
    threadId === undefined ? item.text : `${speakerOf(item, kind)} in ${shorten(threadId, 14)}: ${item.text}`;
  const isPast = item.supersededBy !== undefined || item.isExpired;
  elements.push(textAt(labelX, middle + 4, shorten(words, room) + end, isPast ? "lb-faint" : ""));
  return mark(item, rank, elements);
}
