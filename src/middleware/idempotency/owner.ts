import { randomUUID } from "node:crypto";
import { hostname } from "node:os";

const HERE = `${hostname()}/${process.pid}`;

/** A name for one run that says in which process it is. */
export function createOwner(): string {
  return `${HERE}/${randomUUID()}`;
}

/**
 * Whether the process of a run is known to be gone: one of this machine that runs no more, so that nobody has to wait for
 * its lease to end. Nothing is known of another machine, nor of a number that is this process's own: a thread of it may
 * have the run, or a container that was started anew had the same number before.
 */
export function isGone(owner: string): boolean {
  const [host, pid, id] = owner.split("/");
  if (id === undefined || host !== hostname() || Number(pid) === process.pid) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
