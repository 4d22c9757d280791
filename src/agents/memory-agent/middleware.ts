import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import { Command } from "@langchain/langgraph";
import { type AgentMiddleware, createMiddleware } from "langchain";
import { isBatonError } from "../../core/errors.js";
import { emitWarning } from "../../core/warning.js";
import type { Memory } from "../../memory/memory.js";
import { renderTask } from "../../memory/render.js";
import type { ShortTermLimits } from "../../memory/short-term.js";
import { recentWindow } from "../../memory/window.js";
import type { Working } from "../../memory/working.js";
import { contained } from "../section.js";
import { memoryContext, type Run, threadOf } from "./scope.js";
import { memoryStateRead, type RecalledFor } from "./state.js";
import { memoryTools } from "./tools.js";
import { newMessages, questionOf, withoutMemoryCalls } from "./turn.js";

export interface MemoryMiddlewareOptions {
  readonly memoryOf: (run: Run) => Memory;
  readonly contextTokens: number;
  readonly recent?: ShortTermLimits;
}

/** Recalls before the model is asked, and remembers when the turn is over. */
export function memoryMiddleware(options: MemoryMiddlewareOptions): AgentMiddleware {
  const { memoryOf, recent } = options;
  // Beside the state, as the state is streamed to whoever listens.
  const recalledTexts = new WeakMap<RecalledFor, RecalledText>();
  return createMiddleware({
    name: "memory",
    stateSchema: memoryStateRead,
    contextSchema: memoryContext,
    tools: [...memoryTools(memoryOf)],

    async wrapModelCall(request, handler) {
      const { messages, working = {}, memoryWarning, _context: known } = request.state;
      const window = recentWindow(messages, recent);
      const turn = questionOf(messages)?.id;
      const from = window[0]?.id;
      const holds = known?.turn === turn && known?.from === from && known?.working === working;
      const kept = known && holds ? recalledTexts.get(known) : undefined;
      const { text, warning = null } = kept ?? (await recall(request.runtime, window, working, options));
      const response = await handler({
        ...request,
        messages: window,
        systemMessage: request.systemMessage.concat(text === "" ? "" : `\n\n${text}`),
      });
      if (kept || !AIMessage.isInstance(response)) return response;
      const _context: RecalledFor = { turn, from, working };
      recalledTexts.set(_context, { text });
      // A warning of an earlier turn ends with the first recall that works.
      const changed = (memoryWarning ?? null) !== warning;
      return new Command({ update: { _context, ...(changed && { memoryWarning: warning }) } });
    },

    async afterAgent(state, runtime) {
      const { messages, _remembered } = state;
      const last = messages.at(-1)?.id;
      if (last === undefined || last === _remembered) return undefined;
      const threadId = threadOf(runtime);
      try {
        const taken = withoutMemoryCalls(newMessages(messages, _remembered));
        await memoryOf(runtime).remember(taken, threadId === undefined ? {} : { threadId });
      } catch (error) {
        return {
          memoryWarning: warn("this turn is not remembered yet; the thread's next turn tries again", error),
        };
      }
      return { _remembered: last };
    },
  });
}

interface RecalledText {
  readonly text: string;
  readonly warning?: string;
}

/** What the model should know beside the conversation that it sees: past knowledge, then the current task. */
async function recall(
  run: Run,
  window: readonly BaseMessage[],
  working: Working,
  { memoryOf, contextTokens }: MemoryMiddlewareOptions,
): Promise<RecalledText> {
  const inView = window.flatMap(({ id }) => id ?? []);
  try {
    const { text } = await memoryOf(run).context(questionOf(window)?.text ?? "", {
      maxTokens: contextTokens,
      inView,
      task: working,
    });
    return { text: toMemorySection(text) };
  } catch (error) {
    const warning = warn("the answer rests on the conversation alone", error);
    return {
      text: [toMemorySection(renderTask(working)), UNAVAILABLE].filter(Boolean).join("\n\n"),
      warning,
    };
  }
}

const UNAVAILABLE =
  "Long-term memory cannot be read right now. Answer from the conversation, and say that you could not look into your memory where it matters.";

/** In tags, so that a model can tell what it knows from what it was told to do. */
function toMemorySection(text: string): string {
  return text === "" ? "" : `<memory>\n${contained(text, "memory")}\n</memory>`;
}

/** An agent can answer without its memory, but must not hide that it did. Any other failure is no matter of memory. */
function warn(consequence: string, error: unknown): string {
  if (!isBatonError(error, "STORE")) throw error;
  const warning = `memory is unavailable: ${consequence} (${error.message})`;
  emitWarning(warning, "STORE");
  return warning;
}
