import * as z from "zod";
import { ALL_COLUMNS, type Column, TABLE_NAMES } from "../catalogue.js";
import { limitSchema } from "./shared.js";

const MAX_LIMIT = 500;
const MAX_TEXT = 200;
const columnNames = [...ALL_COLUMNS.keys()];
const columnName = z.enum(columnNames, {
  error: (issue) => `unknown column ${shown(issue.input)}; columns: ${list(columnNames)}`,
});

/** What one column may be compared with: a value for equality, or an object of operators. */
interface Operators {
  readonly gte?: string | number | undefined;
  readonly lte?: string | number | undefined;
  readonly like?: string | undefined;
  readonly in?: readonly (string | number)[] | undefined;
}

export type Filter = string | number | Operators;

const where = z
  .strictObject(
    Object.fromEntries(
      [...ALL_COLUMNS].map(([name, column]) => [name, filterSchema(name, column).optional()]),
    ),
    {
      error: (issue) =>
        issue.code === "unrecognized_keys"
          ? `unknown column ${issue.keys.map(shown).join(", ")}; columns: ${list(columnNames)}`
          : undefined,
    },
  )
  .describe(
    'Conditions that must all hold: {"department": "Engineering", "hire_date": {"gte": "2025-01-01"}}',
  );

export const queryInput = z.strictObject(
  {
    table: z.enum(TABLE_NAMES).describe("What to read"),
    columns: z
      .array(columnName)
      .min(1)
      .max(20)
      .optional()
      .describe("Columns to return; all of the table by default"),
    where: where.optional(),
    aggregate: z
      .enum(["count", "sum", "avg", "min", "max"])
      .optional()
      .describe("Compute one number instead of returning rows: count for how many"),
    aggregate_column: columnName
      .optional()
      .describe("Column to compute over; needed by all but count, which then counts distinct values"),
    group_by: columnName
      .optional()
      .describe(
        "With aggregate: one result per value of this column, the highest first unless order_by says otherwise",
      ),
    order_by: z
      .enum([...columnNames, "value"])
      .optional()
      .describe('Column to sort by; "value" is the result of the aggregate'),
    descending: z.boolean().default(false).describe("Sort from high to low"),
    limit: limitSchema(MAX_LIMIT, 20).describe("Most rows to return"),
  },
  {
    error: (issue) =>
      issue.code === "unrecognized_keys" ? `unknown argument ${issue.keys.map(shown).join(", ")}` : undefined,
  },
);

export type Query = z.output<typeof queryInput>;

const cell = z.union([z.string(), z.number(), z.null()]);

export const queryOutput = z.object({
  table: z.enum(TABLE_NAMES),
  columns: z.array(z.string()),
  rows: z.array(z.record(z.string(), cell)),
  row_count: z.int().describe("Number of rows returned"),
  total: z.int().describe("Number of rows that match, before the limit"),
  truncated: z.boolean(),
  value: cell.optional().describe("The result of an aggregate without group_by"),
  summary: z.string(),
});

export type QueryResult = z.output<typeof queryOutput>;

function filterSchema(name: string, column: Column): z.ZodType<Filter> {
  // One message for every way to be wrong: it says all that is right.
  const error = () => {
    const operators = Object.keys(object.shape).join(", ");
    return `${name} takes ${expected(column)}, or an object with ${operators}`;
  };
  const scalar = scalarSchema(column, error);
  const object = operatorsSchema(column, scalar, error);
  return z.union([scalar, object], { error }).describe(column.description);
}

function operatorsSchema(column: Column, scalar: z.ZodType<string | number>, error: () => string) {
  const operators = z.strictObject(
    {
      gte: scalar.optional(),
      lte: scalar.optional(),
      like: z.string().max(MAX_TEXT, { error }).optional().describe("% stands for any text"),
      in: z.array(scalar).min(1, { error }).optional(),
    },
    { error },
  );
  if (column.values) return operators.pick({ in: true });
  if (column.type === "text") return operators.pick({ like: true, in: true });
  return column.type === "date" ? operators.pick({ gte: true, lte: true }) : operators.omit({ like: true });
}

function scalarSchema(column: Column, error: () => string): z.ZodType<string | number> {
  if (column.values) return z.enum(column.values, { error });
  if (column.type === "number") return z.number({ error });
  if (column.type === "date") return z.string({ error }).regex(/^\d{4}-\d{2}-\d{2}$/, { error });
  return z.string({ error }).max(MAX_TEXT, { error });
}

function expected(column: Column): string {
  if (column.values) return `one of ${list(column.values)}`;
  if (column.type === "number") return "a number";
  return column.type === "date" ? "a date YYYY-MM-DD" : `a text of at most ${MAX_TEXT} characters`;
}

const list = (names: readonly string[]) => names.join(", ");

/** Quotes what the caller sent, cut so that a huge text does not come back in the error. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
