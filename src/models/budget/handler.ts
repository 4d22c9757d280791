import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import type { BaseMessage } from "@langchain/core/messages";
import type { LLMResult } from "@langchain/core/outputs";
import type { StartFacts } from "./call-facts.js";

/** What an account does about a call of a model, told by the id of its run. */
export interface Calls {
  /** Resolves when the call may be made, and rejects when it may not. */
  start(run: StartedRun): Promise<void>;
  /** A piece of a streamed answer. */
  wrote(runId: string, text: string): void;
  end(runId: string, output: LLMResult): void;
  fail(runId: string, error: unknown): void;
  /** What still runs inside of this run will not be heard of again. */
  failWithin(runId: string, error?: unknown): void;
}

export interface StartedRun {
  readonly runId: string;
  readonly parentRunId: string | undefined;
  readonly agent: string;
  readonly messages: readonly BaseMessage[];
  readonly facts: StartFacts;
}

/** Counts and holds back the calls of every model below the point where it is given as a callback. */
export class BudgetHandler extends BaseCallbackHandler {
  readonly name = "langbaton_budget";
  /** Tells two handlers of one account from those of another. */
  readonly account: string;
  readonly #agent: string;
  readonly #calls: Calls;

  constructor(account: string, agent: string, calls: Calls) {
    // With it, an error thrown at the start of a call keeps the call from being made.
    super({ raiseError: true });
    this.account = account;
    this.#agent = agent;
    this.#calls = calls;
  }

  /** LangChain copies handlers; a copy counts for the same account. */
  override copy(): BudgetHandler {
    return this;
  }

  override handleChatModelStart(
    llm: StartFacts["llm"],
    [messages = []]: BaseMessage[][],
    runId: string,
    parentRunId?: string,
    extra?: Record<string, unknown>,
    _tags?: string[],
    metadata?: Record<string, unknown>,
  ): Promise<void> {
    return this.#calls.start({
      runId,
      parentRunId,
      agent: this.#agent,
      messages,
      facts: { llm, metadata, extra },
    });
  }

  override handleLLMNewToken(token: string, _index: unknown, runId: string): void {
    this.#calls.wrote(runId, token);
  }

  override handleLLMEnd(output: LLMResult, runId: string): void {
    this.#calls.end(runId, output);
  }

  override handleLLMError(error: unknown, runId: string): void {
    this.#calls.fail(runId, error);
  }

  override handleChainEnd(_outputs: unknown, runId: string): void {
    this.#calls.failWithin(runId);
  }

  override handleChainError(error: unknown, runId: string): void {
    this.#calls.failWithin(runId, error);
  }

  override handleToolEnd(_output: unknown, runId: string): void {
    this.#calls.failWithin(runId);
  }

  override handleToolError(error: unknown, runId: string): void {
    this.#calls.failWithin(runId, error);
  }
}
