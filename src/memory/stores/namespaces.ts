import {
  InvalidNamespaceError,
  type ListNamespacesOperation,
  type MatchCondition,
} from "@langchain/langgraph-checkpoint";
import { type Page, pageOf } from "./page.js";

const LIST_LIMIT = 100;

/**
 * Refuses what LangGraph's `put()` refuses, which a batch does not pass through.
 *
 * @throws InvalidNamespaceError
 */
export function checkNamespace(namespace: readonly string[]): void {
  const refuse = (why: string): never => {
    throw new InvalidNamespaceError(`namespace ${JSON.stringify(namespace)} cannot be written to: ${why}`);
  };
  if (!Array.isArray(namespace) || namespace.length === 0)
    refuse("it has to be a list of at least one label");
  for (const label of namespace) {
    if (typeof label !== "string") refuse("its labels have to be text");
    if (label === "") refuse("a label is empty");
    if (label.includes(".")) refuse(`label '${label}' has a period`);
  }
  if (namespace[0] === "langgraph") refuse("root 'langgraph' belongs to LangGraph");
}

/** Label by label: `["acme"]` is a prefix of `["acme", "ann"]` and not of `["acme-corp"]`. */
export function isPrefix(prefix: readonly string[], namespace: readonly string[]): boolean {
  return prefix.length <= namespace.length && prefix.every((label, at) => label === namespace[at]);
}

/**
 * A namespace as one text: no two are alike, and one that starts with another's text lies below it. JSON, as that
 * ends each label without doubt, and keeps NUL and halves of surrogate pairs, which databases lose.
 */
export function encodeNamespace(namespace: readonly string[]): string {
  return namespace.map((label) => `${JSON.stringify(label)},`).join("");
}

export function decodeNamespace(text: string): string[] {
  return JSON.parse(`[${text.slice(0, -1)}]`) as string[];
}

/** A namespace and a key as one text: no two pairs are alike. */
export function encodeAddress(namespace: readonly string[], key: string): string {
  return encodeNamespace(namespace) + JSON.stringify(key);
}

/** What `listNamespaces()` answers, from all namespaces that hold an item: each one once, in whatever order. */
export function listNamespaces(
  namespaces: Iterable<readonly string[]>,
  operation: ListNamespacesOperation,
): string[][] {
  const { offset, limit } = listPage(operation);
  const { matchConditions = [], maxDepth } = operation;
  const found = new Map<string, string[]>();
  for (const namespace of namespaces) {
    if (!matchConditions.every((condition) => matches(condition, namespace))) continue;
    const shown = namespace.slice(0, maxDepth);
    found.set(encodeNamespace(shown), shown);
  }
  return [...found.values()].sort(compare).slice(offset, offset + limit);
}

export function listPage(operation: ListNamespacesOperation): Page {
  return pageOf(operation, LIST_LIMIT);
}

function matches({ matchType, path }: MatchCondition, namespace: readonly string[]): boolean {
  const from = matchType === "prefix" ? 0 : namespace.length - path.length;
  return (
    path.length <= namespace.length &&
    path.every((label, at) => label === "*" || label === namespace[from + at])
  );
}

/** By UTF-16 code units, label by label, so that the order is the same on every machine. */
function compare(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((label, index) => label !== b[index]);
  if (at === -1) return a.length - b.length;
  const other = b[at];
  return other === undefined || (a[at] ?? "") > other ? 1 : -1;
}
