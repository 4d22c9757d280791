import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { BaseMessage, SystemMessage } from "@langchain/core/messages";
import { ToolMessage } from "@langchain/core/messages";
import { maxOutput, saidName } from "../../models/budget/call-facts.js";
import { canCap, capOutput } from "../../models/budget/cap.js";
import { estimateInput } from "../../models/budget/estimate.js";
import type { Account, PlannedCall } from "../../models/budget.js";
import { attached } from "./attached.js";
import { isOver } from "./over.js";

/** An account, and in whose name it is spent from. */
export interface Spender {
  readonly account: Account;
  readonly agent: string;
}

/** What LangChain's middleware is told of a call of a model. */
interface ModelRequest {
  readonly model: unknown;
  readonly systemMessage: SystemMessage;
  readonly messages: readonly BaseMessage[];
  readonly tools: readonly unknown[];
  readonly runtime: { readonly signal?: AbortSignal | undefined };
}

/**
 * Asks an agent's model, told to write no more than is left. What the call may cost is held back before.
 *
 * @throws {BatonError} `BUDGET_EXCEEDED` when the account does not cover it
 */
export function askWithin<Request extends ModelRequest, Response>(
  { account, agent }: Spender,
  maxOutputTokens: number,
  request: Request,
  handler: (request: Request) => Response | Promise<Response>,
): Promise<Response> {
  const model = request.model as BaseChatModel;
  const system = request.systemMessage.text === "" ? [] : [request.systemMessage];
  const prompt = [...system, ...request.messages];
  const call = planCall(account, model, prompt, request.tools, maxOutputTokens, request.runtime.signal);
  return account.run(agent, call, (outputTokens) =>
    attached(account, agent, async () => handler({ ...request, model: capOutput(model, outputTokens) })),
  );
}

/** An answer of fewer tokens is of no use. */
const LEAST_OUTPUT = 16;

/**
 * What a call may cost, to be held back before it is made; undefined where nothing is limited, and for a model whose name
 * is only known once it is asked.
 */
export function planCall(
  account: Account,
  model: BaseChatModel,
  prompt: readonly BaseMessage[],
  tools: readonly unknown[],
  maxOutputTokens: number,
  signal: AbortSignal | undefined,
): PlannedCall | undefined {
  const name = account.isLimited() ? saidName(model) : undefined;
  if (name === undefined) return undefined;
  const outputTokens = maxOutput(model) ?? maxOutputTokens;
  return {
    model: name,
    inputTokens: estimateInput(prompt, [...tools]),
    outputTokens,
    ...(canCap(model) && { leastOutputTokens: Math.min(LEAST_OUTPUT, outputTokens) }),
    signal,
  };
}

interface ToolRequest {
  readonly toolCall: { readonly id?: string | undefined; readonly name: string };
}

/** Runs an agent's tool, which may ask models too. When the account does not cover those, the model reads that. */
export async function runToolWithin<Request extends ToolRequest, Response>(
  { account, agent }: Spender,
  request: Request,
  handler: (request: Request) => Response | Promise<Response>,
): Promise<Response | ToolMessage> {
  try {
    return await account.run(agent, undefined, () => attached(account, agent, async () => handler(request)));
  } catch (error) {
    // The agent's own next call ends the run, with all that the other tools returned.
    if (!isOver(error, account)) throw error;
    const { id = "", name } = request.toolCall;
    const content = `BUDGET_EXCEEDED: the budget was used up before '${name}' was done`;
    return new ToolMessage({ content, tool_call_id: id, name, status: "error" });
  }
}
