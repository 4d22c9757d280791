/** What is known of one key. */
export interface IdempotencyRecord {
  /** "unknown": it ran and failed in a way that leaves open whether it had its effect. */
  readonly state: "running" | "finished" | "unknown";
  /** Whose run it is; only he changes the record. */
  readonly owner: string;
  /** Hash of the arguments. */
  readonly args: string;
  /** When the record was written, in milliseconds since the epoch. */
  readonly at: number;
  /** A run that is not over by then has crashed. */
  readonly leaseUntil: number;
  /** The record counts as gone from then on. */
  readonly expiresAt: number;
  /** The result as JSON, when finished. */
  readonly result?: string;
}

export type MaybePromise<T> = T | Promise<T>;

/** Where keys are remembered. Each method throws or rejects when it cannot tell whether it did what it should. */
export interface IdempotencyStore {
  /** For error messages, as in "redis". */
  readonly name: string;
  /**
   * In one step that no other process can come between: writes the record when there is none under this key, or one
   * that had expired at `record.at`; else returns the one that is there.
   */
  begin(key: string, record: IdempotencyRecord): MaybePromise<IdempotencyRecord | undefined>;
  /** Replaces the record of the same owner; does nothing when it is gone or another's. */
  finish(key: string, record: IdempotencyRecord): MaybePromise<void>;
  /** Removes the record, only this owner's when one is given. */
  forget(key: string, owner?: string): MaybePromise<void>;
}
