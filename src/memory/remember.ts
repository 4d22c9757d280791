import { type BaseMessage, type BaseMessageLike, isBaseMessage } from "@langchain/core/messages";
import type { Operation } from "@langchain/langgraph-checkpoint";
import { BatonError, reasonOf } from "../core/errors.js";
import { emitWarning } from "../core/warning.js";
import { checkKeys, checkMetadata, checkText, invalidArgument } from "./check.js";
import { composeItems, type RememberOptions } from "./compose-items.js";
import { embedMissing } from "./embed-items.js";
import { removeExpired } from "./forget.js";
import type { MemoryItem } from "./item.js";
import { LONGEST_TTL_MS, type Parts } from "./parts.js";
import { readItems } from "./read-items.js";
import { itemNamespace } from "./records.js";
import { storeFailure } from "./store-failure.js";
import { type ReadTurn, readTurn, type Turn } from "./turn.js";
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
  checkOptions(options);
  const inputs = toInputs(what);
  const turns = inputs.flatMap((input, position) => readTurn(input, position) ?? []);
  if (turns.length === 0) return [];
  const view = await parts.view();
  const items = await view.exclusive(async () => {
    const written = await compose(parts, view, turns, kind, options);
    // What this process thought to be there may have been removed by another, and is forgotten by now: once more.
    const all = written ?? (await compose(parts, view, turns, kind, options));
    if (!all)
      throw storeFailure(parts.store, "keep items in", new Error("others remove them as they are written"));
    await keepHouse(parts, view);
    return all;
  });
  await embedMissing(parts, view, items);
  return items;
}

/** Writes what is new, and answers all; nothing when some of it turns out to be gone. */
async function compose(
  parts: Parts,
  view: View,
  turns: readonly ReadTurn[],
  kind: MemoryItem["kind"],
  options: RememberOptions,
): Promise<MemoryItem[] | undefined> {
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
  return await result(parts, view, items, ids);
}

/** The items are kept already: what goes wrong here is said, and tried again with the next write. */
async function keepHouse(parts: Parts, view: View): Promise<void> {
  try {
    await flushUsage(parts, view);
    await removeExpired(parts, view);
  } catch (error) {
    emitWarning(`memory: ${reasonOf(error)}`, "STORE");
  }
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
): Promise<MemoryItem[] | undefined> {
  const known = new Map<string, MemoryItem>(items.map((item) => [item.id, item]));
  const older = ids.filter((id) => !known.has(id));
  for (const item of await readItems(parts, view, [...new Set(older)])) known.set(item.id, item);
  const found = ids.flatMap((id) => known.get(id) ?? []);
  return found.length === ids.length ? found : undefined;
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

const OPTIONS = ["threadId", "speaker", "time", "supersedes", "ttlMs", "origin", "metadata"];

function checkOptions(options: RememberOptions): void {
  checkKeys("remember", "options", options, OPTIONS);
  const { threadId, speaker, supersedes, ttlMs, origin, metadata } = options;
  checkText("remember", "threadId", threadId);
  checkText("remember", "speaker", speaker);
  checkText("remember", "supersedes", supersedes);
  checkMetadata("remember", "metadata", metadata);
  checkMetadata("remember", "origin", origin);
  if (ttlMs !== undefined && !(typeof ttlMs === "number" && ttlMs > 0 && ttlMs <= LONGEST_TTL_MS)) {
    throw invalidArgument("remember", "ttlMs", ttlMs, `a number above 0 and at most ${LONGEST_TTL_MS}`);
  }
}
