import { hashJson } from "../../core/canonical.js";
import type { CompiledSchedule } from "./check.js";
import { SCHEDULE_PREFIX } from "./intake.js";
import type { Journal, KeptEvent } from "./journal.js";
import type { EventNews } from "./types.js";

/** A firing that is later than this was missed: nothing ran when it was due. */
const ON_TIME_MS = 60_000;

/**
 * Puts into the journal what is due, as the event `schedule:NAME:TIME`, so that no firing happens twice. Of several that
 * fell due at once only the last one counts. A schedule that is new begins now.
 */
export function fireSchedules(
  schedules: readonly CompiledSchedule[],
  journal: Journal,
  now: number,
  tell: (news: EventNews) => void,
): void {
  for (const { name, cron, missed } of schedules) {
    const seenAt = journal.seenAt(name, now);
    // Croner looks before the time that it is given.
    const dueAt = cron.previousRuns(1, new Date(now + 1000 - (now % 1000)))[0]?.getTime();
    if (dueAt === undefined || dueAt <= seenAt || dueAt > now) continue;
    const isOnTime = now - dueAt <= ON_TIME_MS;
    const event = isOnTime || missed === "once" ? firing(name, dueAt) : undefined;
    journal.fire(name, dueAt, event);
    const time = new Date(dueAt).toISOString();
    if (event === undefined)
      tell({ what: "skipped", id: `${SCHEDULE_PREFIX}${name}:${time}`, detail: "missed" });
    else tell({ what: "accepted", id: event.id, detail: isOnTime ? "on time" : "made up for" });
  }
}

/** When the next schedule is due. */
export function nextFiringAt(schedules: readonly CompiledSchedule[], now: number): number {
  const times = schedules.flatMap(({ cron }) => cron.nextRun(new Date(now))?.getTime() ?? []);
  return Math.min(Number.POSITIVE_INFINITY, ...times);
}

function firing(schedule: string, dueAt: number): KeptEvent {
  const at = new Date(dueAt).toISOString();
  const content = { type: "schedule", timestamp: at, data: { schedule, at } };
  return { id: `${SCHEDULE_PREFIX}${schedule}:${at}`, ...content, hash: hashJson(content) };
}
