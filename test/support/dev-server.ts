import { spawn } from "node:child_process";
import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import { root } from "./child.js";
import { freePort, until } from "./processes.js";

/** What Node says last when it ends by an error that nobody has caught; the watcher around it goes on waiting. */
const FAILURE = /^Node\.js v\d/m;

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
    try {
      if (server.pid !== undefined) process.kill(-server.pid, "SIGKILL");
    } catch (error) {
      // All of it has ended before.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  };
  const apiUrl = `http://127.0.0.1:${port}`;
  const isReady = (): Promise<boolean> => {
    if (server.exitCode !== null || server.signalCode !== null) throw new Error("the dev server has ended");
    if (FAILURE.test(said)) throw new Error("the dev server says that it cannot start");
    return fetch(`${apiUrl}/ok`).then(
      ({ ok }) => ok,
      () => false,
    );
  };
  try {
    await until(isReady, "the dev server answers", 60_000);
  } catch (error) {
    stop();
    throw new Error(`${(error as Error).message}:\n${said}`);
  }
  return { client: new Client({ apiUrl }), said: () => said, stop };
}
