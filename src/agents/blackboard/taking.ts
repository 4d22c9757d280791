import type { BaseStore } from "@langchain/langgraph";
import { z } from "zod";
import { hashJson } from "../../core/canonical.js";
import type { Clock } from "../../core/clock.js";
import type { Records } from "./records.js";

const claimRecord = z.object({
  by: z.string(),
  /** ISO 8601: when it was made. */
  time: z.string(),
  /** Nobody else had a claim when this one was there: it stands for good. */
  isKept: z.boolean(),
});
export type Claim = z.infer<typeof claimRecord>;

const TRIES = 8;
const FIRST_WAIT_MS = 5;

export interface TakeOnce {
  /** When it was taken, ISO 8601, or undefined: someone else has it, or every try met others who were trying. */
  (id: string, by: string): Promise<string | undefined>;
  /** What is taken, by id. */
  taken(): Promise<ReadonlyMap<string, Claim>>;
}

/**
 * Taking in a store, which has no compare-and-set. Whoever wants a request puts a claim and then reads all claims to it:
 * alone, it keeps its own; else it withdraws it, waits a random time and tries again.
 *
 * Two never both have a request, as long as a read sees every write that was acknowledged before it began: each wrote
 * its claim before it looked, so the later of the two writers sees the other's. That holds however long a process is held
 * up, and whatever its clock says; a write that failed must not take effect later, though. It is not promised that one gets it: after eight tries a taker gives up, and the request
 * stays open. Whoever dies between putting a claim and keeping it blocks the others until its name takes again, as from
 * outside it cannot be told from one that is slow.
 *
 * Within this process takers wait for each other, so that the first one simply gets it.
 */
export function createTaking(records: Records, folder: string, clock: Clock): TakeOnce {
  const takeOnce = (id: string, by: string) =>
    inTurn(records.store, JSON.stringify([records.root, id]), async () => {
      for (let tries = 0; tries < TRIES; tries++) {
        if (tries > 0) await clock.sleep(clock.random() * FIRST_WAIT_MS * 2 ** tries);
        const outcome = await attempt(id, by);
        if (outcome !== "again") return outcome;
      }
      return undefined;
    });

  async function attempt(id: string, by: string): Promise<string | undefined | "again"> {
    const path = [folder, id];
    const key = hashJson(by);
    const claims = await read(path);
    const own = claims.find((claim) => claim.by === by);
    if (own?.isKept) return own.time;
    if (claims.some((claim) => claim.by !== by && claim.isKept)) return undefined;
    const claim: Claim = own ?? { by, time: new Date(clock.now()).toISOString(), isKept: false };
    if (claims.every((other) => other === own)) {
      try {
        if (own === undefined) await records.put(path, key, claim);
        if ((await read(path)).every((other) => other.by === by)) {
          await records.put(path, key, { ...claim, isKept: true });
          return claim.time;
        }
      } catch (error) {
        // Left there, it would block the others. When not even this works, what failed first says why.
        await records.delete(path, key).catch(() => undefined);
        throw error;
      }
      await records.delete(path, key);
    } else if (own) await records.delete(path, key);
    return "again";
  }

  async function read(path: readonly string[]): Promise<readonly Claim[]> {
    return (await records.list(path, claimRecord)).map(({ value }) => value);
  }

  return Object.assign(takeOnce, {
    async taken() {
      const claims = await records.list([folder], claimRecord);
      return new Map(claims.flatMap(({ path: [, id = ""], value }) => (value.isKept ? [[id, value]] : [])));
    },
  });
}

const running = new WeakMap<BaseStore, Map<string, Promise<unknown>>>();

/** One after the other, for each store and key. */
async function inTurn<T>(store: BaseStore, key: string, work: () => Promise<T>): Promise<T> {
  const queue = running.get(store) ?? new Map<string, Promise<unknown>>();
  running.set(store, queue);
  const before = queue.get(key) ?? Promise.resolve();
  const mine = before.then(work, work);
  queue.set(key, mine);
  try {
    return await mine;
  } finally {
    if (queue.get(key) === mine) queue.delete(key);
  }
}
