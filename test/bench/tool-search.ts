import { readFileSync } from "node:fs";
import { DynamicStructuredTool, type StructuredToolInterface } from "@langchain/core/tools";
import { z } from "zod";
import { nameTools } from "../../src/adapters/tool-names.js";
import type { Registry } from "../../src/registry/registry.js";
import type { Benchmark } from "./benchmark.js";
import { type Figure, quantile } from "./blocks.js";
import { builtFolder, importPackage } from "./built.js";
import { type Example, learnWeights } from "./learn-recall.js";
import { createOkapi } from "./okapi.js";

/** Stronger than for recall, and for longer: the tasks are few. */
const LEARNING = { penalty: 0.15, steps: 200 };
const MANY = 5000;
/** As the toolbox has it when nothing is said. */
const PRESELECTED = 5;
const MOST_BOUND = 12;

interface Outcome {
  readonly r10: number;
  readonly r20: number;
}

/** Tasks and hundreds of tools: are those found that a task needs? */
export const run: Benchmark = async ({ size, data, learn = false, progress }) => {
  if (data === undefined) throw new Error("tool-search: give servers, tools and tasks with --data FILE");
  const { definitions, tasks } = readToolTasks(data);
  progress(`${definitions.length} tools, ${tasks.length} tasks`);
  await importPackage(progress);
  const { createRegistry } = await built<typeof import("../../src/registry/registry.js")>("registry");
  const { toolbox, toolTokens } = await built<typeof import("../../src/registry/toolbox.js")>("toolbox");
  const describe = Object.fromEntries(
    definitions.map(({ server, category }) => [`${server}.*`, { category }]),
  );
  const registry = createRegistry(toTools(definitions), { describe });

  const found = await Promise.all(tasks.map(({ query }) => registry.search(query, { limit: 20 })));
  const ours = tasks.map((task, at) =>
    shares(
      task,
      (found[at] ?? []).map(({ entry }) => entry.ownName),
    ),
  );
  const okapi = createOkapi(
    definitions.map(({ tool, description }, at) => ({ id: String(at), text: `${tool} ${description}` })),
  );
  const plain = tasks.map((task) =>
    shares(
      task,
      okapi(task.query)
        .slice(0, 20)
        .map((id) => (definitions[Number(id)] as ToolDefinition).tool),
    ),
  );
  const all = toolTokens(registry.tools);
  const searchTool = toolTokens((toolbox(registry).tools ?? []) as StructuredToolInterface[]);
  const tokens = (most: number): number[] =>
    found.map((each) => (100 * (searchTool + toolTokens(each.slice(0, most).map(({ tool }) => tool)))) / all);
  progress("searched");
  const times = await searchTimes(createRegistry(toTools(multiply(definitions, MANY))), tasks);
  const figures: Record<string, Figure> = {
    r10: percent(ours, "r10"),
    r20: percent(ours, "r20"),
    bm25_r10: percent(plain, "r10"),
    bm25_r20: percent(plain, "r20"),
    p50_5000_ms: constant(quantile(times.searches, 0.5)),
    p95_5000_ms: constant(quantile(times.searches, 0.95)),
    build_5000_ms: constant(times.buildMs),
    tokens_vs_all_pct: spread(tokens(PRESELECTED)),
    tokens_full_vs_all_pct: spread(tokens(MOST_BOUND)),
    tasks: constant(tasks.length),
  };
  if (learn || size === "full") Object.assign(figures, await learnAnew(definitions, tasks, learn, progress));
  return { figures, runs: tasks.length };
};

async function searchTimes(registry: Registry, tasks: readonly ToolTask[]) {
  const startedAt = performance.now();
  await registry.search("warm up");
  const buildMs = performance.now() - startedAt;
  const searches: number[] = [];
  for (let round = 0; round < 6; round++)
    for (const { query } of tasks) {
      const start = performance.now();
      await registry.search(query);
      // The first round is the compiler's.
      if (round > 0) searches.push(performance.now() - start);
    }
  return { buildMs, searches };
}

/**
 * The same features under weights that never saw what is asked: `held_out` leaves out the task itself, `apart` all
 * tasks that need a tool of one of its servers.
 */
async function learnAnew(
  definitions: readonly ToolDefinition[],
  tasks: readonly ToolTask[],
  show: boolean,
  progress: (line: string) => void,
): Promise<Record<string, Figure>> {
  const { createToolIndex } =
    await built<typeof import("../../src/registry/search/tool-index.js")>("search/tool-index");
  const { FEATURES } = await built<typeof import("../../src/registry/search/features.js")>("search/features");
  const { toEntries, toToolText } = await built<typeof import("../../src/registry/entry.js")>("entry");
  const describe = Object.fromEntries(
    definitions.map(({ server, category }) => [`${server}.*`, { category }]),
  );
  const index = createToolIndex(toEntries(toTools(definitions), describe, "strict").map(toToolText));
  const nameOf = (tool: number): string => (definitions[tool] as ToolDefinition).tool;
  const examples = tasks.map((task, at) => {
    const { tools, rows } = index.measure(task.query);
    const isGold = tools.map((tool) => task.needs.includes(nameOf(tool)));
    const servers = new Set(
      definitions.filter(({ tool }) => task.needs.includes(tool)).map(({ server }) => server),
    );
    return { task, tools, rows, isGold, servers, group: String(at) };
  });
  const rankWith = (example: (typeof examples)[number], weights: readonly number[]): Outcome =>
    shares(
      example.task,
      rank(example, weights).map((at) => nameOf(example.tools[at] as number)),
    );
  const [heldOut, apart]: [Outcome[], Outcome[]] = [[], []];
  for (const example of examples) {
    const others = examples.filter((other) => other !== example);
    heldOut.push(rankWith(example, learnWeights(others, LEARNING)));
    const strangers = others.filter(
      ({ servers }) => ![...servers].some((server) => example.servers.has(server)),
    );
    apart.push(rankWith(example, learnWeights(strangers, LEARNING)));
  }
  progress("learnt without each task");
  if (show) {
    const weights = learnWeights(examples, LEARNING);
    progress("weights learnt on all of these tasks, for src/registry/search/weights.ts:");
    FEATURES.forEach((feature, column) => {
      process.stderr.write(`  ${feature}: ${(weights[column] as number).toFixed(3)},\n`);
    });
  }
  return {
    r10_held_out: percent(heldOut, "r10"),
    r20_held_out: percent(heldOut, "r20"),
    r10_apart: percent(apart, "r10"),
    r20_apart: percent(apart, "r20"),
  };
}

function rank({ rows }: Example, weights: readonly number[]): number[] {
  const scores = rows.map((row) =>
    row.reduce((sum, value, column) => sum + value * (weights[column] as number), 0),
  );
  return scores.map((_, at) => at).sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
}

/** Of what the task needs, what is among the first. */
function shares({ needs }: ToolTask, names: readonly string[]): Outcome {
  const share = (most: number): number => {
    const first = new Set(names.slice(0, most));
    return needs.filter((name) => first.has(name)).length / needs.length;
  };
  return { r10: share(10), r20: share(20) };
}

function percent(outcomes: readonly Outcome[], key: keyof Outcome): Figure {
  const value = (100 * outcomes.reduce((sum, outcome) => sum + outcome[key], 0)) / outcomes.length;
  return constant(value);
}

function spread(values: readonly number[]): Figure {
  const value = values.reduce((sum, each) => sum + each, 0) / values.length;
  return { value, spread: [Math.min(...values), Math.max(...values)] };
}

function constant(value: number): Figure {
  return { value, spread: [value, value] };
}

/** A module of the built package, which its root does not export. */
function built<Module>(name: string): Promise<Module> {
  return import(new URL(`registry/${name}.js`, builtFolder()).href);
}

const fileSchema = z.object({
  servers: z.array(
    z.object({
      server: z.string(),
      category: z.string(),
      tools: z.array(
        z.object({
          name: z.string(),
          description: z.string().nullish(),
          inputSchema: z.record(z.string(), z.unknown()),
        }),
      ),
    }),
  ),
  queries: z.array(z.object({ query: z.string(), tools: z.array(z.string()).min(1) })),
});

interface ToolDefinition {
  readonly server: string;
  readonly category: string;
  readonly tool: string;
  readonly description: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

interface ToolTask {
  readonly query: string;
  /** The names of the tools that it needs; two servers' tools of one name serve alike. */
  readonly needs: readonly string[];
}

function readToolTasks(file: string): {
  readonly definitions: readonly ToolDefinition[];
  readonly tasks: readonly ToolTask[];
} {
  const { servers, queries } = fileSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  return {
    definitions: servers.flatMap(({ server, category, tools }) =>
      tools.map(({ name, description, inputSchema }) => ({
        server,
        category,
        tool: name,
        description: description ?? "",
        schema: inputSchema,
      })),
    ),
    tasks: queries.map(({ query, tools }) => ({ query, needs: tools })),
  };
}

/** LangChain tools as `loadTools` makes them, without a server behind. */
function toTools(definitions: readonly ToolDefinition[]): StructuredToolInterface[] {
  const names = nameTools(definitions);
  return definitions.map(
    ({ server, tool, description, schema }, at) =>
      new DynamicStructuredTool({
        name: names[at] as string,
        description,
        schema: schema as never,
        metadata: { server, tool },
        func: async () => "",
      }),
  );
}

/** More tools: copies on servers of other names, each with words of its own in name and description. */
function multiply(definitions: readonly ToolDefinition[], count: number): ToolDefinition[] {
  return Array.from({ length: count }, (_, at) => {
    const definition = definitions[at % definitions.length] as ToolDefinition;
    const copy = Math.floor(at / definitions.length);
    if (copy === 0) return definition;
    return {
      ...definition,
      server: `${definition.server}-${wordFor(copy)}`,
      tool: `${definition.tool}_${wordFor(at)}`,
      description: `${definition.description} For ${wordFor(at * 7)} and ${wordFor(copy)} ${wordFor(at % 300)}.`,
    };
  });
}

/** A word that nobody says: the same for the same number. */
function wordFor(number: number): string {
  const syllables = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ka",
    "le",
    "mi",
    "no",
    "pu",
    "ra",
    "se",
    "ti",
    "vo",
    "zu",
    "xe",
  ];
  let word = "";
  for (let rest = number + 16; rest > 0; rest = Math.floor(rest / 16)) word += syllables[rest % 16];
  return word;
}
