import type { Database } from "better-sqlite3";
import { QUARTER, REFERENCE_DATE } from "./data/company.js";
import { weekdays } from "./data/dates.js";
import type { Cell } from "./tools/shared.js";

/** What a report covers: one department or all, and days from `start` to `end`, both included. */
export interface Scope {
  readonly department: string | null;
  readonly start: string | null;
  readonly end: string | null;
}

export interface Report {
  readonly title: string;
  /** One or two sentences with the main figures. */
  readonly summary: string;
  readonly columns: readonly string[];
  readonly rows: readonly Record<string, Cell>[];
}

type Row = Record<string, Cell>;

const HOURS_PER_DAY = 8;

export const REPORTS = {
  headcount,
  project_status: projectStatus,
  time_utilisation: timeUtilisation,
  department_summary: departmentSummary,
} as const satisfies Record<string, (database: Database, scope: Scope) => Report>;

/** People by department, or by level within one; `joined` counts hires in the period. */
function headcount(database: Database, scope: Scope): Report {
  const group = scope.department ? "level" : "department";
  const period = inQuarter(scope);
  const rows = database
    .prepare<unknown[], Row>(
      `SELECT ${group}, count(*) AS employees, sum(status = 'active') AS active, sum(status = 'on_leave') AS on_leave,
         sum(status = 'notice_period') AS notice_period, sum(hire_date BETWEEN @start AND @end) AS joined
       FROM employee_view WHERE @department IS NULL OR department = @department
       GROUP BY ${group} ORDER BY employees DESC, ${group}`,
    )
    .all({ ...scope, ...period });
  return {
    title: "Headcount",
    summary:
      `${sum(rows, "employees")} employees${inDepartment(scope)} on ${REFERENCE_DATE}, ${sum(rows, "active")} of them active. ` +
      `${sum(rows, "joined")} joined between ${period.start} and ${period.end}.`,
    columns: [group, "employees", "active", "on_leave", "notice_period", "joined"],
    rows,
  };
}

/** Projects by status, all of them or those that overlap the period. */
function projectStatus(database: Database, scope: Scope): Report {
  const projects = `FROM project_view WHERE (@department IS NULL OR department = @department)
    AND (@start IS NULL OR end_date >= @start) AND (@end IS NULL OR start_date <= @end)`;
  const rows = database
    .prepare<Scope, Row>(
      `SELECT status, count(*) AS projects, sum(budget) AS budget, sum(spent) AS spent,
         round(100.0 * sum(spent) / sum(budget), 1) AS spent_percent ${projects}
       GROUP BY status ORDER BY projects DESC, status`,
    )
    .all(scope);
  const trouble = database
    .prepare<unknown[], { late: number; over: number }>(
      `SELECT count(*) FILTER (WHERE status = 'active' AND end_date < @today) AS late,
         count(*) FILTER (WHERE spent > budget) AS over ${projects}`,
    )
    .get({ ...scope, today: REFERENCE_DATE });
  const parts = rows.map((row) => `${row.projects} ${String(row.status).replace("_", " ")}`).join(", ");
  return {
    title: "Project status",
    summary:
      `${sum(rows, "projects")} projects${inDepartment(scope)}${rows.length > 0 ? `: ${parts}` : ""}. ` +
      `${trouble?.late ?? 0} active ones are past their planned end, and ${trouble?.over ?? 0} spent more than their budget.`,
    columns: ["status", "projects", "budget", "spent", "spent_percent"],
    rows,
  };
}

/** Recorded hours against what the people who record time could work: by department, or by project within one. */
function timeUtilisation(database: Database, scope: Scope): Report {
  const period = inQuarter(scope);
  // Nothing is recorded outside the quarter, so days there are no capacity.
  const days = weekdays(QUARTER.start, QUARTER.end).filter(
    (day) => day >= period.start && day <= period.end,
  ).length;
  const group = scope.department ? "project" : "department";
  // People of a department share their time among its projects, so that capacity makes sense for the whole only.
  const measure = scope.department ? "share_percent" : "utilisation_percent";
  const entries = `FROM timesheet_view
    WHERE date BETWEEN @start AND @end AND (@department IS NULL OR department = @department)`;
  const totals = database
    .prepare<unknown[], { people: number; hours: number | null }>(
      `SELECT count(DISTINCT employee_id) AS people, sum(hours) AS hours ${entries}`,
    )
    .get({ ...scope, ...period });
  const rows = database
    .prepare<unknown[], Row>(
      `SELECT ${group}, count(DISTINCT employee_id) AS people, sum(hours) AS hours,
         round(100.0 * sum(hours) / ${scope.department ? "@total" : "(count(DISTINCT employee_id) * @capacity)"}, 1)
           AS ${measure}
       ${entries} GROUP BY ${group} ORDER BY hours DESC, ${group}`,
    )
    .all({ ...scope, ...period, capacity: days * HOURS_PER_DAY, total: totals?.hours ?? 0 });
  return {
    title: "Time utilisation",
    summary: utilisationSummary(scope, period, days, totals?.people ?? 0, totals?.hours ?? 0),
    columns: [group, "people", "hours", measure],
    rows,
  };
}

function utilisationSummary(
  scope: Scope,
  period: { start: string; end: string },
  days: number,
  people: number,
  hours: number,
): string {
  if (people === 0) {
    return `No hours${inDepartment(scope)} recorded; timesheets cover ${QUARTER.start} to ${QUARTER.end}.`;
  }
  const percent = ((100 * hours) / (people * days * HOURS_PER_DAY)).toFixed(1);
  return (
    `${people} people${inDepartment(scope)} recorded ${hours} hours between ${period.start} and ${period.end}: ` +
    `${percent}% of ${HOURS_PER_DAY} hours on each of ${days} weekdays.`
  );
}

/** One line per department: people, projects, money and recorded hours. */
function departmentSummary(database: Database, scope: Scope): Report {
  const period = inQuarter(scope);
  const rows = database
    .prepare<unknown[], Row>(
      `SELECT d.department, d.head, d.headcount, d.annual_budget,
         (SELECT count(*) FROM project_view p WHERE p.department = d.department AND p.status = 'active')
           AS active_projects,
         (SELECT sum(spent) FROM project_view p WHERE p.department = d.department) AS project_spent,
         (SELECT coalesce(sum(hours), 0) FROM timesheet_view t
           WHERE t.department = d.department AND t.date BETWEEN @start AND @end) AS hours
       FROM department_view d WHERE @department IS NULL OR d.department = @department
       ORDER BY d.headcount DESC, d.department`,
    )
    .all({ ...scope, ...period });
  const subject = scope.department
    ? `${scope.department}, led by ${rows[0]?.head}, has`
    : `The ${rows.length} departments have`;
  return {
    title: "Department summary",
    summary:
      `${subject} ${sum(rows, "headcount")} employees, ${sum(rows, "active_projects")} active projects and an annual budget ` +
      `of ${sum(rows, "annual_budget")} EUR. ${sum(rows, "hours")} hours were recorded between ${period.start} and ${period.end}.`,
    columns: [
      "department",
      "head",
      "headcount",
      "annual_budget",
      "active_projects",
      "project_spent",
      "hours",
    ],
    rows,
  };
}

/** The period asked for, with the fiscal quarter for what was left open. */
function inQuarter(scope: Scope): { start: string; end: string } {
  return { start: scope.start ?? QUARTER.start, end: scope.end ?? QUARTER.end };
}

const inDepartment = (scope: Scope) => (scope.department ? ` in ${scope.department}` : "");

const sum = (rows: readonly Row[], column: string) =>
  rows.reduce((total, row) => total + Number(row[column] ?? 0), 0);
