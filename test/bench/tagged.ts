import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";

const VARIABLE = "LANGBATON_BENCH_TAG";

/** Marks processes through their environment, which children inherit: they are found whoever their parent is now. */
export function createTag() {
  const value = randomUUID();
  const mark = `${VARIABLE}=${value}`;

  async function pids(): Promise<number[]> {
    const found: number[] = [];
    for (const entry of await readdir("/proc")) {
      if (!/^\d+$/.test(entry)) continue;
      // Gone meanwhile, or somebody else's. A zombie's environment is empty: it holds nothing any more.
      const environment = await readFile(`/proc/${entry}/environ`, "utf8").catch(() => "");
      if (environment.split("\0").includes(mark)) found.push(Number(entry));
    }
    return found;
  }

  return {
    env: { [VARIABLE]: value },
    pids,
    async killAll(): Promise<void> {
      for (const pid of await pids()) {
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // It went by itself.
        }
      }
    },
  };
}
