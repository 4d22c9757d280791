import type { CallToolResult, ToolAnnotations } from "@modelcontextprotocol/server";
import * as z from "zod";

/** True of every tool here: nothing is written, and nothing outside the database is touched. */
export const READ_ONLY: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

export function limitSchema(most: number, usual: number) {
  const error = `expected a whole number from 1 to ${most}`;
  return z.int({ error }).min(1, { error }).max(most, { error }).default(usual);
}

/** A result for people and for programs: the text form, and the same as data. */
export function reply(text: string, structuredContent: Record<string, unknown>): CallToolResult {
  return { content: [{ type: "text", text }], structuredContent };
}

/** Rows as a markdown table, in the order of `columns`. */
export function markdownTable(columns: readonly string[], rows: readonly Record<string, Cell>[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(columns),
    line(columns.map(() => "---")),
    ...rows.map((row) => line(columns.map((column) => formatCell(row[column] ?? null)))),
  ].join("\n");
}

/** `1 employee`, `2 employees`: nouns here form their plural with an s. */
export const counted = (count: Cell | undefined, nouns: string) =>
  `${count} ${count === 1 ? nouns.replace(/s$/, "") : nouns}`;

export type Cell = string | number | null;

/** Numbers stay plain, so that a model can copy them; a pipe would end the cell. */
const formatCell = (cell: Cell): string => (cell === null ? "" : String(cell).replaceAll("|", "\\|"));
