import type { ChildProcess } from "node:child_process";
import spawn from "cross-spawn";

const POSIX = process.platform !== "win32";
const live = new Set<number>();

/** A child process that leads its own process group, so that its whole family can be ended with it. */
export function spawnGroup(
  command: string,
  args: readonly string[],
  options: { readonly env: Readonly<Record<string, string>>; readonly cwd?: string },
): ChildProcess {
  const child = spawn(command, [...args], {
    env: { ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
    // On POSIX a detached child starts a process group; Windows has none, and would open a console.
    detached: POSIX,
    shell: false,
    windowsHide: true,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const { pid } = child;
  if (pid !== undefined) {
    if (live.size === 0) process.on("exit", killAll);
    live.add(pid);
    child.once("exit", () => {
      // The leader is gone; what it left behind must not outlive it, nor hold our pipes open.
      signalGroup(pid, "SIGKILL");
      live.delete(pid);
      if (live.size === 0) process.off("exit", killAll);
    });
  }
  return child;
}

/** Sends a signal to every process of the group; a group that is already gone is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    if (POSIX) process.kill(-pid, signal);
    else if (signal === "SIGKILL")
      spawn.sync("taskkill", ["/pid", String(pid), "/T", "/F"], { stdio: "ignore" });
    else process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Resolves when no process of the group is left; the last ones may take a moment to go after SIGKILL. */
export async function groupGone(pid: number, limitMs: number): Promise<void> {
  if (!POSIX) return;
  for (const end = Date.now() + limitMs; Date.now() < end; ) {
    try {
      process.kill(-pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function killAll(): void {
  for (const pid of live) signalGroup(pid, "SIGKILL");
}
