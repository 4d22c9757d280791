import { QUARTER } from "./company.js";
import { weekdays } from "./dates.js";
import type { Employee } from "./employees.js";
import type { Project } from "./projects.js";
import type { Random } from "./random.js";

export const TIMESHEET_COUNT = 15_420;

export const ACTIVITIES = [
  "delivery",
  "design",
  "testing",
  "support",
  "planning",
  "meetings",
  "training",
] as const;

export const APPROVALS = ["approved", "submitted", "rejected"] as const;

export interface Timesheet {
  readonly id: number;
  readonly employeeId: number;
  readonly projectId: number;
  readonly date: string;
  readonly hours: number;
  readonly activity: (typeof ACTIVITIES)[number];
  readonly approval: (typeof APPROVALS)[number];
}

/** Everybody below director level records time here; elsewhere, one in three, on loan to projects. */
const RECORDING_DEPARTMENTS = ["Engineering", "Product", "Design", "Data", "Customer Success", "IT"];

/** The days from which on supervisors have not yet looked at what was recorded. */
const PENDING_FROM = "2026-10-26";

interface Workday {
  readonly date: string;
  readonly employeeId: number;
  readonly projects: readonly Project[];
}

/** One or two entries for each day worked in the quarter, in order of date. */
export function generateTimesheets(
  employees: readonly Employee[],
  projects: readonly Project[],
  random: Random,
): Timesheet[] {
  const days = weekdays(QUARTER.start, QUARTER.end);
  const workdays = employees
    .filter(recordsTime)
    .flatMap((employee) => workdaysOf(employee, days, projects, random))
    .sort((a, b) => a.date.localeCompare(b.date, "en"));

  const splits = TIMESHEET_COUNT - workdays.length;
  if (splits < 0 || splits > workdays.length) {
    throw new RangeError(`${workdays.length} days worked cannot give ${TIMESHEET_COUNT} timesheets`);
  }
  const split = new Set(random.shuffle(workdays).slice(0, splits));
  return workdays
    .flatMap((workday) => entriesOf(workday, split.has(workday), random))
    .map((entry, index) => ({ id: index + 1, ...entry }));
}

function recordsTime(employee: Employee): boolean {
  if (employee.level === "Executive" || employee.level === "Director") return false;
  if (employee.status === "on_leave") return false;
  return RECORDING_DEPARTMENTS.includes(employee.department) || employee.id % 3 === 0;
}

/** The quarter's days without holiday and illness, each with the projects that run on it. */
function workdaysOf(
  employee: Employee,
  days: readonly string[],
  projects: readonly Project[],
  random: Random,
): Workday[] {
  const [fallback, ...assigned] = assignments(employee, projects, random);
  const holidayStart = random.integer(0, days.length - 1);
  const holidayEnd = holidayStart + (random.chance(0.5) ? random.integer(3, 12) : 0);
  return days.flatMap((date, index) => {
    const away = (index >= holidayStart && index < holidayEnd) || random.chance(0.03);
    if (away || date < employee.hireDate) return [];
    const running = assigned.filter((project) => runsOn(project, date));
    return [{ date, employeeId: employee.id, projects: running.length > 0 ? running : [fallback] }];
  });
}

/** The long-running project of the department for days without another, and one to three others. */
function assignments(
  employee: Employee,
  projects: readonly Project[],
  random: Random,
): [fallback: Project, ...Project[]] {
  const own = projects.filter((project) => project.department === employee.department);
  const [fallback] = own;
  if (!fallback) throw new Error(`${employee.department} has no project`);
  const shared = projects.filter((project) => project.department === "Engineering");
  const candidates = [...own, ...(random.chance(0.3) ? shared : [])].filter(
    (project) => project.status === "active" || project.status === "completed",
  );
  return [fallback, ...random.shuffle(candidates).slice(0, random.integer(1, 3))];
}

function runsOn(project: Project, date: string): boolean {
  return project.startDate <= date && (project.status === "active" || date <= project.endDate);
}

function entriesOf(workday: Workday, split: boolean, random: Random): Omit<Timesheet, "id">[] {
  const quarters = random.integer(26, 34);
  const first = split ? random.integer(8, quarters - 8) : quarters;
  const parts = split ? [first, quarters - first] : [first];
  return parts.map((part) => ({
    employeeId: workday.employeeId,
    projectId: random.pick(workday.projects).id,
    date: workday.date,
    hours: part / 4,
    activity: random.weighted({
      delivery: 46,
      design: 9,
      testing: 12,
      support: 10,
      planning: 8,
      meetings: 11,
      training: 4,
    }),
    approval:
      workday.date >= PENDING_FROM
        ? "submitted"
        : random.weighted({ approved: 985, rejected: 5, submitted: 10 }),
  }));
}
