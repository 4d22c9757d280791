import type { JSONRPCMessage, Transport, TransportSendOptions } from "@modelcontextprotocol/client";
import { Inbound, type InboundOptions } from "./inbound.js";

/** What the SDK tells the kind of a transport by, where it is there. */
const MARKS = ["pid", "stderr", "hasPerRequestStream", "setSupportedProtocolVersions"] as const;

/** A transport that the program opened by itself, with the same look at what arrives as our own have. */
export class JudgedTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: NonNullable<Transport["onmessage"]>;

  readonly #inner: Transport;
  readonly #inbound: Inbound;

  constructor(inner: Transport, options: Omit<InboundOptions, "deliver">) {
    this.#inner = inner;
    this.#inbound = new Inbound({ ...options, deliver: (message) => this.onmessage?.(message) });
    const { onclose, onerror, onmessage } = inner;
    inner.onclose = () => {
      onclose?.();
      this.#inbound.close();
      this.onclose?.();
    };
    inner.onerror = (error) => {
      onerror?.(error);
      this.onerror?.(error);
    };
    inner.onmessage = (message, extra) => {
      onmessage?.(message, extra);
      const accepted = this.#inbound.accept(message);
      if (accepted) this.onmessage?.(accepted as typeof message, extra);
    };
    for (const mark of MARKS) {
      const get = (): unknown => {
        const value = (inner as unknown as Readonly<Record<string, unknown>>)[mark];
        return typeof value === "function" ? value.bind(inner) : value;
      };
      if (mark in inner) Object.defineProperty(this, mark, { get });
    }
  }

  get sessionId(): string | undefined {
    return this.#inner.sessionId;
  }

  start(): Promise<void> {
    return this.#inner.start();
  }

  send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    this.#inbound.sent(message);
    return this.#inner.send(message, options);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  setProtocolVersion(version: string): void {
    this.#inner.setProtocolVersion?.(version);
  }
}
