import type { KeyObject } from "node:crypto";
import type { Clock } from "../../core/clock.js";
import { BatonError, reasonOf } from "../../core/errors.js";
import { HungWrite, LONGEST_WRITE_MS } from "./hung.js";
import type { AuditHead, Entry, RecoveredEntry } from "./record.js";

/** Records that wait in memory while a log cannot be written: some megabytes. */
const MOST_KEPT = 10_000;

/** On what terms a log is written; the first audit() that uses it says. */
export interface Terms {
  readonly key: KeyObject | undefined;
  readonly clock: Clock;
  readonly warn: (warning: string) => void;
}

/** Where lines end up. Knows its own head. */
export interface Sink {
  /** For messages and `data.store`. */
  readonly name: string;
  readonly maxBatch: number;
  /** Whether a write may take longer than a moment. */
  readonly waits: boolean;
  /** Whether a write that does not end may be begun again beside it. */
  readonly repeats: boolean;
  /** Called until it succeeds. Returns what is to be written first. */
  open(terms: Terms): readonly Entry[] | Promise<readonly Entry[]>;
  /** Writes all of them or, when it throws, none. */
  write(batch: readonly Entry[]): void | Promise<void>;
  /** Works before open() too. */
  head(): AuditHead | Promise<AuditHead>;
  close(): void;
}

interface Batch {
  readonly written: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * An append-only log of records, each chained to the one before by its hash. Opened by the first call that is
 * recorded in it. Records of calls that end together are written together.
 */
export class AuditLog {
  readonly #sink: Sink;
  #terms: Terms | undefined;
  #queue: Entry[] = [];
  /** For all who wait for the next write. */
  #batch: Batch | undefined;
  #writing = false;
  #hung: HungWrite | undefined;
  #isOpen = false;
  #isBroken = false;
  #closed: Promise<void> | undefined;
  /** Stands in the queue while there is an outage to tell of. */
  #note: RecoveredEntry | undefined;

  /** Use `auditFile()` or `auditSqlite()`. */
  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** The file's path. */
  get name(): string {
    return this.#sink.name;
  }

  /** Whether a record could be written now, as far as is known. */
  get isReady(): boolean {
    return this.#isOpen && !this.#isBroken;
  }

  /** Whether waiting for a record may take longer than a moment. */
  get waits(): boolean {
    return this.#sink.waits;
  }

  /** @throws {BatonError} `CONFIG_INVALID` when it is written under another key already */
  join(terms: Terms): void {
    const known = this.#terms;
    this.#terms ??= terms;
    if (known === undefined || known.key === terms.key) return;
    if (known.key !== undefined && terms.key !== undefined && known.key.equals(terms.key)) return;
    throw new BatonError("CONFIG_INVALID", `audit(): the log '${this.name}' has another key already`, {
      data: { store: this.name },
    });
  }

  /** Resolves when the record is written. When that fails, the record is kept and written before all later ones. */
  append(entry: Entry): Promise<void> {
    if (this.#queue.length < MOST_KEPT) this.#queue.push(entry);
    else if (this.#noteOutage().lost++ === 0) {
      this.#knownTerms.warn(
        `the audit log '${this.name}' has ${MOST_KEPT} records waiting: those that follow are lost, and counted`,
      );
    }
    return this.#write();
  }

  /** Opens the log, or tries again to write what is kept. */
  recover(): Promise<void> {
    return this.#write();
  }

  /** Counts a call that was refused for want of a log. */
  countRefused(): void {
    if (this.#note) this.#note.refused++;
  }

  /**
   * The last record that is written: keep it where who can write the log cannot.
   *
   * @throws {BatonError} `STORE` when it cannot be read
   */
  async head(): Promise<AuditHead> {
    if (this.isReady && this.#queue.length > 0) await this.#write().catch(() => {});
    try {
      return await this.#sink.head();
    } catch (cause) {
      const problem = `the audit log '${this.name}' cannot be read: ${reasonOf(cause)}`;
      throw new BatonError("STORE", problem, { cause, data: { store: this.name } });
    }
  }

  /**
   * Writes what waits, and lets the log go. Calls that come later are refused.
   *
   * @throws {BatonError} `STORE` when records could not be written and are lost
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    try {
      if (this.#isOpen || this.#queue.length > 0) await this.#write();
    } catch (cause) {
      const lost = this.#queue.filter(({ event }) => event === "call").length;
      if (lost === 0) return;
      const problem = `the audit log '${this.name}' was closed, and ${lost} records are lost`;
      throw new BatonError("STORE", `${problem}: ${reasonOf(cause)}`, { cause, data: { store: this.name } });
    } finally {
      this.#isOpen = false;
      this.#sink.close();
    }
  }

  #write(): Promise<void> {
    if (this.#batch === undefined) {
      this.#batch = createBatch();
      // After all that is ready to run: calls that end together cost one write.
      if (!this.#writing) process.nextTick(() => void this.#drain());
    }
    return this.#batch.written;
  }

  async #drain(): Promise<void> {
    if (this.#writing) return;
    this.#writing = true;
    for (let batch = this.#batch; batch !== undefined; batch = this.#batch) {
      this.#batch = undefined;
      try {
        await this.#writeQueue();
        batch.resolve();
      } catch (error) {
        this.#failed(error);
        batch.reject(error);
      }
    }
    this.#writing = false;
  }

  async #writeQueue(): Promise<void> {
    if (!this.#isOpen) {
      if (this.#closed) throw new Error("it was closed");
      this.#queue.unshift(...(await this.#sink.open(this.#knownTerms)));
      this.#isOpen = true;
    }
    if (this.#hung) throw this.#stillHung(this.#hung);
    for (let left = this.#queue.length; left > 0; ) {
      if (this.#note) this.#note.time = this.#now();
      const part = this.#queue.slice(0, Math.min(left, this.#sink.maxBatch));
      const written = this.#sink.write(part);
      if (written) await this.#inTime(part, written);
      this.#wrote(part);
      left -= part.length;
    }
    this.#isBroken = false;
  }

  #wrote(part: readonly Entry[]): void {
    this.#queue.splice(0, part.length);
    this.#letNoteGo(part);
  }

  #letNoteGo(part: readonly Entry[]): void {
    if (this.#note && part.includes(this.#note)) this.#note = undefined;
  }

  /** Rejects when the write takes too long. */
  async #inTime(part: readonly Entry[], written: Promise<void>): Promise<void> {
    const { clock } = this.#knownTerms;
    let cancelTimer: () => void = () => {};
    const late = new Promise<never>((_, reject) => {
      cancelTimer = clock.after(LONGEST_WRITE_MS, () => {
        // It may be kept as it is, so what happens from now on gets a note of its own.
        this.#letNoteGo(part);
        this.#hangs(part, written);
        reject(new Error(`a write has not ended within ${LONGEST_WRITE_MS} ms`));
      });
    });
    try {
      await Promise.race([written, late]);
    } finally {
      cancelTimer();
    }
  }

  #hangs(part: readonly Entry[], written: Promise<void>): void {
    const hung = new HungWrite(part, this.#knownTerms.clock, (isWritten) => {
      // The first attempt that succeeds counts for all of them.
      if (this.#hung !== hung) return;
      this.#hung = undefined;
      if (isWritten) this.#wrote(part);
    });
    hung.watch(written);
    this.#hung = hung;
  }

  /** Begins the write once more when it is time to. Nobody waits for that: it takes as long, as far as is known. */
  #stillHung(hung: HungWrite): Error {
    if (this.#sink.repeats && hung.isDue) hung.watch(Promise.resolve(this.#sink.write(hung.part)));
    return new Error("a write has not ended, and may do so yet");
  }

  #failed(cause: unknown): void {
    const note = this.#noteOutage();
    note.late = this.#queue.length - 1;
    if (this.#isBroken) return;
    this.#isBroken = true;
    const kept = note.late === 0 ? "" : `; records are kept in memory until it can`;
    this.#knownTerms.warn(`the audit log '${this.name}' cannot be written: ${reasonOf(cause)}${kept}`);
  }

  #noteOutage(): RecoveredEntry {
    if (this.#note === undefined) {
      const time = this.#now();
      this.#note = {
        event: "recovered",
        late: 0,
        lost: 0,
        previous: "",
        refused: 0,
        sequence: 0,
        since: time,
        time,
      };
      this.#queue.push(this.#note);
    }
    return this.#note;
  }

  get #knownTerms(): Terms {
    if (this.#terms === undefined) throw new Error("no audit() uses it");
    return this.#terms;
  }

  #now(): string {
    return new Date(this.#knownTerms.clock.now()).toISOString();
  }
}

function createBatch(): Batch {
  let resolve: () => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const written = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { written, resolve, reject };
}
