import { emitWarning } from "../core/warning.js";
import type { MemoryItem } from "./item.js";
import { below, encodeLabel } from "./namespace.js";

/** How often an item was found, kept apart from it: counting must never overwrite what was said. */
export interface Usage {
  readonly hits: number;
  /** ISO 8601. */
  readonly lastHitAt: string;
  readonly savedAt: number;
}

/** A vector as a store keeps it: float32 in base64, a third of its length as JSON numbers. */
export interface StoredVector {
  readonly vector: string;
  /** The model that made it: vectors of different models cannot be compared. */
  readonly model: string;
  readonly savedAt: number;
}

interface Values {
  readonly item: MemoryItem;
  readonly usage: Usage;
  readonly vector: StoredVector;
}

/** What memory keeps in a store: an item, and beside it, under the same key, its usage and vector. */
export type StoredRecord = {
  readonly [Kind in keyof Values]: {
    readonly kind: Kind;
    readonly key: string;
    /** `undefined` when it was deleted. */
    readonly value: Values[Kind] | undefined;
  };
}[keyof Values];

/** No label that a user gives is ever encoded as one of these: there `=` is followed by digits. */
const THREADS = "=threads";
const FACTS = "=facts";
const USAGE = "=usage";
const VECTORS = "=vectors";

/** Where an item lies below the memory's namespace: each thread for itself, so that it can be looked at and removed. */
export function itemNamespace(
  root: readonly string[],
  { kind, threadId }: Pick<MemoryItem, "kind" | "threadId">,
): string[] {
  return kind === "fact" ? [...root, FACTS] : [...root, THREADS, encodeLabel(threadId)];
}

export function usageNamespace(root: readonly string[]): string[] {
  return [...root, USAGE];
}

export function vectorNamespace(root: readonly string[]): string[] {
  return [...root, VECTORS];
}

/** What lies there; `undefined` for what is not this memory's own. */
export function kindOf(
  root: readonly string[],
  namespace: readonly string[],
): StoredRecord["kind"] | undefined {
  const [first, ...rest] = below(root, namespace) ?? [];
  if (first === THREADS) return rest.length === 1 ? "item" : undefined;
  if (rest.length > 0) return undefined;
  if (first === FACTS) return "item";
  if (first === USAGE) return "usage";
  return first === VECTORS ? "vector" : undefined;
}

/** What a record of the store is; `undefined` for what is not memory's own, or damaged. */
export function toRecord(
  root: readonly string[],
  record: {
    readonly namespace: readonly string[];
    readonly key: string;
    readonly value?: Record<string, unknown>;
  },
): StoredRecord | undefined {
  const kind = kindOf(root, record.namespace);
  if (kind === undefined) return undefined;
  const { key, value } = record;
  if (value === undefined || CHECKS[kind](value, key)) return { kind, key, value } as unknown as StoredRecord;
  const place = record.namespace.join("/");
  emitWarning(
    `memory: the record '${key}' in ${place} is left out, as it is not of memory's form`,
    "LEFT_OUT",
  );
  return undefined;
}

type Value = Readonly<Record<string, unknown>>;

/** What the rest of memory relies on. Anybody may write to a store. */
const CHECKS: Readonly<Record<StoredRecord["kind"], (value: Value, key: string) => boolean>> = {
  item: ({ id, text, kind, role, speaker, threadId, time, sequence, tokens, origin }, key) =>
    id === key &&
    typeof text === "string" &&
    (kind === "message" || kind === "fact") &&
    typeof role === "string" &&
    (speaker === undefined || typeof speaker === "string") &&
    typeof threadId === "string" &&
    typeof time === "string" &&
    typeof sequence === "number" &&
    typeof tokens === "number" &&
    typeof origin === "object" &&
    origin !== null,
  usage: ({ hits }) => typeof hits === "number",
  vector: ({ vector, model }) => typeof vector === "string" && typeof model === "string",
};
