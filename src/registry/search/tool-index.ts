import { findCandidates } from "./candidates.js";
import { createVocabulary, readTool, type ToolDocument, type ToolText } from "./documents.js";
import { FEATURES, type Feature, measureCandidates } from "./features.js";
import { createPostings } from "./postings.js";
import { readTask } from "./task.js";
import { toWanted } from "./wanted.js";
import { WEIGHTS } from "./weights.js";

/** How many first sentences' words two tools of one name must share to be taken for the same, and what the second loses. */
const SAME_HEAD = 0.5;
const REPEATED = 1.5;
/** Tools of one name that are compared with; hundreds of servers may have a `search`. */
const MOST_COMPARED = 10;

export interface RankedTool {
  /** Its place in the list that was indexed. */
  readonly tool: number;
  /** Higher is better; comparable within one search only. */
  readonly score: number;
  /** What each feature added to the score: put together for those alone that are shown. */
  why(): Readonly<Partial<Record<Feature | "repeats", number>>>;
}

export interface ToolIndex {
  /** All candidates, best first; none when no tool has a word of the task. */
  rank(query: string, accept?: (tool: number) => boolean): RankedTool[];
  /** What `rank` weighs, for learning the weights. */
  measure(
    query: string,
    accept?: (tool: number) => boolean,
  ): { readonly tools: readonly number[]; readonly rows: readonly Float64Array[] };
}

const weights = FEATURES.map((feature) => WEIGHTS[feature]);

/** Finds tools by words: no model, no network. Built once for a list of tools. */
export function createToolIndex(tools: readonly ToolText[]): ToolIndex {
  const vocabulary = createVocabulary();
  const servers = new Map<string, number>();
  const members: number[][] = [];
  const documents = tools.map((tool, at) => {
    const server = servers.get(tool.server) ?? members.push([]) - 1;
    servers.set(tool.server, server);
    members[server]?.push(at);
    return readTool(tool, server, vocabulary);
  });
  const postings = createPostings(documents, vocabulary);

  function measure(query: string, accept: (tool: number) => boolean = () => true) {
    const task = readTask(query);
    const wanted = toWanted(task, vocabulary, postings);
    if (wanted.words.length === 0) return { tools: [], rows: [] };
    const candidates = findCandidates(wanted, documents, members, postings, accept);
    const rows = measureCandidates(task, wanted, candidates, documents, vocabulary, postings);
    return { tools: candidates.tools, rows };
  }

  return {
    measure,
    rank(query, accept) {
      const measured = measure(query, accept);
      const ranked = measured.tools.map((tool, at) => {
        const row = measured.rows[at] as Float64Array;
        let score = 0;
        for (let column = 0; column < row.length; column++)
          score += (row[column] as number) * (weights[column] as number);
        return { tool, score, row };
      });
      ranked.sort((a, b) => b.score - a.score || a.tool - b.tool);
      const first = new Map<string, number[]>();
      return ranked
        .map(({ tool, score, row }) => {
          const { name } = tools[tool] as ToolText;
          const before = first.get(name) ?? [];
          const repeats = before.some((other) => isSame(documents, tool, other));
          if (!repeats && before.length < MOST_COMPARED) first.set(name, [...before, tool]);
          return { tool, score: repeats ? score - REPEATED : score, why: () => whyOf(row, repeats) };
        })
        .sort((a, b) => b.score - a.score || a.tool - b.tool);
    },
  };
}

function whyOf(row: Float64Array, repeats: boolean): ReturnType<RankedTool["why"]> {
  const why: Partial<Record<Feature | "repeats", number>> = {};
  FEATURES.forEach((feature, column) => {
    const added = (row[column] as number) * (weights[column] as number);
    if (added !== 0) why[feature] = added;
  });
  if (repeats) why.repeats = -REPEATED;
  return why;
}

/** Tools of one name that say the same: one of them in sight is enough. */
function isSame(documents: readonly ToolDocument[], a: number, b: number): boolean {
  const [left, right] = [new Set(documents[a]?.headTerms), new Set(documents[b]?.headTerms)];
  const common = [...left].filter((term) => right.has(term)).length;
  return common >= SAME_HEAD * Math.min(left.size, right.size);
}
