import { spawn } from "node:child_process";
import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import { root } from "./child.js";
import { freePort, until } from "./processes.js";

export interface DevServer {
  readonly client: Client;
  /** All that it has printed, for the message of a test that fails. */
  said(): string;
  stop(): void;
}

/** LangGraph's own dev server over the `langgraph.json` of a folder, as `npm run studio` starts it; the caller stops it. */
export async function startDevServer(
  folder: string,
  env: Readonly<Record<string, string>> = {},
  cli = join(root, "node_modules/@langchain/langgraph-cli/dist/cli/cli.mjs"),
): Promise<DevServer> {
  const port = await freePort();
  const server = spawn(
    process.execPath,
    [cli, "dev", "--no-browser", "--host", "127.0.0.1", "--port", String(port)],
    {
      cwd: folder,
      detached: true,
      env: { ...process.env, LANGSMITH_TRACING: "false", LANGGRAPH_CLI_NO_ANALYTICS: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let said = "";
  for (const stream of [server.stdout, server.stderr]) stream.on("data", (text) => (said += text));
  // The server is a family: the command, tsx's watcher, the server itself, our MCP servers.
  const stop = (): void => {
    if (server.pid !== undefined) process.kill(-server.pid, "SIGKILL");
  };
  const apiUrl = `http://127.0.0.1:${port}`;
  const answers = () =>
    fetch(`${apiUrl}/ok`).then(
      ({ ok }) => ok,
      () => false,
    );
  try {
    await until(answers, "the dev server answers", 60_000);
  } catch {
    stop();
    throw new Error(`the dev server did not start:\n${said}`);
  }
  return { client: new Client({ apiUrl }), said: () => said, stop };
}
