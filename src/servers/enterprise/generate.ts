import type { Database } from "better-sqlite3";
import { COMPANY, DEPARTMENTS } from "./data/company.js";
import { type Employee, generateEmployees } from "./data/employees.js";
import { generateProjects } from "./data/projects.js";
import { createRandom, seedFrom } from "./data/random.js";
import { generateTimesheets } from "./data/timesheets.js";
import { POLICIES } from "./policies/all.js";

/** Raise it with every change of the data or the tables: files of another version are written anew. */
export const DATA_VERSION = 4;

/** Marks a file as ours in `PRAGMA application_id` ("LBEN"), so that nobody else's database is overwritten. */
export const APPLICATION_ID = 0x4c42454e;

/** Tools read the views alone: they carry names instead of keys, and no salary. */
const TABLES = `
  CREATE TABLE employees (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, title TEXT NOT NULL,
    department TEXT NOT NULL REFERENCES departments(department), level TEXT NOT NULL, location TEXT NOT NULL,
    status TEXT NOT NULL, hire_date TEXT NOT NULL, manager_id INTEGER REFERENCES employees(id),
    salary INTEGER NOT NULL
  );
  CREATE TABLE departments (
    department TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE, head_id INTEGER NOT NULL REFERENCES employees(id),
    location TEXT NOT NULL, annual_budget INTEGER NOT NULL
  );
  CREATE TABLE projects (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
    department TEXT NOT NULL REFERENCES departments(department), status TEXT NOT NULL, priority TEXT NOT NULL,
    budget INTEGER NOT NULL, spent INTEGER NOT NULL, start_date TEXT NOT NULL, end_date TEXT NOT NULL,
    lead_id INTEGER NOT NULL REFERENCES employees(id)
  );
  CREATE TABLE timesheets (
    id INTEGER PRIMARY KEY, employee_id INTEGER NOT NULL REFERENCES employees(id),
    project_id INTEGER NOT NULL REFERENCES projects(id), date TEXT NOT NULL, hours REAL NOT NULL,
    activity TEXT NOT NULL, approval TEXT NOT NULL
  );
  CREATE INDEX timesheets_by_date ON timesheets(date);
  CREATE TABLE policies (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, category TEXT NOT NULL, owner TEXT NOT NULL, updated TEXT NOT NULL,
    body TEXT NOT NULL
  );
  CREATE VIRTUAL TABLE passages USING fts5(
    policy_id UNINDEXED, title, heading, text, tokenize = 'porter unicode61 remove_diacritics 2'
  );
  CREATE VIEW employee_view AS
    SELECT e.id, e.name, e.email, e.title, e.department, e.level, e.location, e.status, e.hire_date,
      e.manager_id, m.name AS manager
    FROM employees e LEFT JOIN employees m ON m.id = e.manager_id;
  CREATE VIEW department_view AS
    SELECT d.department, d.code, h.name AS head, d.head_id, d.location, d.annual_budget,
      (SELECT count(*) FROM employees e WHERE e.department = d.department) AS headcount
    FROM departments d JOIN employees h ON h.id = d.head_id;
  CREATE VIEW project_view AS
    SELECT p.id, p.name, p.department, p.status, p.priority, p.budget, p.spent, p.start_date, p.end_date,
      p.lead_id, l.name AS lead
    FROM projects p JOIN employees l ON l.id = p.lead_id;
  CREATE VIEW timesheet_view AS
    SELECT t.id, t.date, t.hours, t.activity, t.approval, t.employee_id, e.name AS employee, e.department,
      t.project_id, p.name AS project
    FROM timesheets t JOIN employees e ON e.id = t.employee_id JOIN projects p ON p.id = t.project_id;
`;

/** Fills an empty database with the company's data: always the same rows. */
export function generate(database: Database): void {
  // Each table has a sequence of its own, so that a change in one does not reshuffle the others.
  const employees = generateEmployees(createRandom(seedFrom("employees")));
  const projects = generateProjects(employees, createRandom(seedFrom("projects")));
  const timesheets = generateTimesheets(employees, projects, createRandom(seedFrom("timesheets")));
  const departments = DEPARTMENTS.map((department) => ({
    ...department,
    headId: headOf(department, employees).id,
  }));

  database.transaction(() => {
    database.exec(TABLES);
    // Employees and departments point at each other: keys are checked once all rows are there.
    database.pragma("defer_foreign_keys = ON");
    insert(
      database,
      "employees VALUES (@id, @name, @email, @title, @department, @level, @location, @status, @hireDate, @managerId, @salary)",
      employees,
    );
    insert(database, "departments VALUES (@name, @code, @headId, @location, @annualBudget)", departments);
    insert(
      database,
      "projects VALUES (@id, @name, @department, @status, @priority, @budget, @spent, @startDate, @endDate, @leadId)",
      projects,
    );
    insert(
      database,
      "timesheets VALUES (@id, @employeeId, @projectId, @date, @hours, @activity, @approval)",
      timesheets,
    );
    const policies = POLICIES.map((policy) => ({ ...policy, body: policy.body.trim() }));
    insert(database, "policies VALUES (@id, @title, @category, @owner, @updated, @body)", policies);
    insert(database, "passages VALUES (@policyId, @title, @heading, @text)", policies.flatMap(passagesOf));
    database.pragma(`application_id = ${APPLICATION_ID}`);
    database.pragma(`user_version = ${DATA_VERSION}`);
  })();
}

function insert(database: Database, into: string, rows: readonly object[]): void {
  const statement = database.prepare(`INSERT INTO ${into}`);
  for (const row of rows) statement.run(row);
}

function headOf(department: { name: string; headTitle: string }, employees: readonly Employee[]): Employee {
  const head = employees.find(
    (employee) => employee.department === department.name && employee.title === department.headTitle,
  );
  if (!head) throw new Error(`${department.name} of ${COMPANY.name} has no head`);
  return head;
}

/** A section of a policy is what a search finds: whole sentences, and short enough to quote. */
function passagesOf(policy: { id: string; title: string; body: string }) {
  return policy.body
    .split(/^## /m)
    .filter((section) => section.trim() !== "")
    .map((section) => {
      const [heading = "", ...lines] = section.split("\n");
      return { policyId: policy.id, title: policy.title, heading, text: lines.join("\n").trim() };
    });
}
