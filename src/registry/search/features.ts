import type { Candidates } from "./candidates.js";
import { FIELDS, type ToolDocument, type Vocabulary } from "./documents.js";
import { alike } from "./lexicon.js";
import type { Postings } from "./postings.js";
import type { Kind, Task } from "./task.js";
import { verbKind } from "./verbs.js";
import type { Wanted } from "./wanted.js";

const KINDS: readonly Kind[] = ["url", "date"];
const PARAMETERS = FIELDS.indexOf("parameters");
const PLACE = FIELDS.indexOf("place");

/** What is measured of a tool for a task, in the order of a row. */
export const FEATURES = [
  // How much of the task's words its parameters have, and its server with category and tags.
  "whole_parameters",
  "whole_place",
  // How much of what it says of itself the task has.
  "name_cover",
  "head_cover",
  // How near it comes to the best tool for one part of the task.
  "part_win",
  // Its server: the best match there, and what all its tools have of the task's words.
  "server_best",
  "server_cover",
  // What it does: as the task says, more than the task says, and by kind.
  "verb_fit",
  "verb_danger",
  "verb_read",
  "verb_find",
  // Takes a value such as the task gives.
  ...KINDS.map((kind) => `takes_${kind}` as const),
  // Provides what a leading tool of its server must be given.
  "provides",
  "required",
  "name_words",
  "length",
] as const;

export type Feature = (typeof FEATURES)[number];

const COLUMNS = FIELDS.length;
const SERVER_COVER = FEATURES.indexOf("server_cover");
const PROVIDES_ALIKE = 0.5;
const DANGEROUS = new Set(["remove", "change", "act"]);

/** A row for each candidate. */
export function measureCandidates(
  task: Task,
  wanted: Wanted,
  candidates: Candidates,
  documents: readonly ToolDocument[],
  vocabulary: Vocabulary,
  postings: Postings,
): Float64Array[] {
  const { words, masses } = wanted;
  const { tools, best, partScores, partBests } = candidates;
  const { idf, saturate } = postings;
  const mass = masses[0] as number;
  const marks = markTerms(wanted);
  const strengthOf = (term: number): number => marks.get(term)?.[0]?.[1] ?? 0;
  // Most terms of a tool are none of the task's; an array says so faster than a map.
  const isMarked = new Uint8Array(vocabulary.stems.length);
  for (const term of marks.keys()) isMarked[term] = 1;
  const verbs = new Set(task.parts[0]?.map(verbKind));
  const servers = scoreServers(candidates, documents);
  const neededBy = needsOf(candidates, documents, vocabulary, idf);
  const covers = new Map<number, Float64Array>();
  const met = new Float64Array(words.length * COLUMNS);

  const rows = tools.map((tool) => {
    const document = documents[tool] as ToolDocument;
    met.fill(0);
    const cover = covers.get(document.server) ?? new Float64Array(words.length);
    covers.set(document.server, cover);
    for (let at = 0; at < document.terms.length; at++) {
      const term = document.terms[at] as number;
      if (isMarked[term] === 0) continue;
      const marked = marks.get(term) ?? [];
      for (let field = 0; field < COLUMNS; field++) {
        const part = saturate(document, document.counts[at] as number, field) * (idf[term] as number);
        if (part === 0) continue;
        for (const [word, strength] of marked) {
          const place = word * COLUMNS + field;
          met[place] = Math.max(met[place] as number, part * strength);
          cover[word] = Math.max(cover[word] as number, part * strength);
        }
      }
    }
    const row = new Float64Array(FEATURES.length);
    let column = 0;
    const put = (value: number): void => {
      row[column++] = value;
    };
    const inField = (field: number): number => {
      let sum = 0;
      for (let word = 0; word < words.length; word++) sum += met[word * COLUMNS + field] as number;
      return sum / mass;
    };
    put(inField(PARAMETERS));
    put(inField(PLACE));
    put(coverOf(document.nameTerms, idf, strengthOf));
    put(coverOf(document.headTerms, idf, strengthOf));
    let win = 0;
    for (let part = masses.length > 1 ? 1 : 0; part < masses.length; part++) {
      const won = ((partScores[part] as Float64Array)[tool] as number) / (partBests[part] as number);
      win = Math.max(win, won);
    }
    put(win);
    put((servers.get(document.server) ?? 0) / best);
    put(0);
    const { verb } = document;
    put(Number(verb !== undefined && verbs.has(verb)));
    put(Number(verb !== undefined && DANGEROUS.has(verb) && !verbs.has(verb)));
    put(Number(verb === "read"));
    put(Number(verb === "find"));
    for (const kind of KINDS) put(Number(task.gives.has(kind) && document.takes.has(kind)));
    put(neededBy(tool));
    put(Math.log1p(document.required));
    put(document.nameTerms.length);
    put(Math.log1p(document.terms.length));
    return row;
  });
  // Only now are all tools of each server read.
  tools.forEach((tool, at) => {
    const cover = covers.get((documents[tool] as ToolDocument).server) as Float64Array;
    (rows[at] as Float64Array)[SERVER_COVER] = cover.reduce((sum, value) => sum + value, 0) / mass;
  });
  return rows;
}

/** The words of the task that a term meets, and how well; what it meets best comes first. */
function markTerms({ words }: Wanted): Map<number, (readonly [word: number, strength: number])[]> {
  const marks = new Map<number, (readonly [number, number])[]>();
  words.forEach(({ terms }, word) => {
    for (const [term, strength] of terms) {
      const marked = marks.get(term) ?? [];
      if (strength === 1) marked.unshift([word, strength]);
      else marked.push([word, strength]);
      marks.set(term, marked);
    }
  });
  return marks;
}

function coverOf(terms: readonly number[], idf: Float64Array, strengthOf: (term: number) => number): number {
  let [met, all] = [0, 0];
  for (const term of terms) {
    const weight = idf[term] as number;
    all += weight;
    met += weight * strengthOf(term);
  }
  return all === 0 ? 0 : met / all;
}

/** The best score on each server. */
function scoreServers(
  { tools, scores }: Candidates,
  documents: readonly ToolDocument[],
): ReadonlyMap<number, number> {
  const servers = new Map<number, number>();
  for (const tool of tools) {
    const { server } = documents[tool] as ToolDocument;
    servers.set(server, Math.max(servers.get(server) ?? 0, scores[tool] as number));
  }
  return servers;
}

/** How well a tool provides what a leading tool of the same server needs, as coordinates for a search nearby. */
function needsOf(
  { leading, scores, best }: Candidates,
  documents: readonly ToolDocument[],
  vocabulary: Vocabulary,
  idf: Float64Array,
): (tool: number) => number {
  const users = leading.map((tool) => {
    const { needs, server } = documents[tool] as ToolDocument;
    const all = needs.reduce((sum, need) => sum + (idf[need] as number), 0);
    const wanted = needs.map((need) => ({
      need,
      weight: all === 0 ? 0 : (idf[need] as number) / all,
      others: [...alike(vocabulary.stems[need] as string)].flatMap((other) => vocabulary.find(other) ?? []),
    }));
    return { tool, server, wanted, share: (scores[tool] as number) / best };
  });
  return (tool) => {
    const { server, provides, needs } = documents[tool] as ToolDocument;
    let most = 0;
    for (const user of users) {
      if (user.server !== server || user.tool === tool) continue;
      let met = 0;
      for (const { need, weight, others } of user.wanted) {
        if (needs.includes(need)) continue;
        if (provides.has(need)) met += weight;
        else if (others.some((other) => provides.has(other))) met += weight * PROVIDES_ALIKE;
      }
      most = Math.max(most, met * user.share);
    }
    return most;
  };
}
