/** What a row shows, by column. */
export type Row = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** A Markdown text that shows itself: as last expression of a cell a notebook sets it, `console.log` prints it. */
export function markdown(text: string): object {
  return shown(text, text);
}

/** Rows that show themselves as a table, in a notebook and on a terminal. Columns are in the order of their first use. */
export function table(rows: readonly Row[]): object {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = [columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? "")))];
  return shown(markdownTable(lines), aligned(lines));
}

/** Jupyter takes the first, the consoles of Deno and Node the second. */
function shown(markdown: string, text: string): object {
  const show = () => text;
  return {
    [Symbol.for("Jupyter.display")]: () => ({ "text/markdown": markdown, "text/plain": text }),
    [Symbol.for("Deno.customInspect")]: show,
    [Symbol.for("nodejs.util.inspect.custom")]: show,
  };
}

function markdownTable([head = [], ...body]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escaped).join(" | ")} |`;
  return [line(head), `|${" :-- |".repeat(head.length)}`, ...body.map(line)].join("\n");
}

function escaped(cell: string): string {
  return cell.replace(/[\\|*_<>`[\]]/g, "\\$&").replaceAll("\n", " ");
}

function aligned(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const padded = lines.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
  return padded.map((line) => line.trimEnd()).join("\n");
}
