import type { ToolDocument } from "./documents.js";
import type { Postings } from "./postings.js";
import type { Wanted } from "./wanted.js";

const MOST_BY_WORDS = 100;
/** Servers of the best tools send others of theirs: those that no word of the task names, but which belong to the work. */
const LEADING = 10;
const MOST_OF_A_SERVER = 25;
const MOST = 160;

export interface Candidates {
  readonly tools: readonly number[];
  /** The best of them, best first. */
  readonly leading: readonly number[];
  /** How well each tool matches over all, above 0, by its number; and the best. */
  readonly scores: Float64Array;
  readonly best: number;
  /** The same for each part of the task; the first is the whole. */
  readonly partScores: readonly Float64Array[];
  readonly partBests: readonly number[];
}

/**
 * The tools that are worth a closer look. A task has several parts that each need a tool of their own, so a tool's
 * score is that for the whole and that for the part which it serves best.
 */
export function findCandidates(
  { words, masses }: Wanted,
  documents: readonly ToolDocument[],
  members: readonly (readonly number[])[],
  { idf, visit }: Postings,
  accept: (tool: number) => boolean,
): Candidates {
  const size = documents.length;
  const partScores = masses.map(() => new Float64Array(size));
  const scoreOfWord = new Float64Array(size);
  for (const { terms, parts } of words) {
    const touched: number[] = [];
    for (const [term, strength] of terms) {
      const weight = strength * (idf[term] as number);
      visit(term, (tool, inTool) => {
        const score = weight * inTool;
        const known = scoreOfWord[tool] as number;
        if (known === 0) touched.push(tool);
        if (score > known) scoreOfWord[tool] = score;
      });
    }
    for (const tool of touched) {
      for (const part of parts) {
        const scores = partScores[part] as Float64Array;
        scores[tool] = (scores[tool] as number) + (scoreOfWord[tool] as number);
      }
      scoreOfWord[tool] = 0;
    }
  }
  const accepted: number[] = [];
  for (let tool = 0; tool < size; tool++)
    if (((partScores[0] as Float64Array | undefined)?.[tool] ?? 0) > 0 && accept(tool)) accepted.push(tool);
  const partBests = partScores.map((scores) => bestOf(scores, accepted) || 1);
  const shares = partShares(masses);
  const scores = new Float64Array(size);
  for (const tool of accepted) {
    let most = 0;
    for (let part = 1; part < masses.length; part++) {
      const won = ((partScores[part] as Float64Array)[tool] as number) / (partBests[part] as number);
      most = Math.max(most, won * (shares[part] as number));
    }
    scores[tool] = ((partScores[0] as Float64Array)[tool] as number) / (partBests[0] as number) + most;
  }
  const byWords = selectBest(accepted, scores, MOST_BY_WORDS);
  const leading = byWords.slice(0, LEADING);
  const tools = new Set(byWords);
  for (const server of new Set(leading.map((tool) => (documents[tool] as ToolDocument).server))) {
    const others = (members[server] as readonly number[]).filter((tool) => !tools.has(tool) && accept(tool));
    for (const tool of selectBest(others, scores, MOST_OF_A_SERVER)) if (tools.size < MOST) tools.add(tool);
  }
  const [first] = byWords;
  const best = first === undefined ? 1 : (scores[first] as number);
  return { tools: [...tools], leading, scores, best, partScores, partBests };
}

/** How much each part matters beside the weightiest. */
function partShares(masses: readonly number[]): number[] {
  const most = Math.max(...masses.slice(1), 1);
  return masses.map((mass) => Math.sqrt(mass / most));
}

function bestOf(scores: Float64Array, tools: readonly number[]): number {
  return tools.reduce((most, tool) => Math.max(most, scores[tool] as number), 0);
}

/** The best `most`, best first; earlier ones first where they are equal. */
function selectBest(tools: readonly number[], scores: Float64Array, most: number): number[] {
  let kept = tools;
  if (tools.length > 2 * most) {
    // Sorting numbers in place is far cheaper than sorting tools by a function.
    const least = Float64Array.from(tools, (tool) => scores[tool] as number).sort()[
      tools.length - most
    ] as number;
    kept = tools.filter((tool) => (scores[tool] as number) >= least);
  }
  return [...kept].sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b).slice(0, most);
}
