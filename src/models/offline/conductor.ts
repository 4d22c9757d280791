import type { BaseMessage } from "@langchain/core/messages";
import { planTasks } from "./conductor/planner.js";
import { sectionsOf } from "./conductor/sections.js";
import { isDelegate, specialistsOf } from "./conductor/specialists.js";
import { tasksOf } from "./conductor/tasks.js";
import { verifyTasks } from "./conductor/verifier.js";
import { writeReport } from "./conductor/writer.js";
import { readConversation } from "./conversation.js";
import type { Reply, RespondOptions } from "./reply.js";
import { readToolChoice } from "./tool-choice.js";
import type { BoundTool } from "./tools.js";

/**
 * The reply of a conductor's planner, verifier or writer. Which of them is asked shows in the prompt: a tool `delegate`
 * plans, and verifies where tasks are listed already; `<write>report</write>` without tools writes. Undefined for
 * every other conversation.
 */
export function conduct(
  messages: readonly BaseMessage[],
  tools: readonly BoundTool[],
  options: RespondOptions,
): Reply | undefined {
  if (options.answerSchema) return undefined;
  const delegate = readToolChoice(options.toolChoice).kind === "none" ? undefined : tools.find(isDelegate);
  if (!delegate && tools.length > 0) return undefined;
  const sections = sectionsOf(messages);
  if (!delegate) {
    const writes = sections.some(({ tag, text }) => tag === "write" && text === "report");
    return writes ? { text: writeReport(sections), calls: [] } : undefined;
  }
  const conversation = readConversation(messages);
  const specialists = specialistsOf(delegate, sections);
  const tasks = tasksOf(sections);
  return tasks.length > 0
    ? verifyTasks(tasks, conversation, delegate, specialists, options)
    : planTasks(conversation, delegate, specialists, options);
}
