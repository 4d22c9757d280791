import { MultiServerMCPClient } from "@langchain/mcp-adapters";
import type { Benchmark, BenchmarkOptions } from "./benchmark.js";
import { type Figure, median, quantile } from "./blocks.js";
import { importPackage, importStandard } from "./built.js";
import { createHttpWorld, createStdioWorld, type World } from "./faulty-worlds.js";

const CALLS_PER_BLOCK = 200;
const AT_ONCE = 8;
const DEADLINE_MS = 10_000;
const ATTEMPT_MS = 300;
/** A write that nobody may repeat gets more time: what is cut short is lost. */
const WRITE_MS = 1000;
const SEED = 20_261_101;
/** Of five calls in a row. */
const TOOLS = ["read", "create", "read", "create", "append"] as const;
type Tool = (typeof TOOLS)[number];

/** Makes call number `n`; rejects when it fails. */
type Call = (tool: Tool, n: number) => Promise<unknown>;

interface Contender {
  readonly world: World;
  readonly call: Call;
  /** Whether sessions and servers get lost. */
  readonly losses: boolean;
  readonly blocks: Outcome[][];
}

interface Outcome {
  readonly tool: Tool;
  readonly n: number;
  readonly ms: number;
  /** Undefined when the call succeeded. */
  readonly failure: string | undefined;
}

/**
 * Calls over connections that reset, fall silent and answer nonsense, to a server that forgets its sessions or is
 * killed every 200 calls. The server writes down what it does, so that nothing done twice goes unseen.
 */
export const run: Benchmark = async (options) => {
  const { size, progress } = options;
  const blocks = size === "full" ? 25 : 3;
  const ours = await createOurs(options);
  const contenders = {
    ours_http: await contender(await createHttpWorld(SEED, options), ours, true),
    ours_stdio: await contender(await createStdioWorld(SEED, options), ours, true),
    peer_http: await contender(await createHttpWorld(SEED, options), peer(options), true),
    peer_stdio: await contender(await createStdioWorld(SEED, options), peer(options), true),
    peer_http_no_loss: await contender(await createHttpWorld(SEED, options), peer(options), false),
    peer_stdio_no_loss: await contender(await createStdioWorld(SEED, options), peer(options), false),
  };
  const all = Object.entries(contenders);
  for (let block = 0; block < blocks; block++) {
    for (let turn = 0; turn < all.length; turn++) {
      const [, each] = all[(block + turn) % all.length] as (typeof all)[number];
      each.blocks.push(await runBlock(each, block));
    }
    const done = all.map(([name, each]) => `${name} ${okPct(each.blocks.flat()).toFixed(1)} %`);
    progress(`block ${block + 1} of ${blocks}: ${done.join(", ")}`);
  }
  for (const [name, each] of all) progress(`${name} failed with ${failuresOf(each)}`);

  const { ours_http, ours_stdio, peer_http, peer_stdio, peer_http_no_loss, peer_stdio_no_loss } = contenders;
  const both = [ours_http, ours_stdio];
  const figures: Record<string, Figure> = {
    ...figuresOf("", both),
    ...figuresOf("http_", [ours_http]),
    ...figuresOf("stdio_", [ours_stdio]),
    peer_ok_pct: perBlock([peer_http, peer_stdio], okPct),
    peer_http_ok_pct: perBlock([peer_http], okPct),
    peer_stdio_ok_pct: perBlock([peer_stdio], okPct),
    peer_no_loss_ok_pct: perBlock([peer_http_no_loss, peer_stdio_no_loss], okPct),
    peer_http_no_loss_ok_pct: perBlock([peer_http_no_loss], okPct),
    peer_stdio_no_loss_ok_pct: perBlock([peer_stdio_no_loss], okPct),
  };
  return { figures, runs: blocks };
};

function figuresOf(prefix: string, contenders: readonly Contender[]): Record<string, Figure> {
  const calls = contenders.flatMap((each) => each.blocks.flat());
  const journals = contenders.map(({ world }) => world.journal());
  const sum = (of: (journal: (typeof journals)[number]) => number) =>
    journals.reduce((total, each) => total + of(each), 0);
  const repeated = (counts: ReadonlyMap<string, number>, tool: Tool) =>
    [...counts].reduce((total, [key, count]) => total + (key.startsWith(tool) ? count - 1 : 0), 0);
  const ms = calls.map((call) => call.ms);
  return {
    [`${prefix}settled_pct`]: perBlock(contenders, (all) =>
      share(all, (call) => call.ms <= 1.1 * DEADLINE_MS),
    ),
    [`${prefix}ok_keyed_pct`]: perBlock(contenders, (all) => okPct(all.filter(isRepeatable))),
    [`${prefix}ok_pct`]: perBlock(contenders, okPct),
    [`${prefix}duplicate_effects`]: whole(sum(({ effects }) => repeated(effects, "create"))),
    [`${prefix}unkeyed_repeats`]: whole(sum(({ runs }) => repeated(runs, "append"))),
    [`${prefix}executions_per_call`]: whole(sum(({ executions }) => executions) / calls.length),
    [`${prefix}server_starts`]: whole(sum(({ starts }) => starts)),
    [`${prefix}p50_ms`]: whole(median(ms)),
    [`${prefix}p99_ms`]: whole(quantile(ms, 0.99)),
    [`${prefix}worst_ms`]: whole(Math.max(...ms)),
  };
}

async function contender(
  world: World,
  open: (entry: object) => Promise<Call>,
  losses: boolean,
): Promise<Contender> {
  const call = await open(world.entry);
  world.begin();
  return { world, call, losses, blocks: [] };
}

async function runBlock({ world, call, losses }: Contender, block: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let started = 0;
  let disruption: Promise<void> | undefined;
  const work = async (): Promise<void> => {
    while (started < CALLS_PER_BLOCK) {
      const n = block * CALLS_PER_BLOCK + started++;
      if (started === CALLS_PER_BLOCK / 2 && losses) disruption = world.disrupt();
      outcomes.push(await outcomeOf(call, TOOLS[n % TOOLS.length] as Tool, n));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await disruption;
  return outcomes;
}

async function outcomeOf(call: Call, tool: Tool, n: number): Promise<Outcome> {
  const startedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  // One that never settles must not keep the benchmark from saying so.
  const never = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, 3 * DEADLINE_MS, "never settled");
  });
  const settled = call(tool, n).then(
    () => undefined,
    (error: { code?: unknown; message?: unknown }) => String(error.code ?? error.message).slice(0, 60),
  );
  const failure = await Promise.race([settled, never]);
  clearTimeout(timer);
  return { tool, n, ms: performance.now() - startedAt, failure };
}

/** The standard stack as a program has it that wants an answer within ten seconds. */
async function createOurs({ defer, progress }: BenchmarkOptions): Promise<(entry: object) => Promise<Call>> {
  const { connect, compose, createCall } = await importPackage(progress);
  const { standard } = await importStandard();
  return async (entry) => {
    const limits = { timeout: WRITE_MS, "x-langbaton": { connectTimeoutMs: 2000 } };
    const source = { mcpServers: { s: { ...entry, ...limits } } };
    const servers = await connect(source, { onEvent: () => {}, onWarning: () => {} });
    defer(() => servers.close());
    const tools = await servers.get("s").listTools();
    const readOnly = new Set(tools.filter((tool) => tool.annotations?.readOnlyHint).map((tool) => tool.name));
    const stack = standard({ timeout: { totalMs: DEADLINE_MS, minMs: ATTEMPT_MS, maxMs: ATTEMPT_MS } });
    const handler = compose(stack, (call) => servers.call(call));
    return async (tool, n) => {
      const hints = { readOnly: readOnly.has(tool) };
      const key = tool === "create" ? { idempotencyKey: `key-${n}` } : {};
      const result = await handler(createCall({ server: "s", tool, args: { n }, hints, ...key }));
      if (result.isError) throw new Error("the tool failed");
    };
  };
}

/** The peer's tools with a limit per call and nothing else. */
function peer({ defer }: BenchmarkOptions): (entry: object) => Promise<Call> {
  return async (entry) => {
    const transport = "url" in entry ? "http" : "stdio";
    const server = { transport, ...entry, defaultToolTimeout: ATTEMPT_MS } as never;
    const client = new MultiServerMCPClient({ mcpServers: { s: server } });
    defer(() => client.close());
    const tools = new Map((await client.getTools()).map((tool) => [tool.name, tool]));
    return async (tool, n) => tools.get(tool)?.invoke({ n });
  };
}

function isRepeatable({ tool }: Outcome): boolean {
  return tool !== "append";
}

function okPct(calls: readonly Outcome[]): number {
  return share(calls, ({ failure }) => failure === undefined);
}

function share(calls: readonly Outcome[], test: (call: Outcome) => boolean): number {
  return (100 * calls.filter(test).length) / calls.length;
}

/** Over all calls; the range is that of the single blocks. */
function perBlock(contenders: readonly Contender[], measure: (calls: readonly Outcome[]) => number): Figure {
  const blocks = contenders.flatMap((each) => each.blocks);
  const values = blocks.map(measure);
  return { value: measure(blocks.flat()), spread: [Math.min(...values), Math.max(...values)] };
}

function whole(value: number): Figure {
  return { value, spread: [value, value] };
}

function failuresOf({ blocks }: Contender): string {
  const counts = new Map<string, number>();
  for (const { tool, failure } of blocks.flat()) {
    if (failure === undefined) continue;
    const key = `${tool} ${failure}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.map(([key, count]) => `${count} x ${key}`).join(", ") || "nothing";
}
