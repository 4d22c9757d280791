import { differences } from "./compare.js";
import { type CodeCell, isCode, type Notebook, normalise } from "./notebook.js";

/**
 * The executed notebook as it is to be committed: an output that says the same as the one before stays as it was, so
 * that a diff shows what has changed and not that time has passed.
 */
export function withOutputs(before: Notebook, run: Notebook): Notebook {
  const cells = normalise(before).cells.filter(isCode);
  const committed = new Map(cells.map((cell) => [cell.id, cell.outputs]));
  const outputsOf = ({ id, outputs }: CodeCell) => {
    const old = committed.get(id) ?? [];
    return differences(old, outputs).length === 0 ? old : outputs;
  };
  return {
    ...run,
    cells: run.cells.map((cell) => (isCode(cell) ? { ...cell, outputs: outputsOf(cell) } : cell)),
  };
}
