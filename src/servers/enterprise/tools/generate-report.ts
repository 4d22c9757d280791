import type { McpServer } from "@modelcontextprotocol/server";
import type { Database } from "better-sqlite3";
import * as z from "zod";
import { DEPARTMENT_NAMES, REFERENCE_DATE } from "../data/company.js";
import { isDate } from "../data/dates.js";
import { REPORTS } from "../reports.js";
import { markdownTable, READ_ONLY, reply } from "./shared.js";

const reportNames = Object.keys(REPORTS) as (keyof typeof REPORTS)[];

const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .refine(isDate, { error: "expected a day that exists, as YYYY-MM-DD" });

const input = z.strictObject({
  report: z
    .enum(reportNames)
    .describe(
      "headcount: people by department or level; project_status: projects, budget and spending by status; " +
        "time_utilisation: recorded hours against capacity; department_summary: the main figures per department",
    ),
  department: z.enum(DEPARTMENT_NAMES).optional().describe("Only this department; all by default"),
  format: z.enum(["markdown", "json"]).default("markdown").describe("Form of the text"),
  start_date: day
    .optional()
    .describe(
      "First day of the period in which hires and hours count, by default 2026-08-03; projects only if they overlap it",
    ),
  end_date: day.optional().describe("Last day of the period, by default 2026-10-30"),
});

const output = z.object({
  report: z.enum(reportNames),
  title: z.string(),
  as_of: z.string().describe("The day on which the data stands, YYYY-MM-DD"),
  department: z.string().nullable(),
  summary: z.string(),
  columns: z.array(z.string()),
  rows: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.null()]))),
});

export function registerGenerateReport(server: McpServer, database: Database): void {
  server.registerTool(
    "generate_report",
    {
      title: "Generate a report",
      description:
        "Writes a ready report with a summary and a table: headcount, project_status, time_utilisation or " +
        "department_summary, for the company or one department. Use it for overviews, and query_database for single facts.",
      inputSchema: input,
      outputSchema: output,
      annotations: READ_ONLY,
    },
    ({ report: name, department, format, start_date: start, end_date: end }) => {
      if (start && end && start > end) throw new Error(`start_date ${start} is after end_date ${end}`);
      const scope = { department: department ?? null, start: start ?? null, end: end ?? null };
      const { title, summary, columns, rows } = REPORTS[name](database, scope);
      const report = {
        report: name,
        title: department ? `${title}: ${department}` : title,
        as_of: REFERENCE_DATE,
        department: scope.department,
        summary,
        columns: [...columns],
        rows: [...rows],
      };
      const markdown = [
        `# ${report.title}`,
        summary,
        ...(rows.length > 0 ? [markdownTable(columns, rows)] : []),
      ];
      return reply(format === "json" ? JSON.stringify(report, null, 2) : markdown.join("\n\n"), report);
    },
  );
}
