import { setTimeout as delay } from "node:timers/promises";
import type { BaseMessage } from "@langchain/core/messages";
import { RunnableLambda } from "@langchain/core/runnables";
import { tool } from "langchain";
import { z } from "zod";
import { type Asked, DecidingModel, isAnswered } from "../support/deciding-model.js";
import type { Benchmark } from "./benchmark.js";
import { type Figure, figure, interleave, ratio, time } from "./blocks.js";
import { buildPackage, importConductor } from "./built.js";
import { createRandom } from "./fixtures/random.mjs";

type Specialist = import("../../src/agents/conductor.js").Specialist;

interface PlannedTask {
  readonly id: string;
  readonly specialist: string;
  readonly objective: string;
  readonly needs: readonly string[];
  readonly durationMs: number;
}

const SPECIALISTS = ["first", "second", "third"];
const EQUAL_TASKS = 6;
const EQUAL_MS = 300;
const RANDOM_TASKS = 20;
/** Of an exponential distribution, cut off so that no single task is the whole critical path. */
const MEAN_MS = 200;
const LONGEST_MS = 800;
const MOST_NEEDS = 2;
const SEED = 7;

/**
 * Plans whose tasks take a known time. A specialist is a function that takes that long, so that what is measured is the
 * conductor: its steps, and what tasks wait for. The same with specialists that are agents: a model that calls a tool,
 * which takes that long, and answers; their own two steps are then overhead too. The model always answers at once.
 *
 * Beside it the same durations wave by wave, without any graph at all: a wave starts when the whole one before has ended.
 */
export const run: Benchmark = async ({ size, progress }) => {
  const blocks = size === "full" ? 15 : 7;
  await buildPackage(progress);
  const { createConductor } = await importConductor();
  const plans = { equal: equalTasks(), random: randomTasks() };
  const conduct = (plan: readonly PlannedTask[], specialistOf: (name: string) => Specialist) => {
    const agent = createConductor({
      model: new DecidingModel((asked) => play(plan, asked)),
      tools: [work],
      specialists: SPECIALISTS.map(specialistOf),
      limits: { tasks: plan.length, parallel: plan.length },
    });
    return async () => {
      const { work: done } = await agent.invoke({ messages: "Do all of it." });
      if (done.tasks.some(({ status }) => status !== "done")) throw new Error("not all tasks were done");
    };
  };
  const ours = {
    equal: conduct(plans.equal, (name) => asRunnable(name, plans.equal)),
    random: conduct(plans.random, (name) => asRunnable(name, plans.random)),
    equalAgents: conduct(plans.equal, asAgent),
    randomAgents: conduct(plans.random, asAgent),
    randomWaves: () => inWaves(plans.random),
  };
  const costs = await interleave(
    {
      equal: () => time(ours.equal),
      random: () => time(ours.random),
      equalAgents: () => time(ours.equalAgents),
      randomAgents: () => time(ours.randomAgents),
      randomWaves: () => time(ours.randomWaves),
    },
    { blocks, samples: 1, warmup: 10 },
  );
  const path = { equal: criticalPath(plans.equal), random: criticalPath(plans.random) };
  const over = (of: readonly number[], length: number) =>
    ratio(
      of,
      of.map(() => length),
    );
  const worse = (one: Figure, other: Figure) => (one.value > other.value ? one : other);
  const equal = over(costs.equal, path.equal);
  const random = over(costs.random, path.random);
  const equalAgents = over(costs.equalAgents, path.equal);
  const randomAgents = over(costs.randomAgents, path.random);
  const figures = {
    wall_vs_critical_path: worse(equal, random),
    equal_wall_vs_critical_path: equal,
    random_wall_vs_critical_path: random,
    agents_wall_vs_critical_path: worse(equalAgents, randomAgents),
    agents_equal_wall_vs_critical_path: equalAgents,
    agents_random_wall_vs_critical_path: randomAgents,
    random_waves_vs_critical_path: over(costs.randomWaves, path.random),
    random_critical_path_ms: figure([path.random]),
  };
  const shown = Object.entries({ equal, random, equalAgents, randomAgents }).map(
    ([name, { value }]) => `${name} ${value.toFixed(3)}`,
  );
  progress(
    `wall over the critical path: ${shown.join(", ")}; waves ${figures.random_waves_vs_critical_path.value.toFixed(3)}`,
  );
  return { figures, runs: blocks };
};

const work = tool(async ({ ms }: { ms: number }) => delay(ms, "done"), {
  name: "work",
  description: "Works for some milliseconds.",
  schema: z.object({ ms: z.number() }),
});

function asAgent(name: string): Specialist {
  return { name, description: `the ${name}`, tools: ["work"] };
}

function asRunnable(name: string, plan: readonly PlannedTask[]): Specialist {
  const graph = RunnableLambda.from(async ({ messages }: { messages: BaseMessage[] }) => {
    const text = messages.at(-1)?.text ?? "";
    const task = plan.find(({ objective }) => text.startsWith(objective));
    return delay(task?.durationMs, "It is done.");
  });
  return { name, description: `the ${name}`, graph: graph as NonNullable<Specialist["graph"]> };
}

/** Plans, does the tasks and writes, each by what it is asked. */
function play(plan: readonly PlannedTask[], asked: Asked) {
  if (asked.system.includes("<write>")) return "All is done [1].";
  if (asked.system.includes("<findings>")) return "Complete.";
  if (asked.tools.includes("delegate")) {
    return plan.map(({ durationMs: _, ...args }) => ({ name: "delegate", id: `delegate_${args.id}`, args }));
  }
  if (isAnswered(asked)) return "It is done.";
  const task = plan.find(({ objective }) => objective === asked.question);
  return [{ name: "work", args: { ms: task?.durationMs ?? 0 } }];
}

function equalTasks(): readonly PlannedTask[] {
  return Array.from({ length: EQUAL_TASKS }, (_, index) => toTask(index, EQUAL_MS, []));
}

function randomTasks(): readonly PlannedTask[] {
  const random = createRandom(SEED);
  return Array.from({ length: RANDOM_TASKS }, (_, index) => {
    const durationMs = Math.min(LONGEST_MS, Math.ceil(-MEAN_MS * Math.log(1 - random())));
    const count = index === 0 ? 0 : Math.floor(random() * (MOST_NEEDS + 1));
    const needs = Array.from({ length: count }, () => `t${Math.floor(random() * index)}`);
    return toTask(index, durationMs, [...new Set(needs)]);
  });
}

function toTask(index: number, durationMs: number, needs: readonly string[]): PlannedTask {
  const specialist = SPECIALISTS[index % SPECIALISTS.length] ?? "first";
  return { id: `t${index}`, specialist, objective: `Do part ${index}.`, needs, durationMs };
}

/** The longest chain of tasks that need each other, in milliseconds: no schedule is quicker. */
function criticalPath(plan: readonly PlannedTask[]): number {
  const ends = new Map<string, number>();
  for (const { id, needs, durationMs } of plan) {
    ends.set(id, durationMs + Math.max(0, ...needs.map((need) => ends.get(need) ?? 0)));
  }
  return Math.max(...ends.values());
}

async function inWaves(plan: readonly PlannedTask[]): Promise<void> {
  const done = new Set<string>();
  while (done.size < plan.length) {
    const wave = plan.filter(({ id, needs }) => !done.has(id) && needs.every((need) => done.has(need)));
    await Promise.all(wave.map(({ durationMs }) => delay(durationMs)));
    for (const { id } of wave) done.add(id);
  }
}
