import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEPARTMENT_NAMES } from "../../src/servers/enterprise/data/company.js";
import { connectInMemory } from "./enterprise-client.js";

let enterprise: Awaited<ReturnType<typeof connectInMemory>>;

beforeAll(async () => {
  enterprise = await connectInMemory();
});

afterAll(() => enterprise.close());

const query = (args: Record<string, unknown>) => enterprise.call("query_database", args);
const search = (args: Record<string, unknown>) => enterprise.call("search_knowledge_base", args);
const report = (args: Record<string, unknown>) => enterprise.call("generate_report", args);

describe("tools/list", () => {
  it("shows three read-only tools whose schemas name departments", async () => {
    const { tools } = await enterprise.client.listTools();
    expect(tools.map((tool) => tool.name)).toEqual([
      "query_database",
      "search_knowledge_base",
      "generate_report",
    ]);
    for (const tool of tools) {
      expect(tool.annotations).toMatchObject({
        readOnlyHint: true,
        idempotentHint: true,
        openWorldHint: false,
      });
      expect(tool.title).toBeTruthy();
      expect(tool.outputSchema).toMatchObject({ type: "object" });
    }
    expect(tools[0]?.inputSchema.properties).toMatchObject({
      where: { properties: { department: { anyOf: [{ enum: DEPARTMENT_NAMES }, {}] } } },
    });
    expect(JSON.stringify(tools)).not.toContain('"salary"');
  });
});

describe("query_database", () => {
  it("answers a count in one sentence", async () => {
    const { text, data } = await query({
      table: "employees",
      aggregate: "count",
      where: { department: "Engineering" },
    });
    expect(text).toBe("128 employees where department = Engineering.");
    expect(data).toMatchObject({ value: 128, total: 1, truncated: false });
  });

  it("returns rows as a table and says where it stopped", async () => {
    const { text, data } = await query({ table: "employees", columns: ["id", "name"], limit: 2 });
    expect(text).toMatch(
      /^342 employees, truncated at 2 of 342\.\n\n\| id \| name \|\n\| --- \| --- \|\n\| 1 \| /,
    );
    expect(data).toMatchObject({ row_count: 2, total: 342, truncated: true, columns: ["id", "name"] });
  });

  it("groups, the highest first", async () => {
    const { data } = await query({ table: "employees", aggregate: "count", group_by: "department" });
    const rows = data.rows as { department: string; value: number }[];
    expect(rows).toHaveLength(12);
    expect(rows[0]).toEqual({ department: "Engineering", value: 128 });
    expect(rows.reduce((sum, row) => sum + row.value, 0)).toBe(342);
  });

  it.each([
    [
      { hire_date: { gte: "2026-01-01", lte: "2026-12-31" } },
      "hire_date BETWEEN '2026-01-01' AND '2026-12-31'",
    ],
    [{ name: { like: "S%" } }, "name LIKE 'S%'"],
    [{ level: { in: ["Manager", "Director"] } }, "level IN ('Manager', 'Director')"],
    [{ id: { gte: 10, lte: 20 }, status: "active" }, "id BETWEEN 10 AND 20 AND status = 'active'"],
    [{}, "1"],
  ])("filters by %j as SQL would", async (where, sql) => {
    const expected = enterprise.database.prepare(`SELECT count(*) FROM employees WHERE ${sql}`).pluck().get();
    const { data } = await query({ table: "employees", aggregate: "count", where });
    expect(data.value).toBe(expected);
  });

  it("sums, averages and finds the first of dates", async () => {
    const hours = enterprise.database.prepare("SELECT sum(hours) FROM timesheets").pluck().get();
    const sum = await query({ table: "timesheets", aggregate: "sum", aggregate_column: "hours" });
    expect(sum.data.value).toBe(hours);
    const first = await query({ table: "employees", aggregate: "min", aggregate_column: "hire_date" });
    expect(first.text).toBe("Minimum hire_date of employees: 2011-03-14.");
    const people = await query({ table: "timesheets", aggregate: "count", aggregate_column: "employee_id" });
    expect(people.text).toMatch(/^\d+ distinct employee_id in timesheets\.$/);
  });

  it("says so when nothing matches", async () => {
    const { text, isError } = await query({ table: "employees", where: { name: "x' OR '1'='1" } });
    expect(isError).toBe(false);
    expect(text).toBe("No employees where name = x' OR '1'='1.");
    const none = { project: "no such project" };
    const average = await query({
      table: "timesheets",
      aggregate: "avg",
      aggregate_column: "hours",
      where: none,
    });
    expect(average.text).toMatch(/^No timesheets where .*, so there is no avg of hours\.$/);
  });

  it("orders up and down", async () => {
    const args = { table: "projects", columns: ["budget"], order_by: "budget", limit: 500 };
    const up = (await query(args)).data.rows as { budget: number }[];
    const down = (await query({ ...args, descending: true })).data.rows as { budget: number }[];
    expect(up.map((row) => row.budget)).toEqual(down.map((row) => row.budget).reverse());
  });

  it.each([
    ["a secret column", { where: { salary: 1 } }, /unknown column "salary"; columns: id, name/],
    ["a secret column to return", { columns: ["salary"] }, /unknown column "salary"/],
    [
      "a column of another table",
      { columns: ["budget"] },
      /employees has no column budget; its columns: id, /,
    ],
    ["a value of another table", { where: { status: "planned" } }, /one of active, on_leave, notice_period/],
    [
      "an unknown department",
      { where: { department: "engineering" } },
      /department takes one of Engineering, /,
    ],
    ["SQL as a value", { where: { department: "x'; DROP TABLE employees; --" } }, /department takes one of/],
    ["SQL as a column", { order_by: "name; DROP TABLE employees" }, /order_by/],
    ["an operator that does not fit", { where: { hire_date: { like: "2%" } } }, /an object with gte, lte/],
    ["a text for a date", { where: { hire_date: "yesterday" } }, /a date YYYY-MM-DD/],
    ["__proto__", { where: JSON.parse('{"__proto__": {"x": 1}}') }, /unknown column "__proto__"/],
    ["constructor", { where: { constructor: 1 } }, /unknown column "constructor"/],
    ["limit 0", { limit: 0 }, /a whole number from 1 to 500/],
    ["limit 501", { limit: 501 }, /a whole number from 1 to 500/],
    ["limit NaN", { limit: Number.NaN }, /a whole number from 1 to 500/],
    ["a huge text", { where: { name: "a".repeat(1_000_000) } }, /at most 200 characters/],
    ["a huge list", { where: { id: { in: Array.from({ length: 2000 }, () => 1) } } }, /maximum of 1000/],
    ["raw SQL", { sql: "SELECT * FROM employees" }, /unknown argument "sql"/],
    ["a sum of nothing", { aggregate: "sum" }, /employees has no column for sum: use count/],
    ["a group without aggregate", { group_by: "level" }, /need aggregate/],
    ["columns with an aggregate", { aggregate: "count", columns: ["id"] }, /cannot go with aggregate/],
  ])("refuses %s in words a model can use", async (_, args, message) => {
    const { text, isError } = await query({ table: "employees", ...args });
    expect(isError).toBe(true);
    expect(text).toMatch(message);
    expect(text.length).toBeLessThan(1000);
    expect(text).not.toMatch(/SELECT count|_view|\bat .*\.ts/);
  });
});

describe("search_knowledge_base", () => {
  it("quotes the section on VPN first, with the day of its update", async () => {
    const { text, data } = await search({ query: "What is our remote work policy on VPN?" });
    expect(text).toMatch(
      /\n\n1\. Remote Work Policy \(updated 2026-09-15\)\nVPN is required for all remote access/,
    );
    expect((data.hits as unknown[])[0]).toMatchObject({ id: "remote-work", category: "workplace" });
  });

  it.each([
    ["how many days of vacation", "vacation"],
    ["when are salaries paid", "payroll"],
    ["parental leave weeks", "parental-leave"],
    ["report a lost laptop", "incident-response"],
    ["can I use ChatGPT with customer data", "ai-usage"],
    ["hotel limit per night", "travel"],
    ["reviewing code", "code-review"],
  ])("finds for '%s' the document %s", async (words, id) => {
    const { data } = await search({ query: words, limit: 1 });
    expect(data.hits).toMatchObject([{ id }]);
  });

  it("keeps to the category and the limit", async () => {
    const { data } = await search({ query: "VPN", category: "finance", limit: 1 });
    expect(data.hits).toMatchObject([{ id: "travel" }]);
  });

  it.each([
    "",
    " ",
    '"',
    "'",
    '"unbalanced',
    "NEAR(",
    "a AND OR NOT",
    "title:x",
    "*",
    "^",
    "-",
    "\u0000",
    "日本語",
    "\ud800",
  ])("takes %j as plain text", async (words) => {
    expect((await search({ query: words })).isError).toBe(false);
  });

  it("says so when nothing is found", async () => {
    const { text, data } = await search({ query: "qwertzuiop" });
    expect(text).toBe('No document matches "qwertzuiop".');
    expect(data).toMatchObject({ hits: [], total: 0 });
  });

  it.each([
    { query: "x".repeat(1001) },
    { query: "x", limit: 0 },
    { query: "x", limit: 21 },
    { query: "x", category: "y" },
  ])("refuses what is out of range", async (args) => expect((await search(args)).isError).toBe(true));
});

describe("generate_report", () => {
  it.each(["headcount", "project_status", "time_utilisation", "department_summary"])(
    "%s is markdown with a table, for all and for each department",
    async (name) => {
      for (const department of [undefined, ...DEPARTMENT_NAMES]) {
        const { text, isError, data } = await report({ report: name, ...(department ? { department } : {}) });
        expect(isError, text).toBe(false);
        expect(text).toMatch(/^# .+\n\n.+\n\n\| /);
        expect(text).not.toMatch(/NaN|undefined/);
        expect((data.rows as unknown[]).length).toBeGreaterThan(0);
      }
    },
  );

  it("tells real numbers", async () => {
    const { text } = await report({ report: "headcount", department: "Engineering" });
    expect(text).toContain("128 employees in Engineering on 2026-10-31");
    expect((await report({ report: "project_status" })).text).toContain("67 projects: ");
  });

  it("writes JSON on request", async () => {
    const { text, data } = await report({ report: "headcount", format: "json" });
    expect(JSON.parse(text)).toEqual(data);
  });

  it("takes any period, however long or empty", async () => {
    const wide = await report({
      report: "time_utilisation",
      start_date: "0001-01-01",
      end_date: "9999-12-31",
    });
    expect(wide.text).toContain("on each of 65 weekdays");
    const empty = await report({
      report: "time_utilisation",
      start_date: "2020-01-01",
      end_date: "2020-02-01",
    });
    expect(empty.text).toContain("No hours recorded; timesheets cover 2026-08-03 to 2026-10-30.");
  });

  it.each([
    [{ start_date: "2026-02-31" }, /a day that exists/],
    [{ start_date: "2026-10-02", end_date: "2026-10-01" }, /start_date 2026-10-02 is after end_date/],
    [{ department: "Magic" }, /department/],
    [{ report: "salaries" }, /report/],
  ])("refuses %j", async (args, message) => {
    const { text, isError } = await report({ report: "headcount", ...args });
    expect(isError).toBe(true);
    expect(text).toMatch(message);
  });
});
