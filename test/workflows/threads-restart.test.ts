import { execFile, execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { promisify } from "node:util";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { expect, onTestFinished, test } from "vitest";
import { openThreads } from "../../src/workflows/threads.js";
import { freePort } from "../support/processes.js";

const STEPS = 10;
const VERSIONS = "/usr/lib/postgresql";
const programs = existsSync(VERSIONS)
  ? readdirSync(VERSIONS)
      .map((version) => `${VERSIONS}/${version}/bin`)
      .filter((folder) => existsSync(`${folder}/initdb`))
  : [];
const [folderOfPrograms] = programs;
// Postgres does not run as root, and only root may become its user.
const isPossible = folderOfPrograms !== undefined && process.getuid?.() === 0;
const unlessSkipped = isPossible ? "" : " (skipped: needs root and the programs of Postgres)";

test.skipIf(!isPossible).each([
  ["fast", "its connections are cut, and new ones refused for a while"],
  ["immediate", "as after a crash"],
])(`a run goes on while Postgres restarts, %s: %s${unlessSkipped}`, { timeout: 60_000 }, async (mode) => {
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  await using threads = await openThreads(server.url);
  const effects: number[] = [];
  let restarted: Promise<unknown> | undefined;
  const note = async ({ steps }: { steps: number[] }) => {
    const step = steps.length;
    effects.push(step);
    // Not waited for: the next steps are written while the server goes down and comes up.
    if (step === 4) restarted = server.restart(mode);
    return { steps: [step] };
  };
  const graph = new StateGraph(
    Annotation.Root({
      steps: Annotation<number[]>({ reducer: (list, more) => [...list, ...more], default: () => [] }),
    }),
  )
    .addNode("note", note)
    .addEdge(START, "note")
    .addConditionalEdges("note", ({ steps }) => (steps.length < STEPS ? "note" : END))
    .compile({ checkpointer: threads.checkpointer });
  const config = { configurable: { thread_id: "1" }, durability: "sync" as const };
  const all = Array.from({ length: STEPS }, (_, step) => step);
  expect((await graph.invoke({ steps: [] }, config)).steps).toEqual(all);
  await restarted;
  expect(effects).toEqual(all);
  // Nothing that was written before or meanwhile is lost: a checkpoint for each step, the input and the start.
  const lengths: number[] = [];
  for await (const { values } of graph.getStateHistory(config)) lengths.push(values.steps?.length ?? 0);
  expect(lengths).toEqual([...all.map((step) => STEPS - step), 0, 0]);
});

/** A Postgres of its own, which may be restarted. */
async function startPostgres() {
  const port = await freePort();
  const as = (command: string) => ["postgres", "-c", command];
  const folder = execFileSync("su", as("mktemp -d"), { encoding: "utf8", cwd: "/" }).trim();
  const run = (program: string, rest: string) =>
    promisify(execFile)("su", as(`${folderOfPrograms}/${program} -D ${folder}/data ${rest}`), { cwd: "/" });
  const control = (action: string) =>
    run("pg_ctl", `-w -l ${folder}/log -o '-p ${port} -h 127.0.0.1 -c unix_socket_directories=' ${action}`);
  await run("initdb", "-A trust -U postgres --no-sync");
  await control("start");
  return {
    url: `postgresql://postgres@127.0.0.1:${port}/postgres`,
    restart: (mode: string) => control(`-m ${mode} restart`),
    stop: async () => {
      await control("-m immediate stop");
      execFileSync("rm", ["-rf", folder]);
    },
  };
}
