#!/usr/bin/env node
import { parseArgs } from "node:util";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { reasonOf } from "../../core/errors.js";
import { openFolder } from "./folder.js";
import { createCodeServer } from "./server.js";

const HELP = `An MCP server over stdio that analyses the code of one folder, and only reads.

Usage: main.js [FOLDER]

  FOLDER              whose files may be read; by default the folder of the process
`;

/** Everything but MCP messages goes to stderr: stdout is the protocol's. */
const log = (line: string) => process.stderr.write(`${line}\n`);

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h", default: false } },
  });
  if (positionals.length > 1)
    throw new Error(`one folder is expected, not ${positionals.length}: ${positionals.join(" ")}`);
  if (values.help) log(HELP);
  else serve(positionals[0] ?? ".");
} catch (error) {
  log(reasonOf(error));
  process.exitCode = 1;
}

function serve(root: string): void {
  // One for all connections, so that what was parsed once is parsed once.
  const folder = openFolder(root);
  const handle = serveStdio(() => createCodeServer(folder), { onerror: (error) => log(error.message) });

  let stopping = false;
  async function stop(): Promise<void> {
    if (stopping) return;
    stopping = true;
    await handle.close();
    process.exit(0);
  }
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  process.stdin.once("end", stop);
}
