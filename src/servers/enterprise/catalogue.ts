import { DEPARTMENT_NAMES, LOCATIONS } from "./data/company.js";
import { EMPLOYEE_STATUSES, LEVELS } from "./data/employees.js";
import { PRIORITIES, PROJECT_STATUSES } from "./data/projects.js";
import { ACTIVITIES, APPROVALS } from "./data/timesheets.js";

export type ColumnType = "number" | "text" | "date";

export interface Column {
  readonly type: ColumnType;
  readonly description: string;
  /** All values that occur, where they are few. */
  readonly values?: readonly string[];
}

export interface Table {
  readonly description: string;
  /** The view that is read; columns that are not listed here cannot be reached. */
  readonly view: string;
  readonly columns: Readonly<Record<string, Column>>;
}

const department: Column = { type: "text", description: "Department name", values: DEPARTMENT_NAMES };
const location: Column = { type: "text", description: "Office, or Remote", values: LOCATIONS };
const id: Column = { type: "number", description: "Number of the row" };

/** What may be read: the one allow list of tables and columns. Salaries are left out on purpose. */
export const TABLES = {
  employees: {
    description: "Everybody who works at the company, one row per person",
    view: "employee_view",
    columns: {
      id,
      name: { type: "text", description: "Full name" },
      email: { type: "text", description: "Work address" },
      title: { type: "text", description: "Job title, such as Senior Backend Engineer" },
      department,
      level: { type: "text", description: "Career level", values: LEVELS },
      location,
      status: { type: "text", description: "Whether the person is at work", values: EMPLOYEE_STATUSES },
      hire_date: { type: "date", description: "First working day" },
      manager_id: {
        type: "number",
        description: "Employee id of the manager; null for the chief executive",
      },
      manager: { type: "text", description: "Name of the manager" },
    },
  },
  departments: {
    description: "The 12 departments, one row each",
    view: "department_view",
    columns: {
      department,
      code: { type: "text", description: "Three-letter cost code, such as ENG" },
      head: { type: "text", description: "Name of the head" },
      head_id: { type: "number", description: "Employee id of the head" },
      location,
      annual_budget: { type: "number", description: "Budget of the fiscal year in EUR" },
      headcount: { type: "number", description: "Number of employees" },
    },
  },
  projects: {
    description: "All projects, past, running and planned",
    view: "project_view",
    columns: {
      id,
      name: { type: "text", description: "Project name" },
      department,
      status: { type: "text", description: "Where the project stands", values: PROJECT_STATUSES },
      priority: { type: "text", description: "Importance", values: PRIORITIES },
      budget: { type: "number", description: "Approved EUR, without salaries" },
      spent: { type: "number", description: "EUR spent so far, without salaries" },
      start_date: { type: "date", description: "First day" },
      end_date: { type: "date", description: "Planned last day; the real one once completed or cancelled" },
      lead_id: { type: "number", description: "Employee id of the lead" },
      lead: { type: "text", description: "Name of the lead" },
    },
  },
  timesheets: {
    description: "Hours that people recorded on projects, 2026-08-03 to 2026-10-30",
    view: "timesheet_view",
    columns: {
      id,
      date: { type: "date", description: "Day of work" },
      hours: { type: "number", description: "Hours, in quarters" },
      activity: { type: "text", description: "Kind of work", values: ACTIVITIES },
      approval: { type: "text", description: "Whether the manager approved the entry", values: APPROVALS },
      employee_id: { type: "number", description: "Employee id" },
      employee: { type: "text", description: "Name of the employee" },
      department,
      project_id: { type: "number", description: "Project id" },
      project: { type: "text", description: "Project name" },
    },
  },
} as const satisfies Record<string, Table>;

export type TableName = keyof typeof TABLES;

export const TABLE_NAMES = Object.keys(TABLES) as TableName[];

/** The columns of a table, as a map that does not inherit names such as `constructor`. */
export function columnsOf(table: TableName): ReadonlyMap<string, Column> {
  return new Map(Object.entries(TABLES[table].columns));
}

/** Every column name once. What several tables share has the values and the descriptions of all of them. */
export const ALL_COLUMNS: ReadonlyMap<string, Column> = mergeColumns();

function mergeColumns(): Map<string, Column> {
  const names = new Set(TABLE_NAMES.flatMap((table) => [...columnsOf(table).keys()]));
  return new Map([...names].map((name) => [name, mergedColumn(name)]));
}

function mergedColumn(name: string): Column {
  const values = new Set<string>();
  const tables = new Map<string, TableName[]>();
  let type: ColumnType = "text";
  for (const table of TABLE_NAMES) {
    const column = columnsOf(table).get(name);
    if (!column) continue;
    type = column.type;
    for (const value of column.values ?? []) values.add(value);
    tables.set(column.description, [...(tables.get(column.description) ?? []), table]);
  }
  const description = [...tables].map(([text, owners]) => `${text} (${owners.join(", ")})`).join("; ");
  return { type, description, ...(values.size > 0 ? { values: [...values] } : {}) };
}
