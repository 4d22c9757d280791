import { createHash } from "node:crypto";
import { type BaseMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { type AgentMiddleware, createMiddleware } from "langchain";
import type { Clock } from "../../core/clock.js";
import { stemsOf } from "../search/words.js";
import type { Ledger } from "./ledger.js";
import { saysNothing } from "./refusals.js";

const MOST_WORDS = 40;

/** Notes which tools served the task that an agent works on: its user's last message. */
export function watchTasks(ledger: Ledger, clock: Clock): AgentMiddleware {
  return createMiddleware({
    name: "ToolUsage",
    async wrapToolCall(request, handler) {
      const result = await handler(request);
      const metadata = (request.tool as { metadata?: Readonly<Record<string, unknown>> } | undefined)
        ?.metadata;
      const { server, tool } = metadata ?? {};
      // The outcome of what has no server, `search_tools` for example, is no experience to keep.
      if (typeof server !== "string" || typeof tool !== "string" || !ToolMessage.isInstance(result))
        return result;
      const task = taskOf(request.state.messages);
      const { error } = (result.artifact ?? {}) as { error?: { code?: unknown } };
      if (task === undefined || saysNothing(error?.code)) return result;
      const name = `${server}.${tool}`;
      const at = clock.now();
      ledger.changeTask(task.id, task.words, (record) => {
        const into = result.status === "error" ? record.failed : record.succeeded;
        if (!into.includes(name)) into.push(name);
        record.at = at;
      });
      return result;
    },
  });
}

/** The words of the current task; the same task asked again is one more proof, of the same record. */
function taskOf(
  messages: readonly BaseMessage[],
): { readonly id: string; readonly words: readonly string[] } | undefined {
  const question = messages.findLast((message) => HumanMessage.isInstance(message));
  const words = [...new Set(stemsOf(question?.text ?? ""))].slice(0, MOST_WORDS);
  if (words.length === 0) return undefined;
  return { id: createHash("sha256").update(words.join(" ")).digest("hex").slice(0, 24), words };
}
