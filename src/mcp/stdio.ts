import type { ChildProcess } from "node:child_process";
import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/client";
import { getDefaultEnvironment } from "@modelcontextprotocol/client/stdio";
import type { Inbound } from "./inbound.js";
import { maxResultBytes } from "./limits.js";
import { createLineReader, type OversizeLine } from "./lines.js";
import { groupGone, signalGroup, spawnGroup } from "./process-group.js";
import type { StdioConfig } from "./server-config.js";
import { oversize } from "./wire-codes.js";

/** How much of what the server wrote to its standard error is kept, in characters. */
const STDERR_TAIL = 4096;
/** How much of a line that is no message is kept, in characters. */
const LONGEST_NOISE = 120;
/** How long a server may take to leave after its input ended, and after SIGTERM, in milliseconds. */
const LEAVE_MS = 1000;
const TERMINATE_MS = 2000;
/** How long output may still arrive after the process is gone, in milliseconds. */
const DRAIN_MS = 250;

/**
 * MCP over the standard streams of a child process. Unlike the SDK's own it ends the server's whole process
 * family, notices a dead server whose children still hold its output, keeps the last words of its standard
 * error, and reads large messages in linear time.
 */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;

  readonly #config: StdioConfig;
  readonly #inbound: Inbound;
  #child: ChildProcess | undefined;
  #stderrTail = "";
  #firstNoise = "";
  #exit: string | undefined;
  #gone: Promise<void> = Promise.resolve();
  #closed = false;

  /** @param judge makes what looks at each message before it is delivered */
  constructor(config: StdioConfig, judge: (deliver: (message: JSONRPCMessage) => void) => Inbound) {
    this.#config = config;
    this.#inbound = judge((message) => this.onmessage?.(message));
  }

  /** Process id of the server, null while there is none. The SDK knows a stdio transport by `pid` and `stderr`. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  get stderr(): null {
    return null;
  }

  /** The end of what the server wrote to its standard error: its last words when it died. */
  get lastWords(): string {
    return this.#stderrTail.trim();
  }

  /** The first line of its output that was no MCP message: many a program that is no server says what it is there. */
  get firstNoise(): string {
    return this.#firstNoise;
  }

  /** How the process ended, "exited with code 1" for example; undefined while it runs. */
  get exit(): string | undefined {
    return this.#exit;
  }

  start(): Promise<void> {
    const { command, args, env, cwd } = this.#config;
    return new Promise((resolve, reject) => {
      const child = spawnGroup(command, args, {
        env: { ...getDefaultEnvironment(), ...env },
        ...(cwd === undefined ? {} : { cwd }),
      });
      this.#child = child;
      this.#gone = new Promise((gone) => {
        const finish = (): void => {
          child.stdout?.destroy();
          child.stderr?.destroy();
          gone();
          this.#disconnected();
        };
        child.once("close", finish);
        child.once("exit", (code, signal) => {
          this.#exit = signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
          // A process that left the group may hold the pipes for ever: "close" would then never come.
          setTimeout(finish, DRAIN_MS).unref();
        });
        child.once("error", (error) => {
          reject(error);
          if (child.pid === undefined) finish();
        });
      });
      child.once("spawn", () => resolve());
      child.stdin?.on("error", (error) => {
        this.onerror?.(error);
        // A server that reads no more is no server, however long its process stays.
        if (!this.#closed) void this.close();
      });
      child.stdout?.on("data", createLineReader(maxResultBytes(this.#config), this.#lines));
      child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        this.#stderrTail = keepEnd(this.#stderrTail + text);
      });
    });
  }

  send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#child?.stdin;
    if (!stdin?.writable || this.#closed) return Promise.reject(new Error("the server's input is closed"));
    this.#inbound.sent(message);
    if (stdin.write(`${JSON.stringify(message)}\n`)) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        stdin.off("drain", done).off("close", done);
        resolve();
      };
      stdin.on("drain", done).on("close", done);
    });
  }

  /**
   * Settles what is in flight at once; then ends the server's input, asks it to leave, and kills it.
   * Resolves when no process of the family is left.
   */
  async close(): Promise<void> {
    const child = this.#child;
    this.#disconnected();
    if (child?.pid !== undefined && this.#exit === undefined) {
      child.stdin?.end();
      if (!(await this.#goneWithin(LEAVE_MS))) {
        signalGroup(child.pid, "SIGTERM");
        if (!(await this.#goneWithin(TERMINATE_MS))) signalGroup(child.pid, "SIGKILL");
      }
    }
    await this.#goneWithin(TERMINATE_MS);
    if (child?.pid !== undefined) await groupGone(child.pid, DRAIN_MS);
  }

  readonly #lines = {
    onLine: (line: string): void => {
      if (this.#inbound.skips(line)) return;
      let value: unknown;
      try {
        value = JSON.parse(line);
      } catch {
        // Many servers print a banner. It is not ours, and the next line may be.
        if (this.#firstNoise === "") this.#firstNoise = line.trim().slice(0, LONGEST_NOISE);
        this.#inbound.garbled(line);
        return;
      }
      const message = this.#inbound.accept(value, line.length);
      if (message) this.onmessage?.(message);
    },
    onOversize: ({ head, tail }: OversizeLine): void => {
      this.#inbound.lost(head, tail, oversize(maxResultBytes(this.#config)));
    },
  };

  #goneWithin(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms);
      void this.#gone.then(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  #disconnected(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#inbound.close();
    this.onclose?.();
  }
}

/** Whole lines from the end: a secret that was cut in two could not be masked. */
function keepEnd(text: string): string {
  if (text.length <= STDERR_TAIL) return text;
  const end = text.slice(-STDERR_TAIL);
  const line = end.indexOf("\n");
  return line === -1 ? "" : end.slice(line + 1);
}
