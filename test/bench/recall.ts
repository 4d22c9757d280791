import { InMemoryStore } from "@langchain/langgraph-checkpoint";
import { systemClock } from "../../src/core/clock.js";
import type { Memory } from "../../src/memory/memory.js";
import type { Benchmark } from "./benchmark.js";
import { type Figure, quantile } from "./blocks.js";
import { importMemory, importPackage, importRecallIndex } from "./built.js";
import { type Example, learnWeights } from "./learn-recall.js";
import { type Conversation, type Question, readLocomo } from "./locomo.js";
import { createOkapi } from "./okapi.js";

/** The conversations that the weights in `src/memory/recall/weights.ts` were learnt on, by their names in the file. */
const LEARNT_ON = new Set(["conv-26", "conv-41", "conv-43", "conv-47", "conv-49"]);
const NAMESPACE = ["bench"];
const CONTEXT_TOKENS = 2000;

/** What one question came to: shares of its evidence, 0 to 1. */
interface Outcome {
  readonly conversation: string;
  readonly question: Question;
  readonly r5: number;
  readonly r10: number;
  readonly ndcg10: number;
  readonly bm25: number;
  readonly evidence: number;
  readonly ms: number;
}

/** Long conversations and questions about them: are the turns found that hold the answer? */
export const run: Benchmark = async ({ size, data, learn = false, progress }) => {
  if (data === undefined) throw new Error("recall: give conversations in LoCoMo's form with --data FILE");
  const { conversations, dropped } = readLocomo(data);
  progress(
    `${conversations.length} conversations; ${dropped} questions without evidence in theirs are left out`,
  );
  await importPackage(progress);
  const { createMemory } = await importMemory();
  const outcomes: Outcome[] = [];
  for (const conversation of conversations) {
    const memory = createMemory({
      store: new InMemoryStore(),
      namespace: NAMESPACE,
      clock: { ...systemClock, now: () => conversation.now },
    });
    outcomes.push(...(await ask(memory, conversation)));
    progress(
      `${conversation.name}: ${conversation.turns.length} turns, ${conversation.questions.length} questions`,
    );
  }
  const figures = figuresOf(outcomes);
  const seen = conversations.filter(({ name }) => LEARNT_ON.has(name));
  figures.learned_on_these_pct = constant((100 * seen.length) / conversations.length);
  if (seen.length > 0)
    progress(
      `the shipped weights were learnt on ${seen.length} of these conversations: see r10_held_out, --size full`,
    );
  if (learn || size === "full") Object.assign(figures, await learnAnew(conversations, learn, progress));
  return { figures, runs: conversations.length };
};

async function ask(memory: Memory, { name, turns, questions }: Conversation): Promise<Outcome[]> {
  const turnOf = new Map<string, string>();
  for (const threadId of new Set(turns.map((turn) => turn.threadId))) {
    const thread = turns.filter((turn) => turn.threadId === threadId);
    const kept = await memory.remember(
      thread.map(({ id, text, speaker, time }) => ({ id, text, time, ...(speaker && { speaker }) })),
      { threadId },
    );
    for (const [at, { id }] of kept.entries()) turnOf.set(id, (thread[at] as (typeof thread)[number]).id);
  }
  const okapi = createOkapi(turns);
  const outcomes: Outcome[] = [];
  for (const question of questions) {
    const startedAt = performance.now();
    const recalled = await memory.recall(question.text, { limit: 10 });
    const ms = performance.now() - startedAt;
    const found = recalled.map(({ id }) => turnOf.get(id) as string);
    const { items } = await memory.context(question.text, { maxTokens: CONTEXT_TOKENS });
    const included = items.map(({ id }) => turnOf.get(id) as string);
    outcomes.push({
      conversation: name,
      question,
      r5: share(question, found.slice(0, 5)),
      r10: share(question, found),
      ndcg10: gain(question, found),
      bm25: share(question, okapi(question.text).slice(0, 10)),
      evidence: share(question, included),
      ms,
    });
  }
  return outcomes;
}

function figuresOf(outcomes: readonly Outcome[]): Record<string, Figure> {
  const counted = outcomes.filter(({ question }) => question.category !== "adversarial");
  const of = (category: Question["category"]) =>
    outcomes.filter(({ question }) => question.category === category);
  const times = outcomes.map(({ ms }) => ms);
  return {
    r5: percent(counted, "r5"),
    r10: percent(counted, "r10"),
    ndcg10: percent(counted, "ndcg10"),
    evidence_2000_pct: percent(counted, "evidence"),
    bm25_r10: percent(counted, "bm25"),
    r10_single: percent(of("single"), "r10"),
    r10_multi: percent(of("multi"), "r10"),
    r10_temporal: percent(of("temporal"), "r10"),
    r10_open: percent(of("open"), "r10"),
    r10_adversarial: percent(of("adversarial"), "r10"),
    questions: constant(counted.length),
    p50_ms: constant(quantile(times, 0.5)),
    p95_ms: constant(quantile(times, 0.95)),
  };
}

/** The same features under weights that never saw the conversation which is asked about. */
async function learnAnew(
  conversations: readonly Conversation[],
  show: boolean,
  progress: (line: string) => void,
): Promise<Record<string, Figure>> {
  const { createRecallIndex } = await importRecallIndex();
  const { features } = createRecallIndex().measure("", { limit: 1, now: 0 });
  const examples = conversations.flatMap((conversation) => {
    const index = createRecallIndex();
    index.add(conversation.turns);
    return conversation.questions.map((question) => {
      const { ids, rows } = index.measure(question.text, { limit: 10, now: conversation.now });
      const isGold = ids.map((id) => question.evidence.includes(id));
      return { ids, rows, isGold, group: conversation.name, question };
    });
  });
  const counted = examples.filter(({ question }) => question.category !== "adversarial");
  const held: { readonly conversation: string; readonly r5: number; readonly r10: number }[] = [];
  for (const { name } of conversations) {
    const weights = learnWeights(counted.filter(({ group }) => group !== name));
    for (const example of counted.filter(({ group }) => group === name)) {
      const found = rank(example, weights).map((at) => example.ids[at] as string);
      const { question } = example;
      held.push({
        conversation: name,
        r5: share(question, found.slice(0, 5)),
        r10: share(question, found.slice(0, 10)),
      });
    }
    progress(`learnt without ${name}`);
  }
  if (show) {
    const weights = learnWeights(counted);
    progress("weights learnt on all of these conversations, for src/memory/recall/weights.ts:");
    features.forEach((feature, column) => {
      process.stderr.write(`  ${feature}: ${(weights[column] as number).toFixed(3)},\n`);
    });
  }
  return { r5_held_out: percent(held, "r5"), r10_held_out: percent(held, "r10") };
}

function rank({ rows }: Example, weights: readonly number[]): number[] {
  const scores = rows.map((row) =>
    row.reduce((sum, value, column) => sum + value * (weights[column] as number), 0),
  );
  return scores.map((_, at) => at).sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
}

/** Of the evidence. */
function share({ evidence }: Question, found: readonly string[]): number {
  return evidence.filter((id) => found.includes(id)).length / evidence.length;
}

/** Normalised discounted cumulative gain of the first ten, each piece of evidence worth the same. */
function gain({ evidence }: Question, found: readonly string[]): number {
  const at = (place: number): number => 1 / Math.log2(place + 2);
  const gained = found.reduce((sum, id, place) => sum + (evidence.includes(id) ? at(place) : 0), 0);
  const most = Array.from({ length: Math.min(10, evidence.length) }, (_, place) => at(place));
  return gained / most.reduce((sum, each) => sum + each, 0);
}

/** The mean over questions; the spread is that of the conversations. */
function percent<Key extends string>(
  outcomes: readonly (Readonly<Record<Key, number>> & { readonly conversation: string })[],
  key: Key,
): Figure {
  const mean = (some: typeof outcomes): number =>
    (100 * some.reduce((sum, each) => sum + each[key], 0)) / some.length;
  const names = [...new Set(outcomes.map(({ conversation }) => conversation))];
  const means = names.map((name) => mean(outcomes.filter(({ conversation }) => conversation === name)));
  return { value: mean(outcomes), spread: [quantile(means, 0.25), quantile(means, 0.75)] };
}

function constant(value: number): Figure {
  return { value, spread: [value, value] };
}
