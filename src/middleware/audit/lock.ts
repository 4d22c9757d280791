import { randomUUID } from "node:crypto";
import { constants, copyFileSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { BatonError } from "../../core/errors.js";

interface Owner {
  readonly pid: number;
  readonly host: string;
  /** When the process started, as its system says it: a process that got the same id later differs here. */
  readonly started: string | null;
  readonly token: string;
}

/** A lock file without content is being written, unless it is older. */
const WRITING_MS = 5000;

const held = new Map<string, string>();

/**
 * Makes this process the only writer of a file, by a lock file beside it. The lock of a process that is gone is
 * taken over. Returns what gives it back.
 *
 * @throws {BatonError} `STORE` while another process lives that holds it, or one on another machine
 */
export function lockFile(file: string): () => void {
  const path = `${file}.lock`;
  const owner: Owner = {
    pid: process.pid,
    host: hostname(),
    started: startOf(process.pid),
    token: randomUUID(),
  };
  while (!create(path, owner)) takeOver(file, path);
  if (held.size === 0) process.once("exit", releaseAll);
  held.set(path, owner.token);
  return () => {
    held.delete(path);
    if (held.size === 0) process.off("exit", releaseAll);
    release(path, owner.token);
  };
}

function create(path: string, owner: Owner): boolean {
  try {
    writeFileSync(path, JSON.stringify(owner), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Removes a dead process's lock; leaves a live one's alone. */
function takeOver(file: string, path: string): void {
  const found = read(path);
  if (found === undefined) return;
  if (isAlive(path, found)) throw heldBy(file, path, found);
  // By renaming, as of two that saw the dead lock only one gets it; the other may have moved a new one by now.
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  try {
    if (read(aside)?.token !== found.token) copyFileSync(aside, path, constants.COPYFILE_EXCL);
  } finally {
    rmSync(aside, { force: true });
  }
}

/** The owner; one with nothing known when the file says nothing; undefined when there is no file. */
function read(path: string): Partial<Owner> | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return (JSON.parse(text) ?? {}) as Partial<Owner>;
  } catch {
    return {};
  }
}

function isAlive(path: string, { pid, host, started }: Partial<Owner>): boolean {
  if (pid === undefined) {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats !== undefined && Date.now() - stats.mtimeMs < WRITING_MS;
  }
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM is a live process of another user.
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const now = startOf(pid);
  return now === null || now === started;
}

/** Linux tells: the boot and the ticks since then, nothing of them for a process that ended unreaped. */
function startOf(pid: number): string | null {
  if (process.platform !== "linux") return null;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // After the program's name, which may hold anything: the state, and 19 fields on the start.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z") return "ended";
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${fields[19]}`;
  } catch {
    return null;
  }
}

function heldBy(file: string, path: string, { pid, host }: Partial<Owner>): BatonError {
  const where = host === undefined || host === hostname() ? "" : ` on '${host}'`;
  const who = pid === process.pid && where === "" ? "this process" : `process ${pid ?? "unknown"}${where}`;
  const cure =
    who === "this process"
      ? "make one auditFile() and give it to every audit()"
      : `use auditSqlite(), which several processes can share, or delete '${path}' when that process is gone`;
  return new BatonError("STORE", `'${file}' is being written by ${who}: ${cure}`, {
    retryable: true,
    data: { store: file, pid },
  });
}

function release(path: string, token: string): void {
  try {
    if (read(path)?.token === token) rmSync(path, { force: true });
  } catch {
    // The next writer finds the lock of a process that is gone.
  }
}

function releaseAll(): void {
  for (const [path, token] of held) release(path, token);
}
