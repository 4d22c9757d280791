import { existsSync } from "node:fs";
import type { Command } from "commander";
import { loadTools } from "../../adapters/tools.js";
import { hashJson } from "../../core/canonical.js";
import { BatonError } from "../../core/errors.js";
import { standard } from "../../middleware/standard.js";
import { sqliteIdempotency } from "../../middleware/stores/sqlite-idempotency.js";
import type { WorkflowDefinition, WorkflowGraph } from "../../workflows/workflow.js";
import { note } from "../output.js";
import { type SessionOptions, withInterrupt, withServers, withSessionOptions } from "../session.js";
import { isNeeded, type Named, namedIn } from "./named.js";

export const THREADS = ".langbaton/threads.db";

export interface RunsOptions extends SessionOptions {
  readonly threads: string;
}

/** A workflow of a file, with its runs. */
export interface OpenWorkflow {
  readonly file: string;
  readonly definition: WorkflowDefinition;
  readonly graph: WorkflowGraph;
  /** Names of tools that say of themselves that they change nothing. */
  readonly readOnly: ReadonlySet<string>;
}

type Work<T> = (workflows: readonly OpenWorkflow[], signal: AbortSignal) => Promise<T>;

export function withRunsOptions(command: Command): Command {
  return withThreads(withSessionOptions(command));
}

export function withThreads(command: Command): Command {
  return command.option("--threads <location>", "where runs are kept: a file, or postgres://…", THREADS);
}

/** Connects the servers that the workflows need, and opens their runs. What they did is remembered beside the runs. */
export async function withWorkflows<T>(
  files: readonly string[],
  options: RunsOptions,
  work: Work<T>,
): Promise<T> {
  const definitions = await readAll(files);
  for (const [index, { functions, graphs }] of definitions.map(namedIn).entries())
    throwIfCode(files[index] ?? "", [...functions, ...graphs]);
  const names = definitions.flatMap((definition) => namedIn(definition).tools);
  if (names.length === 0)
    return withInterrupt((signal) =>
      withRuns(
        files,
        definitions,
        options,
        () => ({}),
        (all) => work(all, signal),
      ),
    );
  return withServers(
    options,
    async (servers, signal) => {
      const store = sqliteIdempotency(keysBeside(options.threads));
      try {
        const onWarning = (warning: string): void => note(`warning: ${warning}`);
        const use = standard({ idempotency: { store } });
        const tools = await loadTools(servers, { use, signal, onWarning });
        return await withRuns(
          files,
          definitions,
          options,
          () => ({ tools }),
          (all) => work(all, signal),
        );
      } finally {
        await store.close();
      }
    },
    isNeeded(names),
  );
}

/** Opens the runs without a server: nothing of them can be gone on with. */
export async function lookAt<T>(
  files: readonly string[],
  options: Pick<RunsOptions, "threads">,
  work: (workflows: readonly OpenWorkflow[]) => Promise<T>,
): Promise<T> {
  throwIfMissing(options.threads);
  const [definitions, { absent }] = await Promise.all([readAll(files), import("./absent.js")]);
  return withRuns(files, definitions, options, (named) => absent(named), work);
}

type Parts =
  | ReturnType<typeof import("./absent.js").absent>
  | { tools?: Awaited<ReturnType<typeof loadTools>> };

async function withRuns<T>(
  files: readonly string[],
  definitions: readonly WorkflowDefinition[],
  { threads: location }: Pick<RunsOptions, "threads">,
  partsFor: (named: Named) => Parts,
  work: (workflows: readonly OpenWorkflow[]) => Promise<T>,
): Promise<T> {
  // LangGraph takes a while to load; other commands go without.
  const [{ openThreads }, { createWorkflow }] = await Promise.all([
    import("../../workflows/threads.js"),
    import("../../workflows/workflow.js"),
  ]);
  await using threads = await openThreads(location);
  const { checkpointer } = threads;
  const workflows = definitions.map((definition, index): OpenWorkflow => {
    const parts = partsFor(namedIn(definition));
    const { tools = [] } = parts;
    const readOnly = new Set(
      (tools as Awaited<ReturnType<typeof loadTools>>)
        .filter(({ hints }) => hints.readOnly === true)
        .flatMap(({ name, metadata }) => [name, `${metadata.server}.${metadata.tool}`]),
    );
    const graph = createWorkflow({ ...definition, ...parts, graph: { checkpointer } });
    return { file: files[index] ?? "", definition, graph, readOnly };
  });
  return await work(workflows);
}

async function readAll(files: readonly string[]): Promise<readonly WorkflowDefinition[]> {
  const { readWorkflow } = await import("../../workflows/read-workflow.js");
  return Promise.all(files.map((file) => readWorkflow(file)));
}

function throwIfCode(file: string, names: readonly string[]): void {
  if (names.length === 0) return;
  const problem = `the workflow '${file}' needs code that a command line does not have: ${names.join(", ")}`;
  throw new BatonError(
    "CONFIG_INVALID",
    `${problem}. Run it from a program: createWorkflow({ ...(await readWorkflow(file)), functions, graphs })`,
    { data: { file, names } },
  );
}

/** Never made here: an empty file would only hide that the path is wrong. */
export function throwIfMissing(location: string): void {
  const path = fileOf(location);
  if (path === undefined || existsSync(path)) return;
  throw new BatonError(
    "INVALID_ARGUMENTS",
    `there are no runs at '${path}': name the place that they were begun with by --threads`,
  );
}

/** Keys hold a run and a step, and no more: those of other threads lie elsewhere. */
function keysBeside(location: string): string {
  const path = fileOf(location);
  if (path !== undefined) return `${path.replace(/\.db$/u, "")}.keys.db`;
  const { host, pathname } = URL.canParse(location) ? new URL(location) : { host: "", pathname: location };
  return `.langbaton/${hashJson([host, pathname]).slice(0, 12)}.keys.db`;
}

/** Undefined of what is no file. */
function fileOf(location: string): string | undefined {
  if (/^postgres(ql)?:/u.test(location)) return undefined;
  return location.replace(/^sqlite:/u, "");
}
