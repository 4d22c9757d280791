import { type CodeCell, isCode, type Notebook, type Output, textOf } from "./notebook.js";

/**
 * What is wrong with a run of a notebook whose outputs are committed, in words: errors, noise on stderr, and outputs
 * that are not those of the run. Times, dates and ids may differ, and so may the shapes of a picture, not its labels.
 */
export function faultsOf(committed: Notebook, run: Notebook): string[] {
  const before = new Map(committed.cells.filter(isCode).map((cell) => [cell.id, cell.outputs]));
  const faults: string[] = [];
  for (const cell of run.cells.filter(isCode)) {
    const { id, outputs, execution_count: count } = cell;
    const troubles = troublesOf(cell);
    const found = troubles.length > 0 ? troubles : differences(before.get(id) ?? [], outputs);
    faults.push(...found.map((fault) => `cell [${count}] ${id}: ${fault}`));
    // What follows an error only follows from it.
    if (outputs.some(({ output_type: type }) => type === "error")) break;
  }
  return faults;
}

/** Errors and noise of a cell that has run. */
function troublesOf({ outputs }: CodeCell): string[] {
  return outputs.flatMap((output) => {
    if (output.output_type === "error") return [`${output.ename}: ${output.evalue}`];
    if (output.output_type === "stream" && output.name === "stderr")
      return [`it wrote to stderr: ${textOf(output.text)}`];
    return [];
  });
}

/** What a second run of a cell has otherwise than the first. */
export function differences(committed: readonly Output[], run: readonly Output[]): string[] {
  const kinds = [committed, run].map((outputs) => outputs.map(kindOf).join(", ") || "nothing");
  if (kinds[0] !== kinds[1])
    return [`committed is ${kinds[0]}, the run gave ${kinds[1]}: execute it again and look at it`];
  return run.flatMap((output, index) => {
    const before = committed[index];
    return before === undefined ? [] : differenceOf(facts(before), facts(output));
  });
}

function kindOf(output: Output): string {
  if (output.output_type === "stream") return output.name;
  if (output.output_type === "error") return "an error";
  return Object.keys(output.data).sort().join(" + ");
}

function differenceOf(committed: readonly string[], run: readonly string[]): string[] {
  const gone = committed.filter((fact) => !run.includes(fact));
  const added = run.filter((fact) => !committed.includes(fact));
  if (gone.length === 0 && added.length === 0) return [];
  const shown = [...gone.map((fact) => `- ${fact}`), ...added.map((fact) => `+ ${fact}`)];
  return [`committed (-) and run (+) differ:\n    ${shown.slice(0, 10).join("\n    ")}`];
}

/** What has to be the same in every run. Of a picture these are its labels and words, in no order. */
function facts(output: Output): string[] {
  if (output.output_type === "error") return [output.ename, output.evalue];
  if (output.output_type === "stream") return linesIn(textOf(output.text));
  const isPicture = "image/svg+xml" in output.data;
  return Object.entries(output.data).flatMap(([type, value]) => {
    if (type === "image/svg+xml") return labelsIn(textOf(value));
    if (type.endsWith("json")) return linesIn(JSON.stringify(value, undefined, 1));
    return isPicture ? wordsIn(textOf(value)) : linesIn(textOf(value));
  });
}

/** Numbered, so that their order counts. */
function linesIn(text: string): string[] {
  return masked(text)
    .split("\n")
    .map((line, index) => `${index + 1}: ${line.trimEnd()}`);
}

/** Without the bars, which are as long as the calls took, and without their legend for waits, which may be too short to be drawn. */
function wordsIn(text: string): string[] {
  const timeless = masked(text.replace(/\|[^|\n]*\|/g, " ").replace(/- waiting\b/g, ""));
  return timeless.match(/\p{L}[\p{L}\p{N}_.-]*/gu) ?? [];
}

function labelsIn(svg: string): string[] {
  const labels = [...svg.matchAll(/<text[^>]*>(.*?)<\/text>/gs)].map(([, inner = ""]) =>
    masked(inner.replace(/<[^>]+>/g, "")).trim(),
  );
  // What says nothing but a time is an axis, a long time that was folded, or percentiles, of which equal ones share a label.
  const telling = labels.filter((label) => /[\p{L}\p{N}]/u.test(label.replace(/(p\d\d )*‹time›/, "")));
  return telling.map((label) => `label ${label}`);
}

/** Without what no two runs have in common. */
function masked(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?/g, "‹moment›")
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "‹id›")
    .replace(/\b[0-9a-f]{16,}\b/g, "‹id›")
    .replace(/\d[\d,]*(\.\d+)?\s?(µs|ms|s|min|h)(?!\w)/g, "‹time›");
}
