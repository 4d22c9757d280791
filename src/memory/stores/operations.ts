import type {
  GetOperation,
  ListNamespacesOperation,
  Operation,
  PutOperation,
  SearchOperation,
} from "@langchain/langgraph-checkpoint";
import { BatonError, reasonOf } from "../../core/errors.js";
import { type Filter, toFilter } from "./filter.js";
import { checkNamespace, encodeAddress, listPage } from "./namespaces.js";
import { type Page, pageOf } from "./page.js";

const SEARCH_LIMIT = 10;

/** A search, checked: what is wrong with it was said before anything was read. */
export interface Search extends Page {
  readonly prefix: readonly string[];
  readonly passes: Filter;
  /** Whether every value passes, so that none has to be looked at. */
  readonly isUnfiltered: boolean;
  readonly query: string | undefined;
}

export type Read =
  | { readonly kind: "get"; readonly at: number; readonly operation: GetOperation }
  | { readonly kind: "search"; readonly at: number; readonly search: Search }
  | { readonly kind: "list"; readonly at: number; readonly operation: ListNamespacesOperation };

/** A put, or with `json: null` a deletion. A copy: what the caller changes afterwards is not written. */
export interface Write {
  readonly namespace: readonly string[];
  readonly key: string;
  readonly json: string | null;
  readonly index: false | readonly string[] | undefined;
}

/** A batch in the order in which it takes effect: all reads, which see nothing of the writes, then all writes. */
export interface Batch {
  /** `at` says which place of the answer is theirs; those of writes stay `null`. */
  readonly reads: readonly Read[];
  /** One for each namespace and key: the last. */
  readonly writes: readonly Write[];
}

/**
 * Tells the operations of a batch apart and checks all of them, so that a batch with a fault does nothing.
 *
 * @throws InvalidNamespaceError, as LangGraph's `put()` does
 * @throws BatonError `INVALID_ARGUMENTS` for what is no operation, a value that is no JSON object, a bad filter or page
 */
export function toBatch(operations: readonly Operation[]): Batch {
  const reads: Read[] = [];
  const writes = new Map<string, Write>();
  operations.forEach((operation, at) => {
    if ("namespacePrefix" in operation) reads.push({ kind: "search", at, search: toSearch(operation) });
    else if ("value" in operation) {
      const write = toWrite(operation);
      writes.set(encodeAddress(write.namespace, write.key), write);
    } else if ("key" in operation) {
      checkLabels(operation.namespace);
      checkKey(operation.key);
      reads.push({ kind: "get", at, operation });
    } else if ("namespace" in operation) throw invalid("an operation of a batch has a namespace and no key");
    else {
      listPage(operation);
      reads.push({ kind: "list", at, operation });
    }
  });
  return { reads, writes: [...writes.values()] };
}

function toSearch(operation: SearchOperation): Search {
  const { namespacePrefix, filter, query } = operation;
  checkLabels(namespacePrefix);
  const isUnfiltered = Object.keys(filter ?? {}).length === 0;
  return {
    prefix: [...namespacePrefix],
    passes: toFilter(filter),
    isUnfiltered,
    query,
    ...pageOf(operation, SEARCH_LIMIT),
  };
}

function toWrite({ namespace, key, value, index }: PutOperation): Write {
  checkKey(key);
  if (value === null) checkLabels(namespace);
  else checkNamespace(namespace);
  const json = value === null ? null : toJson(key, value);
  return { namespace: [...namespace], key, json, index };
}

function toJson(key: string, value: unknown): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (error) {
    throw invalid(`the value of '${key}' is no JSON: ${reasonOf(error)}`, error);
  }
  if (!json?.startsWith("{")) throw invalid(`the value of '${key}' is no JSON object`);
  return json;
}

function checkKey(key: unknown): void {
  if (typeof key !== "string") throw invalid("a key has to be text");
}

function checkLabels(namespace: unknown): void {
  if (!Array.isArray(namespace) || !namespace.every((label) => typeof label === "string"))
    throw invalid("a namespace has to be a list of labels, all text");
}

function invalid(message: string, cause?: unknown): BatonError {
  return new BatonError("INVALID_ARGUMENTS", message, { cause, data: { issues: [message] } });
}
