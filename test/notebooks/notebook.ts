import { readFile } from "node:fs/promises";

/** Jupyter's file format, nbformat 4.5, as far as these notebooks use it. Texts are lists of lines that keep their ends. */
export interface Notebook {
  readonly cells: readonly Cell[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly nbformat: number;
  readonly nbformat_minor: number;
}

export type Cell = CodeCell | TextCell;

export interface CodeCell {
  readonly cell_type: "code";
  readonly execution_count: number | null;
  readonly id: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly outputs: readonly Output[];
  readonly source: readonly string[];
}

export interface TextCell {
  readonly cell_type: "markdown" | "raw";
  readonly id: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly source: readonly string[];
}

export type Output =
  | { readonly output_type: "stream"; readonly name: "stdout" | "stderr"; readonly text: readonly string[] }
  | {
      readonly output_type: "display_data" | "execute_result";
      /** By MIME type: a text, or JSON. */
      readonly data: Readonly<Record<string, unknown>>;
      readonly execution_count?: number | null;
      readonly metadata: Readonly<Record<string, unknown>>;
    }
  | {
      readonly output_type: "error";
      readonly ename: string;
      readonly evalue: string;
      readonly traceback: readonly string[];
    };

/** The same for all, so that no editor's and no kernel's version shows in a diff. */
const METADATA = {
  kernelspec: { display_name: "Deno", language: "typescript", name: "deno" },
  language_info: { file_extension: ".ts", mimetype: "text/x.typescript", name: "typescript" },
};

/** @throws Error for a file that is no notebook of format 4.5 or that lacks the ids of its cells */
export async function readNotebook(file: string): Promise<Notebook> {
  return parseNotebook(await readFile(file, "utf8"), file);
}

/** @param name for the message when it is none */
export function parseNotebook(json: string, name: string): Notebook {
  const notebook = JSON.parse(json) as Notebook;
  const { cells, nbformat, nbformat_minor: minor } = notebook;
  const isKnown = Array.isArray(cells) && nbformat === 4 && minor >= 5 && cells.every(({ id }) => id);
  if (!isKnown)
    throw new Error(`${name} is no notebook of format 4.5 whose cells have ids: save it in a current editor`);
  return notebook;
}

export function isCode(cell: Cell): cell is CodeCell {
  return cell.cell_type === "code";
}

/** A text of the format, which is a text or its lines. */
export function textOf(value: unknown): string {
  return Array.isArray(value) ? value.join("") : String(value);
}

/** The same notebook in one form: no times, one kernel, outputs of one stream together, texts as lines. */
export function normalise({ cells }: Notebook): Notebook {
  return { cells: cells.map(normaliseCell), metadata: METADATA, nbformat: 4, nbformat_minor: 5 };
}

/** As Jupyter writes it: one space of indent, keys in order. */
export function serialise(notebook: Notebook): string {
  return `${JSON.stringify(notebook, inOrder, 1)}\n`;
}

function normaliseCell(cell: Cell): Cell {
  const { execution: _, ...metadata } = cell.metadata;
  const common = { id: cell.id, metadata, source: linesOf(textOf(cell.source)) };
  if (!isCode(cell)) return { cell_type: cell.cell_type, ...common };
  const outputs = joinStreams(cell.outputs).map(normaliseOutput);
  return { cell_type: "code", execution_count: cell.execution_count, ...common, outputs };
}

function joinStreams(outputs: readonly Output[]): Output[] {
  const joined: Output[] = [];
  for (const output of outputs) {
    const last = joined.at(-1);
    if (output.output_type === "stream" && last?.output_type === "stream" && last.name === output.name)
      joined[joined.length - 1] = { ...last, text: [textOf(last.text), textOf(output.text)] };
    else joined.push(output);
  }
  return joined;
}

function normaliseOutput(output: Output): Output {
  if (output.output_type === "stream") return { ...output, text: linesOf(textOf(output.text)) };
  if (output.output_type === "error") return output;
  const entries = Object.entries(output.data).map(([type, value]) =>
    typeof value === "string" || Array.isArray(value) ? [type, linesOf(textOf(value))] : [type, value],
  );
  return { ...output, data: Object.fromEntries(entries) };
}

function linesOf(text: string): string[] {
  return text.split(/(?<=\n)/).filter((line) => line !== "");
}

function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}
