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

/** Where an item lies below the memory's namespace: each thread for itself, so that it can be looked at and removed. */
export function itemNamespace(
  root: readonly string[],
  { kind, threadId }: Pick<MemoryItem, "kind" | "threadId">,
): string[] {
  return kind === "fact" ? [...root, "facts"] : [...root, "threads", encodeLabel(threadId)];
}

export function usageNamespace(root: readonly string[]): string[] {
  return [...root, "usage"];
}

export function vectorNamespace(root: readonly string[]): string[] {
  return [...root, "vectors"];
}

export function isItem(root: readonly string[], namespace: readonly string[]): boolean {
  const kind = namespace[root.length];
  return kind === "threads" || kind === "facts";
}

/** What a record of the store is; `undefined` for what is not memory's own. */
export function toRecord(
  root: readonly string[],
  record: {
    readonly namespace: readonly string[];
    readonly key: string;
    readonly value?: Record<string, unknown>;
  },
): StoredRecord | undefined {
  const [first, ...rest] = below(root, record.namespace) ?? [];
  const { key } = record;
  const value = record.value as never;
  if (first === "threads" && rest.length === 1) return { kind: "item", key, value };
  if (rest.length > 0) return undefined;
  if (first === "facts") return { kind: "item", key, value };
  if (first === "usage") return { kind: "usage", key, value };
  return first === "vectors" ? { kind: "vector", key, value } : undefined;
}
