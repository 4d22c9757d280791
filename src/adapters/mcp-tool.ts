import { setMaxListeners } from "node:events";
import { CallbackManager, type CallbackManagerForToolRun } from "@langchain/core/callbacks/manager";
import { type ContentBlock, ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import { ensureConfig, mergeConfigs, patchConfig, pickRunnableConfigKeys } from "@langchain/core/runnables";
import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import { StructuredTool, type ToolRunnableConfig } from "@langchain/core/tools";
import {
  type Call,
  type Caller,
  createCall,
  type Handler,
  type Hints,
  type PolicyOf,
  type Progress,
  type ToolPolicy,
} from "../core/call.js";
import { type BatonError, isBatonError } from "../core/errors.js";
import { showHidden } from "../core/hidden.js";
import type { Result } from "../core/result.js";
import { checkArguments } from "../mcp/arguments.js";
import type { JsonSchema } from "../mcp/json-schema.js";
import type { ToolDefinition } from "../mcp/server.js";
import { isListed, narrowed } from "../middleware/permit/allowlist.js";
import { toModelContent } from "./content.js";
import { toModelSchema } from "./model-schema.js";
import { succeeded } from "./succeeded.js";
import { type McpToolMetadata, metadataOf } from "./tool-metadata.js";

export type { McpToolMetadata } from "./tool-metadata.js";

export interface McpToolParts {
  /** The name for the model. */
  readonly name: string;
  readonly server: string;
  readonly definition: ToolDefinition;
  readonly handler: Handler;
  /** For whom; a function reads it from the run's config. @default nobody */
  readonly caller?: Caller | ((config: ToolRunnableConfig) => Caller | undefined) | undefined;
  /** `server.tool` patterns: all that calls of it may use. @default no list */
  readonly allowlist?: readonly string[] | undefined;
  /** What holds for every call of it. @default no hints, no settings */
  readonly policy?: Partial<ToolPolicy>;
  /** What holds for its neighbours. @default nothing is known of them */
  readonly policyOf?: PolicyOf;
}

/** Who uses a tool, and what it may use at all. */
export interface ToolScope {
  readonly agent: string;
  /** `server.tool` patterns. Not changed afterwards: it is compiled once. */
  readonly allowlist: readonly string[];
}

/** What code may say of one call. */
export type ToolRequestOptions = Partial<
  Pick<Call, "signal" | "timeoutMs" | "deadline" | "onProgress" | "threadId" | "caller" | "idempotencyKey">
>;

type Output = string | ContentBlock.Standard[];

/**
 * A LangChain tool that calls one MCP tool. Extends LangChain's class, and replaces its `invoke`: that one
 * checks arguments with a slow interpreter of the schema that the model was shown, not of the server's own.
 *
 * Called by a model (with a tool call) it answers with a `ToolMessage`, `status: "error"` when the tool failed or
 * could not be called, and the raw result as its artifact. Called by code (with plain arguments) it returns
 * the content and throws a `BatonError` where the message would have been an error.
 */
export class McpTool extends StructuredTool<
  JsonSchema,
  Record<string, unknown>,
  Record<string, unknown>,
  Output
> {
  static override lc_name(): string {
    return "McpTool";
  }

  readonly name: string;
  readonly description: string;
  /** The schema in the form that providers take; arguments are checked against the server's own. */
  readonly schema: JsonSchema;
  declare metadata: McpToolMetadata;
  readonly #parts: McpToolParts;
  readonly #policy: Partial<Call>;
  readonly #isListed: boolean;

  /** @throws {BatonError} `CONFIG_INVALID` for a pattern of `allowlist` that is not `server.tool` */
  constructor(parts: McpToolParts) {
    const { name, server, definition, policy = {}, policyOf, allowlist } = parts;
    super({ metadata: metadataOf(server, definition), responseFormat: "content_and_artifact" });
    this.name = name;
    this.description = showHidden(
      definition.description ?? definition.title ?? definition.annotations?.title ?? definition.name,
    );
    this.schema = toModelSchema(definition.inputSchema as JsonSchema);
    this.#parts = parts;
    this.#policy = { ...policy, policyOf, allowlist };
    this.#isListed = isListed({ server, tool: definition.name, allowlist });
  }

  /**
   * The same tool in the hands of one agent: its calls say which, and `permit` holds them to the agent's list, a tool that
   * a fallback leads to included. Of a tool that has a list already both lists count.
   *
   * @throws {BatonError} `CONFIG_INVALID` for a pattern that is not `server.tool`
   */
  scoped({ agent, allowlist }: ToolScope): McpTool {
    const { caller, allowlist: outer } = this.#parts;
    const scope = {
      caller:
        typeof caller === "function"
          ? (config: ToolRunnableConfig) => ({ ...caller(config), agent })
          : { ...caller, agent },
      allowlist: outer === undefined ? allowlist : narrowed(outer, allowlist, this.metadata),
    };
    // With what was set on it since: callbacks, tags, a default config.
    return Object.assign(new McpTool({ ...this.#parts, ...scope }), this);
  }

  /**
   * @throws {BatonError} only for plain arguments: `INVALID_ARGUMENTS`, `UPSTREAM` when the tool itself failed, and
   *   whatever the call met with; and always `CANCELLED` when `config.signal` fired
   */
  // The base class computes the type of the answer from that of the input; none of it changes here.
  // biome-ignore lint/suspicious/noExplicitAny: that type cannot be written for an override
  override async invoke(input: any, config?: ToolRunnableConfig): Promise<any> {
    const toolCall = isToolCall(input) ? input : config?.toolCall;
    const args = (isToolCall(input) ? input.args : input) ?? {};
    // LangChain would turn a timeout into a signal, and a late answer into a cancelled one.
    const { timeout, ...rest } = mergeConfigs(this.defaultConfig, config);
    const settings: ToolRunnableConfig = ensureConfig(rest);
    const timeoutMs = timeout ?? timeoutIn(settings.metadata) ?? this.#policy.timeoutMs;
    const manager = CallbackManager.configure(
      settings.callbacks,
      this.callbacks,
      settings.tags,
      this.tags,
      settings.metadata,
      // No more: every trace would carry the output schema and the icons.
      { server: this.metadata.server, tool: this.metadata.tool },
      { verbose: this.verbose },
    );
    const run = await manager?.handleToolStart(
      this.toJSON(),
      args,
      settings.runId,
      undefined,
      undefined,
      undefined,
      settings.runName ?? this.name,
      toolCall?.id,
    );
    let output: Output | ToolMessage;
    try {
      const result = await asChild(run, settings, () =>
        this.#run(args, {
          signal: settings.signal,
          timeoutMs,
          onProgress: progressTo(run),
          toolCallId: toolCall?.id,
          threadId: threadIn(settings),
          caller: this.#callerOf(settings),
        }),
      );
      output = toolCall?.id === undefined ? contentOrThrow(this, result) : this.#message(result, toolCall.id);
    } catch (error) {
      if (toolCall?.id === undefined || !isBatonError(error) || settings.signal?.aborted) {
        await run?.handleToolError(error);
        throw error;
      }
      output = this.#errorMessage(error, toolCall.id);
    }
    // Outside of the try: a handler that throws would have a run that ended fail as well.
    await run?.handleToolEnd(output);
    return output;
  }

  /**
   * One call by code, with its raw result: one with `isError` is returned, not thrown. Goes through the same middleware
   * as the calls of a model.
   *
   * @throws {BatonError} `INVALID_ARGUMENTS`, and whatever the call met with
   */
  request(args: Readonly<Record<string, unknown>>, options: ToolRequestOptions = {}): Promise<Result> {
    return this.#run(args, {
      ...options,
      caller: options.caller ?? this.#callerOf({}),
      timeoutMs: options.timeoutMs ?? this.#policy.timeoutMs,
    });
  }

  /** What the server says of the tool's effects, corrected by the configuration. */
  get hints(): Hints {
    return this.#policy.hints ?? {};
  }

  /** The server's own schema of the arguments. */
  get inputSchema(): JsonSchema {
    return this.#parts.definition.inputSchema as JsonSchema;
  }

  /** The deprecated way in; the same as {@link invoke}. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  override call(input: any, config?: any): Promise<any> {
    return this.invoke(input, config);
  }

  protected async _call(args: Record<string, unknown>): Promise<Output> {
    return contentOrThrow(this, await this.#run(args, { caller: this.#callerOf({}) }));
  }

  #callerOf(config: ToolRunnableConfig): Caller | undefined {
    const { caller } = this.#parts;
    return typeof caller === "function" ? caller(config) : caller;
  }

  async #run(args: unknown, run: ToolRequestOptions & Pick<Call, "toolCallId">): Promise<Result> {
    const { server, tool } = this.metadata;
    const { definition, handler } = this.#parts;
    // A tool that its agent may not use is refused as such, on record, whatever the arguments.
    if (this.#isListed) checkArguments(server, definition, args);
    // A graph hands one signal to all that it runs, and each call listens to it: many at once are no leak.
    if (run.signal) setMaxListeners(0, run.signal);
    return handler(createCall({ server, tool, args: args as Call["args"], ...this.#policy, ...run }));
  }

  #message(result: Result, id: string): ToolMessage {
    const content = toModelContent(result);
    const onlyText = typeof content === "string" || content.every(({ type }) => type === "text");
    return new ToolMessage({
      content: content as string,
      // Tells the provider packages that a list is made of standard blocks, for them to convert. Text needs no
      // conversion, and OpenAI's Responses API loses the call's id with it.
      ...(onlyText ? {} : { response_metadata: { output_version: "v1" } }),
      artifact: result,
      tool_call_id: id,
      name: this.name,
      status: result.isError ? "error" : "success",
    });
  }

  #errorMessage(error: BatonError, id: string): ToolMessage {
    return new ToolMessage({
      content: showHidden(`Error (${error.code}): ${error.message}`),
      artifact: { error: error.toJSON() },
      tool_call_id: id,
      name: this.name,
      status: "error",
    });
  }
}

/** So that what a middleware runs, a model for example, is traced as a child; free when nobody listens. */
function asChild<T>(
  run: CallbackManagerForToolRun | undefined,
  settings: ToolRunnableConfig,
  work: () => Promise<T>,
): Promise<T> {
  if (run === undefined) return work();
  const config = pickRunnableConfigKeys(patchConfig(settings, { callbacks: run.getChild() }));
  return AsyncLocalStorageProviderSingleton.runWithConfig(config, work);
}

function progressTo(run: CallbackManagerForToolRun | undefined): ((progress: Progress) => void) | undefined {
  if (run === undefined) return undefined;
  return (progress) => {
    // A listener that throws on a report must not end the process, as a rejection that nobody awaits would.
    run.handleToolEvent({ type: "progress", ...progress }).catch(() => {});
  };
}

function contentOrThrow({ metadata: { server, tool } }: McpTool, result: Result): Output {
  return toModelContent(succeeded(server, tool, result));
}

/** The thread that a graph's run was started on. */
function threadIn({ configurable }: ToolRunnableConfig): string | undefined {
  const id: unknown = configurable?.thread_id;
  return typeof id === "string" || typeof id === "number" ? String(id) : undefined;
}

/** A graph's config has no timeout for one tool, so `metadata.timeoutMs` is the place, as in other adapters. */
function timeoutIn(metadata: Record<string, unknown> | undefined): number | undefined {
  const value = metadata?.timeoutMs;
  return typeof value === "number" && value > 0 ? value : undefined;
}

function isToolCall(input: unknown): input is ToolCall {
  return typeof input === "object" && input !== null && (input as { type?: unknown }).type === "tool_call";
}
