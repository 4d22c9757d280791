import type { McpServer } from "@modelcontextprotocol/server";
import type { Database } from "better-sqlite3";
import { columnsOf, TABLES } from "../catalogue.js";
import { checkQuery } from "./query-check.js";
import { type Query, type QueryResult, queryInput, queryOutput } from "./query-schema.js";
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
  const conditions = conditionsOf(query);
  const parameters = conditions.flatMap(({ values }) => values);
  const from = `FROM ${TABLES[query.table].view}${whereSql(conditions)}`;
  const columns = query.aggregate
    ? [...(query.group_by ? [query.group_by] : []), "value"]
    : (query.columns ?? [...columnsOf(query.table).keys()]);
  const selected = columns.map((column) => (column === "value" ? `${aggregateSql(query)} AS value` : column));
  const grouped = query.group_by ? ` GROUP BY ${query.group_by}` : "";
  const rows = database
    .prepare<unknown[], Record<string, Cell>>(
      `SELECT ${selected} ${from}${grouped}${orderSql(query)} LIMIT ?`,
    )
    .all(...parameters, query.limit);
  const total = count(database, query, from, parameters);
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
  return { ...result, summary: summaryOf(query, result, whereWords(conditions)) };
}

function count(database: Database, query: Query, from: string, parameters: readonly unknown[]): number {
  if (query.aggregate && !query.group_by) return 1;
  // Not count(DISTINCT), which leaves null out: a group of null is a row as well.
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

const OPERATORS = { gte: ">=", lte: "<=", like: "LIKE", in: "IN" } as const;

interface Condition {
  readonly column: string;
  readonly operator: "=" | (typeof OPERATORS)[keyof typeof OPERATORS];
  readonly values: readonly (string | number)[];
}

function conditionsOf(query: Query): Condition[] {
  return Object.entries(query.where ?? {}).flatMap(([column, filter]): Condition[] => {
    if (filter === undefined) return [];
    if (typeof filter !== "object") return [{ column, operator: "=", values: [filter] }];
    return Object.entries(filter)
      .filter(([, operand]) => operand !== undefined)
      .map(([name, operand]) => ({
        column,
        operator: OPERATORS[name as keyof typeof OPERATORS],
        values: [operand].flat(),
      }));
  });
}

function whereSql(conditions: readonly Condition[]): string {
  const clauses = conditions.map(({ column, operator, values }) =>
    operator === "IN" ? `${column} IN (${values.map(() => "?")})` : `${column} ${operator} ?`,
  );
  return clauses.length > 0 ? ` WHERE ${clauses.join(" AND ")}` : "";
}

const VERBS = { sum: "Sum of", avg: "Average", min: "Minimum", max: "Maximum" } as const;

function summaryOf(query: Query, result: Omit<QueryResult, "summary">, condition: string): string {
  const { table, aggregate, aggregate_column: column, group_by: group } = query;
  if (aggregate && !group) {
    if (aggregate === "count" && !column) return `${counted(result.value, table)}${condition}.`;
    if (aggregate === "count") return `${result.value} distinct ${column} in ${table}${condition}.`;
    if (typeof result.value !== "number" && typeof result.value !== "string") {
      return `No ${table}${condition}, so there is no ${aggregate} of ${column}.`;
    }
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
function whereWords(conditions: readonly Condition[]): string {
  const words = { LIKE: "is like", IN: "is one of" };
  const parts = conditions.map(({ column, operator, values }) => {
    const word = operator === "LIKE" || operator === "IN" ? words[operator] : operator;
    return `${column} ${word} ${values.join(", ")}`;
  });
  return parts.length > 0 ? ` where ${parts.join(" and ")}` : "";
}
