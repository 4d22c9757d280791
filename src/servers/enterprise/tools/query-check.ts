import { columnsOf } from "../catalogue.js";
import type { Filter, Query } from "./query-schema.js";

/**
 * Refuses what the flat schema cannot: columns and values of another table, and arguments that do not go
 * together. The message of the error is for the model and names what is allowed.
 */
export function checkQuery(query: Query): void {
  const columns = columnsOf(query.table);
  const used = [
    ...(query.columns ?? []),
    ...Object.keys(query.where ?? {}),
    ...[query.aggregate_column, query.group_by].filter((column) => column !== undefined),
    ...(query.order_by && query.order_by !== "value" ? [query.order_by] : []),
  ];
  for (const name of used) {
    if (!columns.has(name)) {
      throw new Error(`${query.table} has no column ${name}; its columns: ${[...columns.keys()].join(", ")}`);
    }
  }
  for (const [name, filter] of Object.entries(query.where ?? {})) {
    checkValues(query.table, name, columns.get(name)?.values, filter);
  }
  checkAggregate(query);
}

function checkValues(
  table: string,
  name: string,
  allowed: readonly string[] | undefined,
  filter: Filter | undefined,
): void {
  const values = typeof filter === "object" ? (filter.in ?? []) : filter === undefined ? [] : [filter];
  const wrong = allowed && values.find((value) => !allowed.includes(String(value)));
  if (wrong !== undefined)
    throw new Error(`${name} of ${table} is one of ${allowed?.join(", ")}; not ${wrong}`);
}

function checkAggregate(query: Query): void {
  const { aggregate, aggregate_column: column, group_by: group, order_by: order } = query;
  if (!aggregate) {
    if (column || group)
      throw new Error("aggregate_column and group_by need aggregate: count, sum, avg, min or max");
    if (order === "value") throw new Error('order_by "value" needs aggregate: the value is its result');
    return;
  }
  if (query.columns)
    throw new Error("columns cannot go with aggregate: leave it out, or name one column in group_by");
  if (order && order !== "value" && order !== group) {
    throw new Error(`with aggregate, order_by is "value"${group ? ` or the group_by column ${group}` : ""}`);
  }
  if (aggregate === "count") return;
  const fitting = [...columnsOf(query.table)]
    .filter(([name, { type }]) => isFitting(aggregate, name, type))
    .map(([name]) => name);
  if (!column || !fitting.includes(column)) {
    throw new Error(
      fitting.length > 0
        ? `${aggregate} needs aggregate_column, for ${query.table} one of: ${fitting.join(", ")}`
        : `${query.table} has no column for ${aggregate}: use count`,
    );
  }
}

/** Numbers that are quantities can be added up; the first and last of dates can be found too. */
function isFitting(aggregate: string, name: string, type: string): boolean {
  if (type === "date") return aggregate === "min" || aggregate === "max";
  return type !== "text" && name !== "id" && !name.endsWith("_id");
}
