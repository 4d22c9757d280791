#!/usr/bin/env node
import { parseArgs } from "node:util";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { Database } from "better-sqlite3";
import { BatonError } from "../../core/errors.js";
import { defaultDatabasePath, openDatabase } from "./database.js";
import { createEnterpriseServer } from "./server.js";

const HELP = `The example MCP server: data and policies of an invented company.

Usage: main.js [--db FILE] [--http [--port N] [--host NAME] [--allow-host NAME]...]

  --db FILE           database file, or :memory:; by default ${defaultDatabasePath()}
  --http              serve Streamable HTTP at /mcp instead of stdio
  --port N            port, 0 for a free one (default 0)
  --host NAME         address to listen on (default 127.0.0.1)
  --allow-host NAME   another host name under which clients may call; may be repeated
`;

/** Everything but MCP messages goes to stderr: stdout is the protocol's. */
const log = (line: string) => process.stderr.write(`${line}\n`);

try {
  await main(readArguments());
} catch (error) {
  log(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

type Arguments = ReturnType<typeof readArguments>;

function readArguments() {
  const { values } = parseArgs({
    options: {
      db: { type: "string" },
      http: { type: "boolean", default: false },
      port: { type: "string", default: "0" },
      host: { type: "string", default: "127.0.0.1" },
      "allow-host": { type: "string", multiple: true, default: [] },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const port = Number(values.port);
  if (values.port.trim() === "" || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new BatonError(
      "CONFIG_INVALID",
      `--port must be a whole number from 0 to 65535, not '${values.port}'`,
    );
  }
  return { ...values, port };
}

async function main(options: Arguments): Promise<void> {
  if (options.help) {
    log(HELP);
    return;
  }
  const database = open(options.db);
  const close = options.http ? await overHttp(database, options) : overStdio(database);

  let stopping = false;
  async function stop(): Promise<void> {
    if (stopping) return;
    stopping = true;
    await close();
    database.close();
    process.exit(0);
  }
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  // Over HTTP nobody holds stdin, and a service manager may have closed it at the start.
  if (!options.http) process.stdin.once("end", stop);
}

function overStdio(database: Database): () => Promise<void> {
  const handle = serveStdio(() => createEnterpriseServer(database), {
    onerror: (error) => log(error.message),
  });
  return () => handle.close();
}

async function overHttp(database: Database, { host, port, "allow-host": allowedHosts }: Arguments) {
  // Loaded on demand: a server over stdio starts faster without it.
  const { serveEnterpriseHttp } = await import("./http.js");
  const server = await serveEnterpriseHttp({ database, host, port, allowedHosts });
  log(`listening on ${server.url}`);
  return () => server.close();
}

/** The named file must work; without the default one, the data is just as good in memory. */
function open(path: string | undefined): Database {
  if (path !== undefined) return openDatabase(path);
  try {
    return openDatabase(defaultDatabasePath());
  } catch (error) {
    if (!(error instanceof BatonError)) throw error;
    log(`${error.message}; keeping the data in memory`);
    return openDatabase(":memory:");
  }
}
