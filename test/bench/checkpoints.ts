import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage } from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";
import { InMemoryStore } from "@langchain/langgraph";
import { SqliteSaver } from "@langchain/langgraph-checkpoint-sqlite";
import { createAgent } from "langchain";
import { createMemoryAgent } from "../../src/agents/memory-agent.js";
import type { Benchmark } from "./benchmark.js";
import { type Figure, figure } from "./blocks.js";

/** Lengths of the thread at which the store is measured, in messages: half of them a user's. */
const LENGTHS = [40, 200, 800] as const;
const LAST_TURNS = 20;

interface Contender {
  readonly name: "ours" | "peer";
  readonly ask: (question: string) => Promise<unknown>;
  readonly saver: SqliteSaver;
  readonly file: string;
  readonly kb: Record<number, number>;
  readonly turnMs: number[];
}

/**
 * One thread that grows, stored by LangGraph's SqliteSaver: the memory agent, and a plain `createAgent` with the same
 * model. Neither calls a tool. Long-term memory is not counted: it lies in a store of its own.
 */
export const run: Benchmark = async ({ progress, defer }) => {
  const folder = await mkdtemp(join(tmpdir(), "langbaton-checkpoints-"));
  defer(() => rm(folder, { recursive: true, force: true }));
  const contenders = [
    contender("peer", folder, (checkpointer) => {
      const { graph } = createAgent({ model: new Scripted({}), tools: [], checkpointer });
      return (messages, config) => graph.invoke({ messages }, config);
    }),
    contender("ours", folder, (checkpointer) => {
      const store = new InMemoryStore();
      const graph = createMemoryAgent({ model: new Scripted({}), store, graph: { checkpointer } });
      return (messages, config) => graph.invoke({ messages }, config);
    }),
  ];
  for (let turn = 1; turn <= LENGTHS[2] / 2; turn++) {
    for (const { ask, turnMs } of contenders) {
      const startedAt = performance.now();
      await ask(`This is question number ${turn} of a long talk about the garden.`);
      turnMs.push(performance.now() - startedAt);
    }
    const length = LENGTHS.find((messages) => messages === 2 * turn);
    if (length === undefined) continue;
    for (const one of contenders) one.kb[length] = await sizeOf(one);
    progress(
      `${length} messages: ${contenders.map(({ name, kb }) => `${name} ${kb[length]} kB`).join(", ")}`,
    );
  }

  const figures: Record<string, Figure> = {};
  const [peer, ours] = contenders as [Contender, Contender];
  for (const { name, kb, turnMs, saver } of contenders) {
    for (const length of LENGTHS) figures[`${name}_${length}_kb`] = exactly(kb[length] ?? Number.NaN);
    // 1 is linear: twenty times the messages, twenty times the bytes.
    figures[`${name}_growth`] = exactly((kb[800] ?? Number.NaN) / (kb[40] ?? Number.NaN) / 20);
    figures[`${name}_800_turn_ms`] = figure(turnMs.slice(-LAST_TURNS));
    saver.db.close();
  }
  figures.gain_800 = exactly((peer.kb[800] ?? Number.NaN) / (ours.kb[800] ?? Number.NaN));
  return { figures, runs: 1 };
};

function contender(
  name: Contender["name"],
  folder: string,
  build: (saver: SqliteSaver) => (messages: string, config: object) => Promise<unknown>,
): Contender {
  const file = join(folder, `${name}.db`);
  const saver = SqliteSaver.fromConnString(file);
  const invoke = build(saver);
  const config = { configurable: { thread_id: "0198a5e2-7c1f-7b3a-9d52-0c6f4f1a2b3c" } };
  return { name, saver, file, kb: {}, turnMs: [], ask: (question) => invoke(question, config) };
}

/** Of the file, without free pages and with nothing left in the write-ahead log. */
async function sizeOf({ saver, file }: Contender): Promise<number> {
  saver.db.pragma("wal_checkpoint(TRUNCATE)");
  saver.db.exec("VACUUM");
  saver.db.pragma("wal_checkpoint(TRUNCATE)");
  return (await stat(file)).size / 1024;
}

function exactly(value: number): Figure {
  return { value, spread: [value, value] };
}

/** Says one short sentence, whatever it is asked. */
class Scripted extends BaseChatModel {
  override _llmType(): string {
    return "scripted";
  }

  override bindTools(): this {
    return this;
  }

  override async _generate(): Promise<ChatResult> {
    const text = "That is a good question: water it in the evening, and not too much.";
    return { generations: [{ text, message: new AIMessage(text) }] };
  }
}
