import type {
  CompleteRequest,
  GetPromptResult,
  Prompt,
  ReadResourceResult,
  RequestOptions,
  Resource,
  ResourceTemplateType,
  ServerCapabilities,
  Tool,
} from "@modelcontextprotocol/client";
import type { Call } from "../core/call.js";
import { BatonError, isBatonError } from "../core/errors.js";
import type { Result } from "../core/result.js";
import type { Connection, ListKind } from "./connection.js";
import { isSessionLost, toBatonError } from "./errors.js";
import { Lifeline, type ServerEvent, type ServerOptions } from "./lifeline.js";
import { listTools, type RejectedTool } from "./list-tools.js";
import { checkOutput, withoutClaims } from "./output.js";
import { createPace, QUICK_MS } from "./pace.js";
import {
  callParams,
  cancelled,
  type RequestLimits,
  requestTimeouts,
  sendWithin,
  waitWithin,
} from "./request.js";
import type { ServerConfig } from "./server-config.js";

export type ToolDefinition = Tool;
export type { GetPromptResult, Prompt, ReadResourceResult, Resource, ServerEvent, ServerOptions };
export type ResourceTemplate = ResourceTemplateType;

/** What a server says about itself. */
export interface ServerInfo {
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly title: string | undefined;
  /** For the model: how to use this server. */
  readonly instructions: string | undefined;
  readonly protocolVersion: string | undefined;
  readonly transport: Connection["transport"];
  readonly capabilities: ServerCapabilities;
}

/**
 * The handle of one server, for as long as the program wants it. It survives what a connection does not: a
 * killed child process, a restarted HTTP server, a forgotten session. One connection at a time, however many
 * callers ask for it.
 */
export class Server {
  readonly name: string;
  readonly #config: ServerConfig;
  readonly #lifeline: Lifeline;
  readonly #lists = new Map<
    string,
    { readonly kind: ListKind; readonly items: Promise<readonly unknown[]> }
  >();

  readonly #pace = createPace();
  #rejected: readonly RejectedTool[] = [];
  /** The last list, which outlives the connection that it came over. */
  #tools: ReadonlyMap<string, ToolDefinition> | undefined;

  constructor(config: ServerConfig, options: ServerOptions = {}) {
    this.name = config.name;
    this.#config = config;
    this.#lifeline = new Lifeline(config, {
      ...options,
      onEvent: (event) => {
        // What was listed over another connection, or before a change, may not be true any more.
        this.#forget(event.type === "list_changed" ? event.list : undefined);
        options.onEvent?.(event);
      },
    });
  }

  /** The checked entry. Holds credentials: a getter, so that no log prints it with the server. */
  get config(): ServerConfig {
    return this.#config;
  }

  get status(): "idle" | "connecting" | "connected" | "down" | "closed" {
    return this.#lifeline.status;
  }

  /** Why the server is down; undefined when it is not. */
  get error(): BatonError | undefined {
    return this.#lifeline.error;
  }

  /** Process id of a connected stdio server. */
  get pid(): number | undefined {
    return this.#lifeline.connection?.pid;
  }

  /** Undefined unless connected. */
  get info(): ServerInfo | undefined {
    if (!this.#lifeline.connection) return undefined;
    const { client, transport } = this.#lifeline.connection;
    const version = client.getServerVersion();
    return {
      name: version?.name,
      version: version?.version,
      title: version?.title,
      instructions: client.getInstructions(),
      protocolVersion: client.getNegotiatedProtocolVersion(),
      transport,
      capabilities: client.getServerCapabilities() ?? {},
    };
  }

  /**
   * Connects, or waits for the attempt that is under way. When it fails, further attempts follow in the
   * background until {@link close}.
   *
   * @throws {BatonError} `CONNECT_FAILED`, `UNAUTHORIZED`, `NOT_CONNECTED` when closed, `CANCELLED` by `signal`
   */
  async connect(signal?: AbortSignal): Promise<void> {
    await this.#lifeline.ready(signal ? { signal } : {}, "connecting");
  }

  /**
   * Calls a tool: the handler at the inner end of every middleware stack. A session that the server has
   * forgotten is opened again and the call repeated once, as it was refused before it ran.
   *
   * @throws {BatonError} everything but a tool that ran and said that it failed: that is a result with `isError`
   */
  call(call: Call): Promise<Result> {
    return this.#request("tool", call.tool, call, async ({ client }, options) => {
      const result = (await client.callTool(callParams(call), options)) as Result;
      checkOutput(this.#config, this.#tools?.get(call.tool), result);
      return withoutClaims(result);
    });
  }

  /** All tools that can be used, at most 64 pages; kept while the server would say that they changed. */
  listTools(limits: RequestLimits = {}): Promise<readonly ToolDefinition[]> {
    return this.#list("tools", "tools", limits, async (connection, options) => {
      const { tools, rejected } = await listTools(connection, options);
      this.#rejected = rejected;
      this.#tools = new Map(tools.map((tool) => [tool.name, tool]));
      return tools;
    });
  }

  /** Tools of the last list that were left out, and why. */
  get rejectedTools(): readonly RejectedTool[] {
    return this.#rejected;
  }

  listResources(limits: RequestLimits = {}): Promise<readonly Resource[]> {
    return this.#list("resources", "resources", limits, async ({ client }, options) => {
      return (await client.listResources(undefined, options)).resources;
    });
  }

  listResourceTemplates(limits: RequestLimits = {}): Promise<readonly ResourceTemplateType[]> {
    return this.#list("resources", "resource templates", limits, async ({ client }, options) => {
      return (await client.listResourceTemplates(undefined, options)).resourceTemplates;
    });
  }

  listPrompts(limits: RequestLimits = {}): Promise<readonly Prompt[]> {
    return this.#list("prompts", "prompts", limits, async ({ client }, options) => {
      return (await client.listPrompts(undefined, options)).prompts;
    });
  }

  readResource(uri: string, limits: RequestLimits = {}): Promise<ReadResourceResult> {
    return this.#request("resource", uri, limits, ({ client }, options) =>
      client.readResource({ uri }, options),
    );
  }

  getPrompt(
    name: string,
    args: Readonly<Record<string, string>> = {},
    limits: RequestLimits = {},
  ): Promise<GetPromptResult> {
    return this.#request("prompt", name, limits, ({ client }, options) =>
      client.getPrompt({ name, arguments: { ...args } }, options),
    );
  }

  /** Values that the server suggests for an argument of a prompt or of a resource template. */
  async complete(params: CompleteRequest["params"], limits: RequestLimits = {}): Promise<readonly string[]> {
    const result = await this.#request("completion of", params.argument.name, limits, ({ client }, options) =>
      client.complete(params, options),
    );
    return result.completion.values;
  }

  /**
   * Ends the connection and the server's whole process family. Calls in flight settle at once with
   * `CANCELLED`, later ones with `NOT_CONNECTED`; nothing is started again. Safe to call twice.
   */
  close(): Promise<void> {
    return this.#lifeline.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #request<T>(
    kind: string,
    subject: string,
    limits: RequestLimits,
    send: (connection: Connection, options: RequestOptions) => Promise<T>,
  ): Promise<T> {
    const lifeline = this.#lifeline;
    const isCall = kind === "tool";
    let startedAt = 0;
    for (let attempt = 1; ; attempt++) {
      const connection = lifeline.connection ?? (await lifeline.ready(limits, `${kind} '${subject}'`));
      let sent = false;
      connection.inFlight++;
      try {
        lifeline.assertOpen();
        const { clock } = lifeline;
        startedAt = clock.now();
        const timeouts = requestTimeouts(this.#config, limits, clock);
        const ask = this.#asksProgress(limits) || !(isCall && this.#pace.isQuick(subject));
        const result = await sendWithin(timeouts, limits, clock, ask, (options) => {
          sent = true;
          return send(connection, options);
        });
        if (isCall) this.#pace.record(subject, clock.now() - startedAt);
        return result;
      } catch (error) {
        const action = `${kind} '${subject}'`;
        const effect = sent ? "possible" : "none";
        if (limits.signal?.aborted) throw cancelled(this.name, action, limits.signal.reason, effect);
        if (lifeline.closed && !isBatonError(error)) throw lifeline.closedError("CANCELLED", effect);
        if (attempt > 1 || !isSessionLost(error, connection)) {
          const failure = toBatonError(error, this.#config, action);
          if (isCall && failure.code === "TIMEOUT")
            this.#pace.record(subject, lifeline.clock.now() - startedAt);
          if (failure.code === "NOT_CONNECTED" || connection.client.transport === undefined)
            lifeline.drop(connection);
          throw failure;
        }
        lifeline.retire(connection);
      } finally {
        connection.inFlight--;
        if (connection.retired && connection.inFlight === 0) connection.close().catch(() => {});
      }
    }
  }

  /** Where somebody set a short limit or listens, progress counts whatever the tool's pace. */
  #asksProgress(limits: RequestLimits): boolean {
    const { onProgress, timeoutMs = Number.POSITIVE_INFINITY } = limits;
    // A tool that has always been quick needs none under a limit that is longer than that.
    if (onProgress !== undefined || timeoutMs <= 2 * QUICK_MS) return true;
    return this.#config.timeoutMs !== undefined || this.#config.maxTimeoutMs !== undefined;
  }

  async #list<T>(
    kind: ListKind,
    what: string,
    limits: RequestLimits,
    fetch: (connection: Connection, options: RequestOptions) => Promise<readonly T[]>,
  ): Promise<readonly T[]> {
    const action = `list of '${what}'`;
    const connection = await this.#lifeline.ready(limits, action);
    const capabilities = connection.client.getServerCapabilities() ?? {};
    if (!capabilities[kind]) return [];
    let entry = this.#lists.get(what);
    if (!entry) {
      // Shared by all who ask meanwhile, so no caller's own signal may end it.
      const items = this.#request("list of", what, {}, fetch);
      entry = { kind, items };
      this.#lists.set(what, entry);
      const forget = (): void => {
        if (this.#lists.get(what)?.items === items) this.#lists.delete(what);
      };
      // A list that changes without a word is asked for each time.
      items.then(() => capabilities[kind]?.listChanged || forget(), forget);
    }
    const late = (): BatonError => {
      const problem = `server '${this.name}', ${action}: not there in time`;
      return new BatonError("TIMEOUT", problem, { retryable: true, data: { server: this.name } });
    };
    try {
      return (await waitWithin(entry.items, limits, this.#lifeline.clock, late)) as readonly T[];
    } catch (error) {
      if (!limits.signal?.aborted) throw error;
      throw cancelled(this.name, action, limits.signal.reason, "possible");
    }
  }

  #forget(kind: ListKind | undefined): void {
    for (const [what, entry] of this.#lists) {
      if (kind === undefined || entry.kind === kind) this.#lists.delete(what);
    }
  }
}
