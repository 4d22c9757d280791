import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { type AIMessage, type BaseMessage, SystemMessage } from "@langchain/core/messages";
import { mergeConfigs } from "@langchain/core/runnables";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { BatonError } from "../../core/errors.js";
import { capOutput } from "../../models/budget/cap.js";
import { estimateInput } from "../../models/budget/estimate.js";
import type { Account, Budget } from "../../models/budget.js";
import type { Router } from "../../models/router.js";
import { planCall } from "../budget/spending.js";
import { chooseModel, isRouter } from "../choose-model.js";
import { resolver } from "../late-model.js";
import type { DelegateTool } from "./delegate.js";
import { ALONE } from "./team.js";

/** What the conductor's own model is asked for. */
export type Role = "plan" | "verify" | "write";

export interface Question {
  readonly role: Role;
  readonly system: string;
  readonly messages: readonly BaseMessage[];
  readonly delegate?: DelegateTool;
}

export type Ask = (
  question: Question,
  account: Account,
  config: LangGraphRunnableConfig,
) => Promise<AIMessage>;

/** LangGraph keeps what has this tag out of the stream of messages: a plan is no part of the answer. */
const UNSTREAMED = ["langsmith:nostream"];

/** Asks the conductor's model, within what the account has left. */
export function createAsk(model: string | BaseChatModel | Router, { maxOutputTokens }: Budget): Ask {
  const modelFor = chooser(model);
  return async ({ role, system, messages, delegate }, account, config) => {
    const prompt = [new SystemMessage(system), ...messages];
    const tools = delegate === undefined ? [] : [delegate.definition];
    const chat = await modelFor(role, prompt, tools, account);
    const call = planCall(account, chat, prompt, tools, maxOutputTokens, config.signal);
    const settings = mergeConfigs(config, {
      runName: role,
      callbacks: [account.handler(ALONE)],
      metadata: { lc_agent_name: ALONE, role },
      ...(role === "write" ? {} : { tags: UNSTREAMED }),
    });
    return account.run(ALONE, call, async (outputTokens) => {
      const capped = capOutput(chat, outputTokens);
      const asked = delegate === undefined ? capped : withDelegate(capped, delegate);
      return (await asked.invoke(prompt, settings)) as AIMessage;
    });
  };
}

type ModelFor = (
  kind: Role,
  prompt: readonly BaseMessage[],
  tools: readonly unknown[],
  account: Account,
) => Promise<BaseChatModel>;

function chooser(model: string | BaseChatModel | Router): ModelFor {
  if (!isRouter(model)) return resolver(model);
  return (kind, prompt, tools, account) => {
    const task = { kind, tokens: estimateInput(prompt, tools), tools: tools.length > 0 };
    return chooseModel(model, task, account.remaining());
  };
}

function withDelegate(model: BaseChatModel, { definition }: DelegateTool) {
  if (model.bindTools !== undefined) return model.bindTools([definition]);
  const problem = "cannot call tools, which a conductor delegates with";
  throw new BatonError("CONFIG_INVALID", `model "${model._llmType()}" ${problem}: give another as 'model'`, {
    data: { faults: [{ path: "model", problem }] },
  });
}
