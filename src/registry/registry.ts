import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import type { StructuredToolInterface } from "@langchain/core/tools";
import {
  checkArguments,
  checkOptions,
  having,
  invalidArgument,
  invalidConfig,
  isRecord,
  someOf,
  text,
  texts,
  whole,
} from "./check.js";
import { type Description, type Entry, toEntries, toToolText } from "./entry.js";
import { createMeanings, type Meanings } from "./meanings.js";
import { createToolIndex, type ToolIndex } from "./search/tool-index.js";
import type { Usage } from "./usage.js";

export type { Description, Entry } from "./entry.js";

export interface RegistryOptions {
  /** What tools are for, by `server.tool` pattern or by the name for the model. @default what servers say */
  readonly describe?: Readonly<Record<string, Description>>;
  /** An embedding model: its ranking is fused with that by words. Left alone for a minute when it fails. @default words alone */
  readonly embeddings?: EmbeddingsInterface;
  /** What was learnt from earlier calls. It changes the order, never what may be called. @default none */
  readonly usage?: Pick<Usage, "suggest">;
}

export interface SearchOptions {
  readonly category?: string;
  readonly server?: string;
  /** Only tools that have all of these. */
  readonly tags?: readonly string[];
  /** @default 10 */
  readonly limit?: number;
  /** The tool that was called last, as `server.tool`: `usage` knows what follows it. */
  readonly after?: string;
}

/** A tool that a search found, the best first. */
export interface FoundTool {
  readonly tool: StructuredToolInterface;
  readonly entry: Entry;
  /** Higher is better; comparable within one search only. */
  readonly score: number;
  /** What the score is made of. */
  readonly why: Readonly<Record<string, number>>;
}

/** Tools that can be searched; made by `createRegistry()`. */
export interface Registry {
  readonly tools: readonly StructuredToolInterface[];
  readonly entries: readonly Entry[];
  readonly categories: readonly string[];
  /** By the name for the model, or as `server.tool`: the first, when several go by that under other names. */
  get(name: string): StructuredToolInterface | undefined;
  entry(name: string): Entry | undefined;
  /**
   * Tools for a task, best first. A task may have several parts: each part's tools come up. Empty when no tool has a
   * word of it.
   *
   * @throws {BatonError} `INVALID_ARGUMENTS` for a category, server or tag that there is none of
   */
  search(query: string, options?: SearchOptions): Promise<FoundTool[]>;
  /**
   * Takes these in place of all tools, when servers have changed theirs. A search that runs ends on those it began with.
   */
  replace(tools: readonly StructuredToolInterface[]): void;
  /**
   * A registry of these tools alone, described and learnt of in the same way: what one agent may use, for example. A
   * later `replace()` of either leaves the other as it is.
   */
  of(tools: readonly StructuredToolInterface[]): Registry;
}

const MOST_FOUND = 100;
/** Candidates that another opinion can still move up. */
const MOST_FUSED = 100;
/** What certain experience adds to a score, which is in units of log odds. */
const EXPERIENCE = 3;
/** Reciprocal rank fusion (Cormack et al., 2009). */
const RANK_OFFSET = 60;
const SEARCH_KEYS = { category: text, server: text, tags: texts, limit: whole(1, MOST_FOUND), after: text };

/**
 * Many tools, to be searched: hundreds of definitions would fill a model's context and confuse it. Search needs no
 * model and no network.
 *
 * @throws {BatonError} `CONFIG_INVALID` for two tools of one name, or a description that fits no tool
 * @example
 * ```ts
 * const registry = createRegistry(await loadTools(servers));
 * const found = await registry.search("fetch the page, draw a chart of it and save it as PDF");
 * ```
 */
export function createRegistry(
  tools: readonly StructuredToolInterface[],
  options: RegistryOptions = {},
): Registry {
  checkTools("createRegistry", tools);
  checkOptions("createRegistry", options, {
    describe: { must: "an object of descriptions", test: isRecord },
    embeddings: having("an embedding model", "embedDocuments", "embedQuery"),
    usage: having("what createUsage() returns", "suggest"),
  });
  return openRegistry(tools, options, "strict");
}

function openRegistry(
  tools: readonly StructuredToolInterface[],
  options: RegistryOptions,
  idle: "lenient" | "strict",
): Registry {
  const { describe = {}, embeddings, usage } = options;
  let shelf = toShelf(tools, describe, embeddings, idle);

  async function search(query: string, searchOptions: SearchOptions = {}): Promise<FoundTool[]> {
    // All of one search is of one list, also when another is put in its place meanwhile.
    const searched = shelf;
    const { entries, index, meanings } = searched;
    if (typeof query !== "string") throw invalidArgument("search", "query", "must be a text");
    checkSearch(searchOptions, searched);
    const { limit = 10, after } = searchOptions;
    const accept = acceptor(entries, searchOptions);
    const ranked = index().rank(query, accept);
    const [nearest, suggested] = await Promise.all([
      meanings?.nearest(query, MOST_FUSED, accept) ?? [],
      usage?.suggest(query, { limit: MOST_FUSED, ...(after !== undefined && { after }) }) ?? [],
    ]);
    const scored = nearest.length === 0 ? ranked : fuse(ranked, nearest);
    const found = new Map<number, { readonly score: number; why(): Readonly<Record<string, number>> }>(
      scored.map((each) => [each.tool, each]),
    );
    // What no word speaks for starts behind all that one speaks for.
    const floor = scored.at(-1)?.score ?? 0;
    const unit = nearest.length === 0 ? EXPERIENCE : EXPERIENCE / RANK_OFFSET / 10;
    for (const { tool: name, score } of suggested) {
      const tool = searched.places.get(name);
      if (tool === undefined || !accept(tool)) continue;
      const known = found.get(tool) ?? (score > 0 ? { score: floor, why: () => ({}) } : undefined);
      const added = unit * score;
      if (known)
        found.set(tool, {
          score: known.score + added,
          why: () => ({ ...known.why(), experience: added }),
        });
    }
    return [...found]
      .sort(([a, left], [b, right]) => right.score - left.score || a - b)
      .slice(0, limit)
      .map(([at, { score, why }]) => {
        const entry = entries[at] as Entry;
        return { tool: entry.tool, entry, score, why: why() };
      });
  }

  const entry = (name: string): Entry | undefined => {
    const at = shelf.byName.get(name) ?? shelf.places.get(name);
    return at === undefined ? undefined : shelf.entries[at];
  };
  return {
    get tools() {
      return shelf.tools;
    },
    get entries() {
      return shelf.entries;
    },
    get categories() {
      return shelf.categories;
    },
    get: (name) => entry(name)?.tool,
    entry,
    search,
    replace(next) {
      checkTools("replace", next);
      // What was described may be gone for a while: that is the server's doing, no slip.
      shelf = toShelf(next, describe, embeddings, "lenient");
    },
    of(some) {
      checkTools("of", some);
      return openRegistry(some, options, "lenient");
    },
  };
}

function checkTools(name: string, tools: unknown): void {
  if (!Array.isArray(tools))
    throw invalidConfig(name, [{ path: "tools", problem: "must be a list of tools" }]);
}

interface Shelf {
  readonly tools: readonly StructuredToolInterface[];
  readonly entries: readonly Entry[];
  readonly categories: readonly string[];
  readonly servers: readonly string[];
  readonly tags: ReadonlySet<string>;
  readonly byName: ReadonlyMap<string, number>;
  /** By `server.tool`. */
  readonly places: ReadonlyMap<string, number>;
  /** Made at the first search. */
  readonly index: () => ToolIndex;
  readonly meanings: Meanings | undefined;
}

function toShelf(
  tools: readonly StructuredToolInterface[],
  describe: Readonly<Record<string, Description>>,
  embeddings: EmbeddingsInterface | undefined,
  idle: "lenient" | "strict",
): Shelf {
  const entries = toEntries(tools, describe, idle);
  let index: ToolIndex | undefined;
  return {
    tools: entries.map(({ tool }) => tool),
    entries,
    categories: [...new Set(entries.map(({ category }) => category))].sort(),
    servers: [...new Set(entries.map(({ server }) => server))].sort(),
    tags: new Set(entries.flatMap(({ tags }) => tags)),
    byName: new Map(entries.map(({ name }, at) => [name, at])),
    // Of several of one place the first stands: a map keeps the last that it is given.
    places: new Map(
      entries.map(({ server, ownName }, at) => [`${server}.${ownName}`, at] as const).reverse(),
    ),
    index: () => (index ??= createToolIndex(entries.map(toToolText))),
    meanings: embeddings && createMeanings(embeddings, entries),
  };
}

function checkSearch(options: SearchOptions, { categories, servers, tags: allTags }: Shelf): void {
  checkArguments("search", options, SEARCH_KEYS);
  const { category, server, tags = [] } = options;
  if (category !== undefined && !categories.includes(category))
    throw invalidArgument("search", "category", `'${category}' is none; there are ${someOf(categories)}`);
  if (server !== undefined && !servers.includes(server))
    throw invalidArgument("search", "server", `'${server}' is none; there are ${someOf(servers)}`);
  const unknown = tags.find((tag) => !allTags.has(tag));
  if (unknown !== undefined)
    throw invalidArgument("search", "tags", `'${unknown}' is none; there are ${someOf([...allTags].sort())}`);
}

function acceptor(
  entries: readonly Entry[],
  { category, server, tags = [] }: SearchOptions,
): (at: number) => boolean {
  return (at) => {
    const entry = entries[at] as Entry;
    return (
      (category === undefined || entry.category === category) &&
      (server === undefined || entry.server === server) &&
      tags.every((tag) => entry.tags.includes(tag))
    );
  };
}

/** Two rankings as one: what either puts first comes up, whatever their scores are made of. */
function fuse(
  ranked: readonly { readonly tool: number }[],
  nearest: readonly number[],
): { tool: number; score: number; why(): Record<string, number> }[] {
  const whys = new Map<number, Record<string, number>>();
  const add = (tools: readonly number[], name: string): void => {
    for (const [place, tool] of tools.slice(0, MOST_FUSED).entries())
      whys.set(tool, { ...whys.get(tool), [name]: 1 / (RANK_OFFSET + place + 1) });
  };
  add(
    ranked.map(({ tool }) => tool),
    "words",
  );
  add(nearest, "meaning");
  return [...whys]
    .map(([tool, why]) => ({
      tool,
      why: () => why,
      score: Object.values(why).reduce((sum, value) => sum + value, 0),
    }))
    .sort((a, b) => b.score - a.score || a.tool - b.tool);
}
