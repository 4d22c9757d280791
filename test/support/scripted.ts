import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/client";
import { inProcess } from "../../src/mcp/in-process.js";
import type { CustomConfig } from "../../src/mcp/server-config.js";

export interface RequestContext {
  /** HTTP headers of the request; empty in process. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly progressToken: string | number | undefined;
  readonly notify: (method: string, params?: object) => void;
}

type Params = Readonly<Record<string, unknown>>;

/** What a scripted server offers. Every part may be a function, so that it can change while the server runs. */
export interface Script {
  readonly tools?: readonly object[] | (() => readonly object[]);
  /** The result of a tool. @default its arguments as JSON text */
  readonly call?: (name: string, args: Params, context: RequestContext) => unknown;
  /** Answers to other methods, or to those above in another way; an `RpcFault` becomes a JSON-RPC error. */
  readonly methods?: Readonly<Record<string, (params: Params, context: RequestContext) => unknown>>;
  readonly capabilities?: object;
}

export class RpcFault extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

export const text = (value: unknown): object => ({ content: [{ type: "text", text: String(value) }] });

export function tool(name: string, inputSchema: object = {}, rest: object = {}): object {
  return { name, inputSchema: { type: "object", ...inputSchema }, ...rest };
}

/** The answer of a server of protocol 2025-11-25 to one message; undefined when it has none. */
export async function answer(
  script: Script,
  message: JSONRPCMessage,
  context: RequestContext,
): Promise<JSONRPCMessage | undefined> {
  if (!("method" in message) || !("id" in message)) return undefined;
  const { id, method } = message;
  const params = (message.params ?? {}) as Params;
  try {
    const result = await resultOf(script, method, params, context);
    return { jsonrpc: "2.0", id, result: result as Record<string, unknown> };
  } catch (error) {
    const code = error instanceof RpcFault ? error.code : -32603;
    return { jsonrpc: "2.0", id, error: { code, message: (error as Error).message } };
  }
}

function resultOf(script: Script, method: string, params: Params, context: RequestContext): unknown {
  const own = script.methods?.[method];
  if (own) return own(params, context);
  switch (method) {
    case "initialize":
      return {
        protocolVersion: "2025-11-25",
        capabilities: script.capabilities ?? { tools: { listChanged: true } },
        serverInfo: { name: "scripted", version: "1.0.0" },
      };
    case "ping":
      return {};
    case "tools/list":
      return { tools: typeof script.tools === "function" ? script.tools() : (script.tools ?? []) };
    case "tools/call": {
      const { name, arguments: args = {} } = params as { name: string; arguments?: Params };
      return script.call ? script.call(name, args, context) : text(JSON.stringify(args));
    }
  }
  throw new RpcFault(-32601, `Method not found: ${method}`);
}

/** A scripted server in this process, and what it received. */
export function scripted(
  name: string,
  script: Script,
  rest: Partial<CustomConfig> = {},
): CustomConfig & { readonly received: JSONRPCMessage[]; readonly transports: Transport[] } {
  const received: JSONRPCMessage[] = [];
  const transports: Transport[] = [];
  const config = inProcess(name, () => ({
    async connect(transport) {
      transports.push(transport);
      transport.onmessage = async (message) => {
        received.push(message);
        const meta = ("params" in message ? message.params?._meta : undefined) as
          | { progressToken?: string | number }
          | undefined;
        const reply = await answer(script, message, {
          headers: {},
          progressToken: meta?.progressToken,
          notify: (method, params) =>
            void transport.send({ jsonrpc: "2.0", method, ...(params ? { params: { ...params } } : {}) }),
        });
        if (reply) await transport.send(reply);
      };
      await transport.start();
    },
  }));
  return { ...config, ...rest, received, transports };
}

/** How many of the received messages are of this method. */
export function countOf(received: readonly JSONRPCMessage[], method: string): number {
  return received.filter((message) => "method" in message && message.method === method).length;
}
