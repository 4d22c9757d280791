import type { KeyObject } from "node:crypto";
import type { Sink } from "./log.js";
import { AuditLog } from "./log.js";
import { type AuditHead, type AuditRecord, GENESIS, seal } from "./record.js";

/**
 * Takes one record after the other. When it throws, rejects or takes more than ten seconds, it gets the same record
 * again later: it may then keep it twice, with the same `sequence` and `hash`.
 */
export type AuditFunction = (record: AuditRecord) => void | Promise<void>;

/** A log in which a function keeps the records. The chain starts with the process. */
export function auditFunction(keep: AuditFunction): AuditLog {
  let key: KeyObject | undefined;
  let head: AuditHead = GENESIS;
  const sink: Sink = {
    name: keep.name || "function",
    // What one record fails with says nothing of those before it.
    maxBatch: 1,
    waits: true,
    repeats: true,
    open(terms) {
      key = terms.key;
      return [];
    },
    async write([entry]) {
      if (entry === undefined) return;
      const sealed = seal(entry, head, key);
      await keep(Object.freeze({ ...entry, hash: sealed.head.hash }));
      // A record that was given twice can end twice, and the second time after those that follow it.
      if (sealed.head.sequence > head.sequence) head = sealed.head;
    },
    head: () => head,
    close() {},
  };
  return new AuditLog(sink);
}
