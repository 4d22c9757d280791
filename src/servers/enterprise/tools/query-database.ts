import type { McpServer } from "@modelcontextprotocol/server";
import type { Database } from "better-sqlite3";
import { columnsOf, TABLES } from "../catalogue.js";
import { checkQuery } from "./query-check.js";
import { type Filter, type Query, type QueryResult, queryInput, queryOutput } from "./query-schema.js";
import { type Cell, counted, markdownTable, READ_ONLY, reply } from "./shared.js";

export function registerQueryDatabase(server: McpServer, database: Database): void {
  server.registerTool(
    "query_database",
    {
      title: "Query the company database",
      description:
        "Reads employees, departments, projects or timesheets: rows, or one number with `aggregate`. " +
        "Use it for questions such as how many, how much, who, which and when. " +
        'Example, how many people work in Engineering: {"table": "employees", "aggregate": "count", "where": {"department": "Engineering"}}. ' +
        "Salaries are not available.",
      inputSchema: queryInput,
      outputSchema: queryOutput,
      annotations: READ_ONLY,
    },
    (query) => {
      checkQuery(query);
      const result = runQuery(database, query);
      const table = result.value === undefined ? `\n\n${markdownTable(result.columns, result.rows)}` : "";
      return reply(result.summary + (result.row_count > 0 ? table : ""), result);
    },
  );
}

/** Runs a checked query. Every name in the SQL comes from the catalogue, every value is bound. */
function runQuery(database: Database, query: Query): QueryResult {
  const condition = conditionOf(query.where ?? {});
  const from = `FROM ${TABLES[query.table].view}${condition.sql}`;
  const columns = query.aggregate
    ? [...(query.group_by ? [query.group_by] : []), "value"]
    : (query.columns ?? [...columnsOf(query.table).keys()]);
  const selected = columns.map((column) => (column === "value" ? `${aggregateSql(query)} AS value` : column));
  const grouped = query.group_by ? ` GROUP BY ${query.group_by}` : "";
  const rows = database
    .prepare<unknown[], Record<string, Cell>>(
      `SELECT ${selected} ${from}${grouped}${orderSql(query)} LIMIT ?`,
    )
    .all(...condition.parameters, query.limit);
  const total = count(database, query, from, condition.parameters);
  const value = query.aggregate && !query.group_by ? (rows[0]?.value ?? null) : undefined;
  const result = {
    table: query.table,
    columns,
    rows,
    row_count: rows.length,
    total,
    truncated: rows.length < total,
    ...(value === undefined ? {} : { value }),
  };
  return { ...result, summary: summaryOf(query, result) };
}

function count(database: Database, query: Query, from: string, parameters: readonly unknown[]): number {
  if (query.aggregate && !query.group_by) return 1;
  // count(DISTINCT) leaves null out, but a group of null is a row as well.
  const sql = query.group_by
    ? `SELECT count(*) FROM (SELECT 1 ${from} GROUP BY ${query.group_by})`
    : `SELECT count(*) ${from}`;
  return database
    .prepare<unknown[], number>(sql)
    .pluck()
    .get(...parameters) as number;
}

function aggregateSql({ aggregate, aggregate_column: column }: Query): string {
  if (aggregate === "count") return column ? `count(DISTINCT ${column})` : "count(*)";
  // Sums of quarter hours are exact; an average is cut to what a reader can use.
  return aggregate === "avg" ? `round(avg(${column}), 2)` : `${aggregate}(${column})`;
}

/** Ends with a key, so that equal rows always come in the same order. */
function orderSql(query: Query): string {
  if (query.aggregate && !query.group_by) return "";
  const key = query.group_by ?? [...columnsOf(query.table).keys()][0];
  if (query.order_by) return ` ORDER BY ${query.order_by}${query.descending ? " DESC" : ""}, ${key}`;
  return query.group_by ? ` ORDER BY value DESC, ${key}` : ` ORDER BY ${key}`;
}

function conditionOf(where: Readonly<Record<string, Filter | undefined>>) {
  const clauses: string[] = [];
  const parameters: (string | number)[] = [];
  const add = (clause: string, ...values: readonly (string | number)[]) => {
    clauses.push(clause);
    parameters.push(...values);
  };
  for (const [column, filter] of Object.entries(where)) {
    if (filter === undefined) continue;
    if (typeof filter !== "object") {
      add(`${column} = ?`, filter);
      continue;
    }
    if (filter.gte !== undefined) add(`${column} >= ?`, filter.gte);
    if (filter.lte !== undefined) add(`${column} <= ?`, filter.lte);
    if (filter.like !== undefined) add(`${column} LIKE ?`, filter.like);
    if (filter.in !== undefined) add(`${column} IN (${filter.in.map(() => "?")})`, ...filter.in);
  }
  return { sql: clauses.length > 0 ? ` WHERE ${clauses.join(" AND ")}` : "", parameters };
}

const VERBS = { sum: "Sum of", avg: "Average", min: "Minimum", max: "Maximum" } as const;

function summaryOf(query: Query, result: Omit<QueryResult, "summary">): string {
  const condition = describe(query.where ?? {});
  const { table, aggregate, aggregate_column: column, group_by: group } = query;
  if (aggregate && !group) {
    if (aggregate === "count" && !column) return `${counted(result.value, table)}${condition}.`;
    if (aggregate === "count") return `${result.value} distinct ${column} in ${table}${condition}.`;
    if (result.value === null || result.value === undefined)
      return `No ${table}${condition}, so there is no ${aggregate} of ${column}.`;
    return `${VERBS[aggregate]} ${column} of ${table}${condition}: ${result.value}.`;
  }
  if (result.row_count === 0) return `No ${table}${condition}.`;
  const shown = result.truncated ? `, truncated at ${result.row_count} of ${result.total}` : "";
  if (!aggregate) return `${counted(result.total, table)}${condition}${shown}.`;
  const measure =
    aggregate === "count"
      ? `Number of ${column ? `distinct ${column} in ` : ""}${table}`
      : `${VERBS[aggregate]} ${column} of ${table}`;
  return `${measure}${condition} by ${group}: ${counted(result.total, "groups")}${shown}.`;
}

/** ` where department = Engineering and hire_date >= 2025-01-01` */
function describe(where: Readonly<Record<string, Filter | undefined>>): string {
  const parts = Object.entries(where).flatMap(([column, filter]) => {
    if (filter === undefined) return [];
    if (typeof filter !== "object") return [`${column} = ${filter}`];
    return [
      ...(filter.gte === undefined ? [] : [`${column} >= ${filter.gte}`]),
      ...(filter.lte === undefined ? [] : [`${column} <= ${filter.lte}`]),
      ...(filter.like === undefined ? [] : [`${column} is like ${filter.like}`]),
      ...(filter.in === undefined ? [] : [`${column} is one of ${filter.in.join(", ")}`]),
    ];
  });
  return parts.length > 0 ? ` where ${parts.join(" and ")}` : "";
}
