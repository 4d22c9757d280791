import { type AIMessage, type BaseMessage, ToolMessage } from "@langchain/core/messages";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { TaskRecord } from "../work/task.js";
import type { Question } from "./ask.js";
import { type DelegateTool, type Delegations, type Refusal, readDelegations, toSkipped } from "./delegate.js";

/** Asks the conductor's model, within what a turn may spend. */
export type AskWithin = (question: Question, config: LangGraphRunnableConfig) => Promise<AIMessage>;

export interface DelegationOptions {
  readonly ask: AskWithin;
  readonly delegate: DelegateTool;
  /** Most tasks of a turn. */
  readonly mostTasks: number;
}

/** What a planner or a verifier wants done, and what it said beside. */
export interface Delegated {
  /** With those that were refused or beyond the limit, as skipped. */
  readonly tasks: readonly TaskRecord[];
  readonly text: string;
}

/** Asks for delegations. What cannot be done as it was said is given back once, with the reason, to be said better. */
export async function askForTasks(
  question: Omit<Question, "delegate">,
  known: readonly TaskRecord[],
  { ask, delegate, mostTasks }: DelegationOptions,
  config: LangGraphRunnableConfig,
): Promise<Delegated> {
  const answer = await ask({ ...question, delegate }, config);
  const first = readDelegations(callsOf(answer), delegate, known, mostTasks);
  if (first.refused.length === 0) return delegated(answer, [first], known);
  const messages = [...question.messages, answer, ...replies(answer, first)];
  const corrected = await ask({ ...question, messages, delegate }, config);
  const accepted = [...known, ...first.tasks];
  const second = readDelegations(callsOf(corrected), delegate, accepted, mostTasks);
  return delegated(corrected, [first, second], known);
}

const callsOf = ({ tool_calls = [] }: AIMessage) => tool_calls;

function delegated(
  answer: AIMessage,
  rounds: readonly Delegations[],
  known: readonly TaskRecord[],
): Delegated {
  const tasks = [...rounds.flatMap(({ tasks }) => tasks), ...rounds.flatMap(({ dropped }) => dropped)];
  const ids = new Set<unknown>(tasks.map(({ id }) => id));
  const refused = rounds
    .flatMap(({ refused }) => refused)
    .filter(({ call, isRepeated }) => !isRepeated && !ids.has(call.args.id));
  // Said twice in the same way, it was refused twice.
  const once = new Map(refused.map((refusal) => [JSON.stringify(refusal.call.args), refusal]));
  const skipped = [...once.values()].map((refusal, place) => toSkipped(refusal, known.length + place + 1));
  return { tasks: [...tasks, ...skipped], text: answer.text.trim() };
}

/** An answer to every call, as providers refuse a conversation in which one is missing. */
function replies({ tool_calls = [] }: AIMessage, { refused }: Delegations): readonly BaseMessage[] {
  const reasons = new Map<unknown, Refusal>(refused.map((refusal) => [refusal.call, refusal]));
  return tool_calls.map((call) => {
    const refusal = reasons.get(call);
    const content =
      refusal === undefined ? "accepted" : `Error: ${refusal.message}. Delegate this one again.`;
    const status = refusal === undefined ? "success" : "error";
    return new ToolMessage({ content, status, tool_call_id: call.id ?? "", name: call.name });
  });
}
