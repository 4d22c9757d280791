import { counted, shorten } from "../pictures/columns.js";
import { MARGIN, rectAt, round, textAt, titled, widthOf } from "../pictures/svg.js";
import { type Band, emptyBand, GAP, LEFT } from "./frame.js";
import { badge, badgeWidth, classesOf, mark, type Ranks } from "./marks.js";
import type { MappedMessage, MappedThread, MemoryMap } from "./memory-map.js";
import { totalsOf } from "./totals.js";

const LANE = 54;
const MOST_LANES = 8;
const LONGEST_NAME = 22;
/** Where the newest bar of each lane ends; right of it the window is told in words. */
const RIGHT = 800;
/** For "1,234 older" left of the bars. */
const OLDER = 90;
/** From bar to bar, as many messages as there are. */
const LEAST_STEP = 9;
const MOST_STEP = 22;
const BETWEEN = 2;
/** Between what has left the window and its frame. */
const FRAME_GAP = 12;
const MOST_BARS = Math.floor((RIGHT - LEFT - OLDER - FRAME_GAP) / LEAST_STEP);
const HIGHEST = 22;
const LOWEST = 4;
/** The highest bar has at least so many tokens: short words are not made to look long. */
const LEAST_SCALE = 40;
/** Where the bars stand, below the top of a lane; above them is room for ranks, below for hits. */
const FLOOR = 43;

/** How all lanes are drawn alike. */
interface Scale {
  readonly step: number;
  /** Of the highest bar. */
  readonly tokens: number;
}

/** A lane for each thread: a bar for each message, the newest at the right, and around the recent ones the window. */
export function threadsBand(map: MemoryMap, ranks: Ranks): Band {
  const { threads, leftOut } = map;
  if (threads.length === 0) return emptyBand("no message yet");
  const shown = threads.slice(0, MOST_LANES);
  const rest = threads.slice(MOST_LANES);
  const bars = shown.map(({ messages }) => messages.slice(-MOST_BARS));
  const most = Math.max(...bars.map(({ length }) => length));
  const scale: Scale = {
    step: Math.min(MOST_STEP, Math.floor((RIGHT - LEFT - OLDER - FRAME_GAP) / most)),
    tokens: Math.max(LEAST_SCALE, ...bars.flat().map(({ tokens }) => tokens)),
  };
  const elements = shown.flatMap((thread, index) =>
    drawLane(thread, bars[index] ?? [], index * LANE, scale, ranks),
  );
  const others = rest.length + leftOut.threads;
  if (others === 0) return { height: shown.length * LANE, elements };
  const told = shown.reduce((sum, thread) => sum + thread.messages.length + thread.leftOut, 0);
  const words = `and ${counted(others, "older thread")} of ${counted(totalsOf(map).messages - told, "message")}`;
  elements.push(textAt(MARGIN, shown.length * LANE + 16, words, "lb-faint"));
  return { height: shown.length * LANE + 22, elements };
}

function drawLane(
  thread: MappedThread,
  bars: readonly MappedMessage[],
  y: number,
  { step, tokens }: Scale,
  ranks: Ranks,
): string[] {
  const floor = y + FLOOR;
  const from = bars.findIndex(({ isInWindow }) => isInWindow);
  const left = (index: number): number =>
    RIGHT - (bars.length - index) * step - (index < from ? FRAME_GAP : 0);
  const elements = [
    titled(thread.threadId, [textAt(MARGIN, y + 34, shorten(thread.threadId, LONGEST_NAME))]),
    `<line class="lb-line" x1="${LEFT}" x2="${RIGHT}" y1="${floor}" y2="${floor}"/>`,
  ];
  if (from !== -1) {
    const frameLeft = left(from) - 5;
    elements.push(
      rectAt("lb-window", frameLeft, floor - HIGHEST - 6, RIGHT + 4 - frameLeft, HIGHEST + 15, 5),
    );
  }
  for (const [index, message] of bars.entries()) {
    const share = Math.sqrt(message.tokens / tokens);
    const height = LOWEST + (HIGHEST - LOWEST) * share;
    elements.push(drawBar(message, left(index), floor, step - BETWEEN, height, ranks.get(message.id)));
  }
  const older = thread.leftOut + thread.messages.length - bars.length;
  if (older > 0) {
    const words = `${older.toLocaleString("en-US")} older`;
    elements.push(textAt(left(0) - GAP - widthOf(words), y + 34, words, "lb-faint"));
  }
  elements.push(
    textAt(RIGHT + GAP, y + 30, counted(thread.window.messages, "message"), "lb-faint"),
    textAt(RIGHT + GAP, y + 44, counted(thread.window.tokens, "token"), "lb-faint"),
    ...drawRanks(bars, (index) => left(index) + (step - BETWEEN) / 2, y + 8, ranks),
  );
  return elements;
}

function drawBar(
  message: MappedMessage,
  x: number,
  floor: number,
  width: number,
  height: number,
  rank: number | undefined,
): string {
  const classes = `${classesOf(message, message.role)}${message.isInWindow ? "" : " lb-beyond"}`;
  const elements = [rectAt(classes, x, floor - height, width, height, 1.5)];
  if (rank !== undefined) elements.push(rectAt("lb-found", x - 1, floor - height - 1, width + 2, height + 2));
  if (message.hits > 0)
    elements.push(`<circle class="lb-hit" cx="${round(x + width / 2)}" cy="${floor + 4.5}" r="2"/>`);
  return mark(message, rank, elements);
}

/** Above their bars, the best first. One whose place is taken shows on its bar and in the list of long-term memory. */
function drawRanks(
  bars: readonly MappedMessage[],
  middleOf: (index: number) => number,
  y: number,
  ranks: Ranks,
): string[] {
  const found = bars.flatMap(({ id }, index) => {
    const rank = ranks.get(id);
    return rank === undefined ? [] : [{ rank, x: middleOf(index), half: badgeWidth(rank) / 2 }];
  });
  const placed: typeof found = [];
  for (const each of found.sort((a, b) => a.rank - b.rank))
    if (placed.every(({ x, half }) => Math.abs(x - each.x) > half + each.half)) placed.push(each);
  return placed.map(({ rank, x }) => badge(rank, x, y));
}
