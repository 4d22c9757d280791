import type { ChildProcess } from "node:child_process";
import spawn from "cross-spawn";

const POSIX = process.platform !== "win32";
/** What ends a program from outside. Nobody else tells our children: they are not in its terminal's group. */
const ENDINGS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
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
    watch(pid);
    child.once("exit", () => {
      // The leader is gone; what it left behind must not outlive it, nor hold our pipes open. On Windows its id
      // may be another's by now, and its children cannot be found through it.
      if (POSIX) signalGroup(pid, "SIGKILL");
      unwatch(pid);
    });
  }
  return child;
}

/** Sends a signal to every process of the group. One that is gone, or is not ours to end, is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  if (!POSIX) {
    // Windows knows no polite end for a tree, and a leader that went first would hide its children.
    spawn.sync("taskkill", ["/pid", String(pid), "/T", "/F"], { stdio: "ignore" });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ESRCH" && code !== "EPERM") throw error;
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

function watch(pid: number): void {
  if (live.size === 0) {
    process.on("exit", killAll);
    for (const signal of ENDINGS) process.on(signal, endWith);
  }
  live.add(pid);
}

function unwatch(pid: number): void {
  live.delete(pid);
  if (live.size > 0) return;
  process.off("exit", killAll);
  for (const signal of ENDINGS) process.off(signal, endWith);
}

/** Takes the children along when the signal would end this process; a program that listens decides by itself. */
function endWith(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  killAll();
  process.off(signal, endWith);
  process.kill(process.pid, signal);
}

function killAll(): void {
  for (const pid of live) signalGroup(pid, "SIGKILL");
}
