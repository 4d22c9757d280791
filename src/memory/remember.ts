import { type BaseMessage, type BaseMessageLike, isBaseMessage } from "@langchain/core/messages";
import type { Operation } from "@langchain/langgraph-checkpoint";
import { BatonError } from "../core/errors.js";
import { composeItems, type RememberOptions } from "./compose-items.js";
import { embedMissing } from "./embed-items.js";
import { removeExpired } from "./forget.js";
import type { MemoryItem } from "./item.js";
import type { Parts } from "./parts.js";
import { readItems } from "./read-items.js";
import { itemNamespace } from "./records.js";
import { storeFailure } from "./store-failure.js";
import { readTurn, type Turn } from "./turn.js";
import { flushUsage } from "./usage.js";
import type { View } from "./view.js";

/** See `Memory.remember`. */
export async function remember(
  parts: Parts,
  what: string | Turn | BaseMessage | readonly (BaseMessageLike | Turn)[],
  options: RememberOptions,
): Promise<MemoryItem[]> {
  // A text on its own, or with a correction, is a fact; a list or a message is talk.
  const kind = typeof what === "string" ? "fact" : "message";
  const inputs = toInputs(what);
  const turns = inputs.flatMap((input, position) => readTurn(input, position) ?? []);
  if (turns.length === 0) return [];
  const view = await parts.view();
  return await view.exclusive(async () => {
    const supersedes = options.supersedes === undefined ? undefined : newest(view, options.supersedes);
    const ttlMs = options.ttlMs ?? parts.ttlMs;
    const { items, ids } = composeItems(turns, {
      kind,
      root: parts.root,
      view,
      now: parts.clock.now(),
      countTokens: parts.countTokens,
      options: {
        ...options,
        ...(ttlMs !== undefined && { ttlMs }),
        ...(supersedes !== undefined && { supersedes }),
      },
    });
    await write(parts, view, items);
    await flushUsage(parts, view);
    await removeExpired(parts, view);
    await embedMissing(parts, view, items);
    return await result(parts, view, items, ids);
  });
}

function toInputs(what: string | Turn | BaseMessage | readonly (BaseMessageLike | Turn)[]) {
  if (typeof what === "string") return [{ text: what }];
  if (Array.isArray(what) && !isBaseMessage(what)) return what as readonly (BaseMessageLike | Turn)[];
  return [what as Turn | BaseMessage];
}

async function write({ store, root }: Parts, view: View, items: readonly MemoryItem[]): Promise<void> {
  if (items.length === 0) return;
  const puts = items.map(
    (item): Operation => ({
      namespace: itemNamespace(root, item),
      key: item.id,
      value: { ...item },
      index: false,
    }),
  );
  await store.batch(puts).catch((error: unknown) => {
    throw storeFailure(store, "write to", error);
  });
  // Only now: what could not be written is not known either.
  view.take(items.map((item) => ({ kind: "item", key: item.id, value: item })));
}

/** What memory has of everything that was given: the new items as they were written, the others as they were. */
async function result(
  parts: Parts,
  view: View,
  items: readonly MemoryItem[],
  ids: readonly string[],
): Promise<MemoryItem[]> {
  const known = new Map<string, MemoryItem>(items.map((item) => [item.id, item]));
  const older = ids.filter((id) => !known.has(id));
  for (const item of await readItems(parts, view, [...new Set(older)])) known.set(item.id, item);
  return ids.flatMap((id) => known.get(id) ?? []);
}

/** A correction corrects what holds now: the newest version of what it names. */
function newest(view: View, id: string): string {
  const last = view.versions(id).at(-1);
  if (last !== undefined) return last;
  throw new BatonError(
    "INVALID_ARGUMENTS",
    `remember(): there is no item "${id}" to supersede; take the id from recall() or history()`,
    { data: { issues: [{ path: "supersedes", problem: "is no item of this memory" }] } },
  );
}
