import type { Command } from "commander";
import { isBatonError } from "../core/errors.js";
import { VERSION } from "../core/version.js";
import { readConfig } from "../mcp/config.js";
import { redact } from "../mcp/redact.js";
import type { Server } from "../mcp/server.js";
import type { ServerConfig } from "../mcp/server-config.js";
import { Servers } from "../mcp/servers.js";
import { EXIT } from "./exit.js";
import { print, printJson } from "./output.js";
import { configFile, type SessionOptions, withInterrupt, withSessionOptions } from "./session.js";

/** What was found of one server. */
interface Finding {
  readonly server: string;
  readonly ok: boolean;
  readonly connectMs: number;
  readonly detail: string;
  /** What to do about it; none when all is well. */
  readonly advice: readonly string[];
}

export function addDoctor(program: Command): void {
  const command = program
    .command("doctor")
    .description("try each server, say what is wrong and how to mend it");
  withSessionOptions(command).action(async (options: SessionOptions) => {
    const file = await configFile(options);
    const config = await readConfig(file, { inputs: options.input });
    const findings = await withInterrupt(async (signal) => {
      await using servers = Servers.of(config.servers);
      return await Promise.all([...servers].map((server) => examine(server, signal)));
    });
    const notes = [
      ...config.warnings,
      ...config.disabled.map((name) => `server '${name}' is switched off and was not tried`),
      ...(config.servers.length === 0 ? ["there is no server to try"] : []),
    ];
    if (options.json) printJson({ version: VERSION, node: process.version, file, findings, notes });
    else print(format(file, findings, notes));
    if (findings.length === 0) process.exitCode = EXIT.usage;
    if (findings.some(({ ok }) => !ok)) process.exitCode = EXIT.unreachable;
  });
}

async function examine(server: Server, signal: AbortSignal): Promise<Finding> {
  const startedAt = performance.now();
  const elapsed = (): number => Math.round(performance.now() - startedAt);
  try {
    await server.connect(signal);
    const connectMs = elapsed();
    const [tools, resources, prompts] = await Promise.all([
      server.listTools({ signal }),
      server.listResources({ signal }),
      server.listPrompts({ signal }),
    ]);
    const { version, protocolVersion, transport } = server.info ?? {};
    const counts = [count(tools, "tool"), count(resources, "resource"), count(prompts, "prompt")].join(", ");
    const rejected = server.rejectedTools.map(
      ({ name, reason }) => `the tool '${name}' is left out: ${reason}`,
    );
    return {
      server: server.name,
      ok: true,
      connectMs,
      detail: `${counts}; ${[version && `version ${version}`, `MCP ${protocolVersion}`, transport].filter(Boolean).join(", ")}`,
      advice: rejected,
    };
  } catch (error) {
    if (!isBatonError(error) || signal.aborted) throw error;
    return {
      server: server.name,
      ok: false,
      connectMs: elapsed(),
      detail: error.message,
      advice: adviceFor(server.config),
    };
  }
}

function count(items: readonly unknown[], name: string): string {
  return `${items.length} ${name}${items.length === 1 ? "" : "s"}`;
}

function adviceFor(config: ServerConfig): readonly string[] {
  if (config.type === "stdio") {
    const line = [config.command, ...config.args]
      .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
      .join(" ");
    return [`run it by hand and see what it says: ${redact(line, config.secrets)}`];
  }
  if (config.type === "custom") return [];
  const { origin, pathname } = new URL(config.url);
  const address = redact(origin + pathname, config.secrets);
  const body = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
  const accept = "-H 'Accept: application/json, text/event-stream' -H 'Content-Type: application/json'";
  return [`ask it by hand: curl -i ${accept} -d '${body}' '${address}'`];
}

function format(file: string, findings: readonly Finding[], notes: readonly string[]): string {
  const lines = [`langbaton ${VERSION}, Node ${process.version}, ${file}`, ""];
  for (const { server, ok, connectMs, detail, advice } of findings) {
    lines.push(
      `${ok ? "✓" : "✗"} ${server}  ${detail}  (${connectMs} ms)`,
      ...advice.map((each) => `    → ${each}`),
    );
  }
  if (notes.length > 0) lines.push("", ...notes.map((each) => `note: ${each}`));
  return lines.join("\n");
}
