import { AIMessage, type BaseMessage, HumanMessage } from "@langchain/core/messages";
import { Command, END, type LangGraphRunnableConfig, Overwrite } from "@langchain/langgraph";
import { systemClock } from "../../core/clock.js";
import { BatonError, isInterrupt, reasonOf } from "../../core/errors.js";
import { emitWarning } from "../../core/warning.js";
import { inOrder } from "../../execution/order.js";
import { recentWindow } from "../../memory/window.js";
import type { Budget } from "../../models/budget.js";
import { EMPTY_BOARD } from "../blackboard/merge.js";
import { askForMore } from "../budget/ask.js";
import { isOver } from "../budget/over.js";
import { budgetSign, stopped } from "../budget/stopped.js";
import { liveOf } from "../live.js";
import { continuedTasks, isContinued, isUnfinished } from "../work/continued.js";
import { stateAt } from "../work/in-step.js";
import { hasIndependent } from "../work/plan.js";
import type { Worker } from "../work/specialist.js";
import type { WorkState, WorkStateUpdate } from "../work/state.js";
import type { TaskRecord, Work } from "../work/task.js";
import { startAll, type TaskNodeOptions, taskNode } from "../work/task-node.js";
import type { Turn, Turns } from "../work/turns.js";
import type { Ask } from "./ask.js";
import { type AskWithin, askForTasks } from "./ask-for-tasks.js";
import type { LIMITS } from "./check.js";
import type { DelegateTool } from "./delegate.js";
import { citedFindings, PLAN, renderRemarks, renderTeam, renderWork, VERIFY, WRITE } from "./prompts.js";
import { ALONE, type Team } from "./team.js";
import { plainReport, withSources } from "./write.js";

export interface NodesOptions {
  readonly ask: Ask;
  readonly delegate: DelegateTool;
  /** By name. */
  readonly team: ReadonlyMap<string, Worker>;
  readonly alone: Team["alone"];
  readonly limits: { readonly [Name in keyof typeof LIMITS]: number } & TaskNodeOptions["limits"];
  readonly turns: Turns;
  readonly budget: Budget;
}

/** The four nodes of a conductor. */
export function conductorNodes(options: NodesOptions) {
  const { ask, delegate, team, alone, limits, turns, budget } = options;
  const teamText = renderTeam([...team.values()]);
  const workerOf = ({ specialist, members, parts }: TaskRecord): Worker => {
    const worker = members === undefined ? team.get(specialist) : alone(members, parts ?? 1);
    if (worker === undefined) throw new Error(`specialist '${specialist}' has left the team`);
    return worker;
  };
  const canJoin = (members: readonly string[]): boolean => alone(members, 1) !== undefined;
  const task = taskNode({
    workerOf,
    limits,
    turns,
    clock: systemClock,
    questionOf: (config) => questionOf(stateAt<readonly BaseMessage[]>(config, "messages") ?? []).text,
  });
  return { plan, task, verify, report };

  async function plan({ messages }: WorkState, config: LangGraphRunnableConfig): Promise<Command> {
    checkDepth(config, limits.depth);
    questionOf(messages);
    const id = turns.begin(config);
    const turn = await turns.open(id, config);
    const system = `${PLAN}\n\nThe team:\n${teamText}`;
    const asked = { role: "plan", system, messages: recentWindow(messages) } as const;
    // What an earlier question brought is in the conversation.
    const begun = (work: Partial<Work>) => ({
      work: { turn: id, ...work },
      board: new Overwrite(EMPTY_BOARD),
      spent: turn.account.spent(),
    });
    try {
      const { tasks, text } = await askForTasks(asked, [], delegation(turn), config);
      if (tasks.length === 0) {
        const reply =
          text === "" ? "I could not plan an answer: the model delegated nothing and said nothing." : text;
        return to("report", begun({ reply }));
      }
      const planned = inOneGo(tasks, canJoin) ?? tasks;
      const next = startAll(planned);
      return to(next.length > 0 ? next : "report", begun({ tasks: planned }));
    } catch (error) {
      if (!isOver(error, turn.account)) throw error;
      return to(END, { messages: [stopped(turn.account, messages)], ...begun({}) });
    }
  }

  /** Where all tasks of a step meet. */
  async function verify(state: WorkState, config: LangGraphRunnableConfig): Promise<Command> {
    const { turn: id, tasks, repairs } = state.work;
    // Those that waited for one that waited for a person.
    const waiting = startAll(tasks);
    if (waiting.length > 0) return to(waiting);
    const turn = await turns.open(id, config);
    const { account } = turn;
    if (tasks.some((one) => isUnfinished(one, tasks))) {
      const again = continuedTasks(tasks, turn, budget);
      if (again === undefined) return to("report");
      return to(startAll(again), { work: { turn: id, tasks: again }, spent: account.spent() });
    }
    if (repairs >= limits.repairs || isForwarded(tasks)) return to("report");
    const system = `${VERIFY}\n\nThe team:\n${teamText}\n\n${renderWork(tasks, citedIn(state))}`;
    const asked = { role: "verify", system, messages: recentWindow(state.messages) } as const;
    try {
      const { tasks: more, text } = await askForTasks(asked, tasks, delegation(turn), config);
      const remarks = text === "" ? [] : [text];
      const work = { turn: id, tasks: more, repairs: repairs + 1, remarks };
      const next = startAll(more);
      return to(next.length > 0 ? next : "report", { work, spent: account.spent() });
    } catch (error) {
      // Unverified, but not lost.
      if (isOver(error, account)) return to("report");
      throw error;
    }
  }

  async function report(state: WorkState, config: LangGraphRunnableConfig): Promise<WorkStateUpdate> {
    const { tasks, turn: id } = state.work;
    const direct = state.work.reply ?? (isForwarded(tasks) ? tasks[0]?.answer : undefined);
    if (direct !== undefined) return { messages: [new AIMessage(direct)] };
    const turn = await turns.open(id, config);
    const cited = citedIn(state);
    let isCut = tasks.some((one) => isUnfinished(one, tasks));
    const written = await write(state, turn, config).catch((error: unknown) => {
      if (isInterrupt(error) || config.signal?.aborted) throw error;
      // What was found out is not lost because nobody could put it into words.
      const isOut = isOver(error, turn.account);
      isCut ||= isOut;
      emitWarning(`the report was put together without a model: ${reasonOf(error)}`, "REPORT");
      const why = isOut ? "the budget is used up" : "the model failed";
      return new AIMessage(`${plainReport(cited, tasks)}\n\n(Put together without a model: ${why}.)`);
    });
    const sign = isCut ? budgetSign(turn.account) : {};
    return {
      messages: [toAnswer(withSources(written.text, cited, tasks), written, sign)],
      spent: turn.account.spent(),
    };
  }

  async function write(state: WorkState, turn: Turn, config: LangGraphRunnableConfig): Promise<AIMessage> {
    const { tasks, remarks } = state.work;
    const notes = remarks.length === 0 ? [] : [renderRemarks(remarks)];
    const system = [WRITE, "<write>report</write>", renderWork(tasks, citedIn(state)), ...notes].join("\n\n");
    const asked = { role: "write", system, messages: recentWindow(state.messages) } as const;
    const written = await withinBudget(turn)(asked, config);
    if (written.text.trim() === "") throw new Error("the writer gave an empty report");
    return written;
  }

  function delegation(turn: Turn) {
    return { ask: withinBudget(turn), delegate, mostTasks: limits.tasks };
  }

  /** Asks from the turn's account, and a person for more when it is used up and that is wanted. */
  function withinBudget(turn: Turn): AskWithin {
    return async (question, config) => {
      for (;;) {
        try {
          return await ask(question, turn.account, config);
        } catch (error) {
          if (!isOver(error, turn.account) || budget.onLimit !== "ask" || !turn.ownsAccount) throw error;
          const more = askForMore(turn.account, budget, error);
          if (more === undefined) throw error;
          turn.account.raise(more);
        }
      }
    };
  }

  function citedIn({ work, board }: WorkState) {
    // What was taken up again says more than where it was left.
    const tasks = work.tasks.filter((task) => !isContinued(task, work.tasks));
    return citedFindings(tasks, (board ?? EMPTY_BOARD).findings);
  }
}

function to(goto: string | ReturnType<typeof startAll>, update?: WorkStateUpdate): Command {
  return new Command({ goto, ...(update && { update }) } as ConstructorParameters<typeof Command>[0]);
}

/** One specialist sufficed: nobody else has anything to add to what it says. */
function isForwarded(tasks: readonly TaskRecord[]): boolean {
  return tasks.length === 1 && tasks[0]?.status === "done";
}

/**
 * A plan in which each step needs the one before, as one task: several agents would only hand on what one remembers.
 * Undefined for any other plan, and where those who would do it cannot be one agent.
 */
function inOneGo(
  tasks: readonly TaskRecord[],
  canJoin: (members: readonly string[]) => boolean,
): readonly TaskRecord[] | undefined {
  const planned = tasks.filter(({ status }) => status === "planned");
  const members = [...new Set(planned.map(({ specialist }) => specialist))];
  if (planned.length < 2 || hasIndependent(planned) || !canJoin(members)) return undefined;
  const steps = inOrder(planned).ordered.map(({ objective }, index) => `${index + 1}. ${objective}`);
  const all: TaskRecord = {
    id: "all",
    specialist: members.length === 1 ? (members[0] ?? ALONE) : ALONE,
    objective: steps.join("\n"),
    needs: [],
    status: "planned",
    members,
    parts: planned.length,
  };
  return [all, ...tasks.filter(({ status }) => status !== "planned")];
}

function questionOf(messages: readonly BaseMessage[]): BaseMessage {
  const question = messages.findLast((message) => HumanMessage.isInstance(message));
  if (question !== undefined) return question;
  const problem = "must hold a message of a user";
  throw new BatonError("INVALID_ARGUMENTS", `the conductor has no question: messages ${problem}`, {
    data: { issues: [{ path: "messages", problem }] },
  });
}

/** A conductor among the specialists of another may have that one among its own. */
function checkDepth(config: LangGraphRunnableConfig, most: number): void {
  const depth = (liveOf(config)?.depth ?? 0) + 1;
  if (depth <= most) return;
  const problem = `conductors stand in one another ${depth} deep, and limits.depth is ${most}`;
  throw new BatonError("CONFIG_INVALID", problem, { data: { faults: [{ path: "limits.depth", problem }] } });
}

/** What the model said, with the text that the user gets. */
function toAnswer(content: string, said: AIMessage, sign: object): AIMessage {
  const { id, usage_metadata, response_metadata } = said;
  return new AIMessage({
    content,
    response_metadata: { ...response_metadata, ...sign },
    ...(usage_metadata === undefined ? {} : { usage_metadata }),
    ...(id === undefined ? {} : { id }),
  });
}
