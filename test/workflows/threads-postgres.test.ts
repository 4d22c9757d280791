import { randomUUID } from "node:crypto";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import postgres from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openThreads, type Threads } from "../../src/workflows/threads.js";
import { until } from "../support/processes.js";

const database = process.env.DATABASE_URL ?? "";
const unlessSkipped = database === "" ? " (skipped: DATABASE_URL is not set)" : "";
const THREAD = { configurable: { thread_id: "1" } };
const STEPS = 8;

describe.skipIf(database === "")(`openThreads() of a Postgres${unlessSkipped}`, () => {
  const schema = `langbaton_${randomUUID().replaceAll("-", "")}`;
  let admin: postgres.Client;

  beforeAll(async () => {
    admin = new postgres.Client(database);
    await admin.connect();
  });

  afterAll(async () => {
    await admin.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await admin.end();
  });

  /** Threads whose connections bear a name of their own. */
  async function open(patienceMs?: number): Promise<Threads & { readonly application: string }> {
    const application = `threads-${randomUUID()}`;
    const url = new URL(database);
    url.searchParams.set("application_name", application);
    const threads = await openThreads(url.href, { schema, ...(patienceMs !== undefined && { patienceMs }) });
    onTestFinished(() => threads.close());
    return { ...threads, application };
  }

  const cut = async (application: string, andWaiting = ""): Promise<number> =>
    (
      await admin.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 ${andWaiting}`,
        [application],
      )
    ).rowCount ?? 0;

  const isWaiting = async (application: string): Promise<boolean> => {
    const text = "SELECT 1 FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'";
    return (await admin.query(text, [application])).rowCount === 1;
  };

  /** Another user of the database who keeps whoever writes checkpoints waiting. */
  async function lock(): Promise<postgres.Client> {
    const other = new postgres.Client(database);
    await other.connect();
    onTestFinished(() => other.end());
    await other.query(`BEGIN; LOCK TABLE ${schema}.checkpoint_writes IN ACCESS EXCLUSIVE MODE`);
    return other;
  }

  test("keeps a thread for who opens it next", async () => {
    const before = await open();
    await chain().compile({ checkpointer: before.checkpointer }).invoke({ steps: [] }, THREAD);
    await before.close();
    const after = await open();
    const state = await chain().compile({ checkpointer: after.checkpointer }).getState(THREAD);
    expect(state.values.steps).toEqual(allSteps);
    expect(state.next).toEqual([]);
    await after.checkpointer.deleteThread("1");
    expect(await after.checkpointer.getTuple(THREAD)).toBeUndefined();
  });

  test("may happen many times at once while there are no tables yet", async () => {
    const fresh = `${schema}_fresh`;
    onTestFinished(async () => void (await admin.query(`DROP SCHEMA IF EXISTS ${fresh} CASCADE`)));
    const all = await Promise.all(Array.from({ length: 8 }, () => openThreads(database, { schema: fresh })));
    const tuples = await Promise.all(all.map(({ checkpointer }) => checkpointer.getTuple(THREAD)));
    expect(tuples).toEqual(all.map(() => undefined));
    await Promise.all(all.map((threads) => threads.close()));
  });

  test("survives that all its connections are cut, before every step of a run", async () => {
    const threads = await open();
    let connections = 0;
    const graph = chain(async () => {
      connections += await cut(threads.application);
    }).compile({ checkpointer: threads.checkpointer });
    const config = { configurable: { thread_id: "cut" }, durability: "sync" as const };
    expect((await graph.invoke({ steps: [] }, config)).steps).toEqual(allSteps);
    expect(connections).toBeGreaterThanOrEqual(STEPS);
    const saved = await threads.checkpointer.get(config);
    expect(saved?.channel_values.steps).toEqual(allSteps);
  });

  test("survives that a connection is cut while it writes", async () => {
    const threads = await open();
    const other = await lock();
    const config = { configurable: { thread_id: "busy", checkpoint_ns: "", checkpoint_id: "a" } };
    const written = threads.checkpointer.putWrites(config, [["x", 1]], "task");
    await until(() => isWaiting(threads.application), "the write waits for the lock");
    expect(await cut(threads.application, "AND wait_event_type = 'Lock'")).toBe(1);
    await until(() => isWaiting(threads.application), "the write is tried again");
    await other.query("ROLLBACK");
    await written;
    const { rows } = await admin.query(
      `SELECT channel FROM ${schema}.checkpoint_writes WHERE thread_id = 'busy'`,
    );
    expect(rows).toEqual([{ channel: "x" }]);
  });

  test("gives up on a connection that does not answer", async () => {
    const threads = await open(0);
    const other = await lock();
    const config = { configurable: { thread_id: "mute", checkpoint_ns: "", checkpoint_id: "a" } };
    const error = await threads.checkpointer.putWrites(config, [["x", 1]], "task").catch((each) => each);
    expect(error).toMatchObject({ code: "STORE", retryable: true });
    expect(error.message).toMatch(/the server cannot be reached .*Client was closed/);
    await other.query("ROLLBACK");
    await threads.checkpointer.putWrites(config, [["x", 1]], "task");
  });

  test("ends a call that waits for the database when it is closed", async () => {
    const threads = await open();
    const other = await lock();
    const config = { configurable: { thread_id: "closed", checkpoint_ns: "", checkpoint_id: "a" } };
    const written = threads.checkpointer.putWrites(config, [["x", 1]], "task").catch((each) => each);
    await until(() => isWaiting(threads.application), "the write waits for the lock");
    const closed = threads.close();
    await cut(threads.application);
    expect(await written).toMatchObject({ code: "STORE", retryable: false });
    await closed;
    await other.query("ROLLBACK");
  });

  test("says what the server refuses", async () => {
    const url = new URL(database);
    url.pathname = "/no_such_database";
    const error = await openThreads(url.href).catch((each) => each);
    expect(error).toMatchObject({ code: "STORE", retryable: false });
    expect(error.message).toMatch(
      /the server refused: check the location.*"no_such_database" does not exist/,
    );
  });
});

const allSteps = Array.from({ length: STEPS }, (_, index) => index);

/** Steps one after the other, each of which notes its number. */
function chain(before: (step: number) => Promise<void> = async () => {}) {
  const steps = Annotation<number[]>({ reducer: (list, more) => [...list, ...more], default: () => [] });
  const step = async ({ steps: done }: { steps: number[] }) => {
    await before(done.length);
    return { steps: [done.length] };
  };
  return new StateGraph(Annotation.Root({ steps }))
    .addNode("step", step)
    .addEdge(START, "step")
    .addConditionalEdges("step", ({ steps: done }) => (done.length < STEPS ? "step" : END));
}
