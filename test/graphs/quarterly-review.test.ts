import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadTools } from "../../src/adapters/tools.js";
import { createCall } from "../../src/core/call.js";
import { connect } from "../../src/mcp/connect.js";
import type { Servers } from "../../src/mcp/servers.js";
import { readWorkflow } from "../../src/workflows/read-workflow.js";
import { createWorkflow, type WorkflowGraph } from "../../src/workflows/workflow.js";
import { root } from "../support/child.js";

type Row = Readonly<Record<string, string | number>>;
interface Answer {
  readonly rows: readonly Row[];
  readonly value?: number;
  readonly total: number;
}

const server = { command: process.execPath, args: [join(root, "dist/servers/enterprise/main.js")] };
let servers: Servers;
let review: WorkflowGraph;

beforeAll(async () => {
  servers = await connect({ mcpServers: { enterprise: server } });
  const tools = await loadTools(servers);
  review = createWorkflow({ ...(await readWorkflow(join(root, "graphs/quarterly-review.json"))), tools });
});
afterAll(() => servers?.close());

async function reviewOf(input: object): Promise<string> {
  const { output, run } = await review.invoke({ input });
  expect(run).toMatchObject({ status: "done" });
  return String(output);
}

/** Rows, one by one: the review has the server add them up. */
async function rowsOf(query: object): Promise<readonly Row[]> {
  const args = { limit: 500, ...query };
  const call = createCall({ server: "enterprise", tool: "query_database", args });
  const { structuredContent } = await servers.call(call);
  const { rows, total } = structuredContent as unknown as Answer;
  expect(rows).toHaveLength(total);
  return rows;
}

function sumOf(rows: readonly Row[], column: string): number {
  return rows.reduce((sum, row) => sum + Number(row[column]), 0);
}

const money = (amount: number) => amount.toLocaleString("en-US");

describe("the quarterly review", () => {
  test("has the figures that the rows of the database come to", async () => {
    const report = await reviewOf({});
    expect(report).toMatch(
      /^# Quarterly review, 2026-Q3\n\n2026-08-01 to 2026-10-31; the data stands on 2026-10-31\./,
    );
    const people = await rowsOf({ table: "employees" });
    const joined = (from: string, to: string) =>
      people.filter(({ hire_date: day = "" }) => String(day) >= from && String(day) <= to).length;
    const now = joined("2026-08-01", "2026-10-31");
    const before = joined("2026-05-01", "2026-07-31");
    expect(report).toContain(`${people.length} employees on`);
    expect(report).toContain(`${now} joined between`);
    expect(report).toContain(`In the quarter before, ${before} joined: +${now - before}.`);
    const engineers = people.filter(({ department }) => department === "Engineering");
    expect(report).toContain(`| Engineering | ${engineers.length} |`);

    const all = await rowsOf({ table: "projects" });
    const projects = all.filter(
      ({ start_date: start = "", end_date: end = "" }) =>
        String(start) <= "2026-10-31" && String(end) >= "2026-08-01",
    );
    expect(report).toContain(
      `a budget of ${money(sumOf(projects, "budget"))} EUR for all of their time, and have spent ${money(sumOf(projects, "spent"))} EUR`,
    );
    const attention = report.split("## ").find((part) => part.startsWith("What needs attention")) ?? "";
    for (const { name, budget, spent, status, end_date: end } of projects) {
      const over = Number(spent) - Number(budget);
      const isLate = status === "active" && String(end) < "2026-10-31";
      if (over > 0) expect(attention).toMatch(new RegExp(`\\*\\*${name}\\*\\*.*${money(over)} EUR over`));
      if (isLate) expect(attention).toMatch(new RegExp(`\\*\\*${name}\\*\\*.*was to end on ${end}`));
      if (over <= 0 && !isLate) expect(attention).not.toContain(`**${name}**`);
    }

    const days = await rowsOf({
      table: "timesheets",
      aggregate: "sum",
      aggregate_column: "hours",
      group_by: "date",
    });
    for (const month of ["2026-08", "2026-09", "2026-10"]) {
      const hours = sumOf(
        days.filter(({ date }) => String(date).startsWith(month)),
        "value",
      );
      expect(report).toContain(`| ${month} | ${money(hours)} |`);
    }
    expect(report).toContain(`recorded ${sumOf(days, "value")} hours`);
    const approvals = await rowsOf({
      table: "timesheets",
      aggregate: "sum",
      aggregate_column: "hours",
      group_by: "approval",
    });
    const submitted = approvals.filter(({ approval }) => approval === "submitted");
    expect(attention).toContain(`${money(sumOf(submitted, "value"))} hours wait for a manager`);
  });

  test("cites what it lists as a source, and lists what it cites", async () => {
    const [text = "", sources = ""] = (await reviewOf({})).split("## Sources");
    const cited = [...text.matchAll(/\[(\d+)\]/g)].map(([, number]) => Number(number));
    const listed = [...sources.matchAll(/^(\d+)\. /gm)].map(([, number]) => Number(number));
    expect([...new Set(cited)].sort((a, b) => a - b)).toEqual(listed);
    expect(text).toContain("**Overtime and Timesheet Policy** (updated ");
    expect(sources).toContain("policy://working-hours");
  });

  test("of a quarter without hours says so, and one that begins in another year has its days", async () => {
    const report = await reviewOf({ quarter: "2025-Q4" });
    expect(report).toContain("2025-11-01 to 2026-01-31;");
    expect(report).toContain("| 2026-01 | 0 | 0 | 0 |");
    expect(report).toContain("No department recorded hours.");
    expect(report).not.toContain("hours wait for a manager");
    expect(await reviewOf({ quarter: "2026-Q1" })).toContain("2026-02-01 to 2026-04-30;");
  });

  test("takes no quarter that there is not", async () => {
    for (const quarter of ["2026-Q5", "26-Q3", "Q3"])
      await expect(review.invoke({ input: { quarter } })).rejects.toMatchObject({
        code: "INVALID_ARGUMENTS",
      });
  });
});
