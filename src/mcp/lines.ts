const NEWLINE = 10;
const KEPT_OF_A_LONG_LINE = 1024;

/** A line that was dropped: its length, its first and its last bytes. */
export interface OversizeLine {
  readonly bytes: number;
  readonly head: string;
  readonly tail: string;
}

/** What a {@link createLineReader} reports. None of them may throw. */
export interface LineHandlers {
  readonly onLine: (line: string) => void;
  /** A line of nothing but white space. */
  readonly onBlank?: () => void;
  /** A line has passed the limit and will be dropped; `head` is its start. */
  readonly onLimit?: (head: string) => void;
  /** A line that passed the limit has come to its end. */
  readonly onOversize: (line: OversizeLine) => void;
}

/**
 * Cuts a stream of chunks into lines. Chunks are kept in a list and joined once per line, so that a message of
 * many chunks costs linear time, and a line over `maxBytes` is passed over without being held in memory.
 */
export function createLineReader(maxBytes: number, handlers: LineHandlers): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let bytes = 0;
  let head: Buffer | undefined;
  let tail = Buffer.alloc(0);

  const keep = (part: Buffer): void => {
    if (part.length === 0) return;
    bytes += part.length;
    if (head === undefined && bytes <= maxBytes) {
      parts.push(part);
      return;
    }
    if (head === undefined) {
      // A copy, or it would hold on to the whole.
      head = Buffer.from(Buffer.concat([...parts, part]).subarray(0, KEPT_OF_A_LONG_LINE));
      parts = [];
      handlers.onLimit?.(head.toString("utf8"));
    }
    tail = Buffer.concat([tail, part.subarray(-KEPT_OF_A_LONG_LINE)]).subarray(-KEPT_OF_A_LONG_LINE);
  };

  const finish = (): void => {
    if (head !== undefined) {
      handlers.onOversize({ bytes, head: head.toString("utf8"), tail: tail.toString("utf8") });
    } else {
      const only = parts.length === 1 ? parts[0] : Buffer.concat(parts, bytes);
      const line = (only ?? tail).toString("utf8");
      if (line.trim() !== "") handlers.onLine(line);
      else handlers.onBlank?.();
    }
    parts = [];
    bytes = 0;
    head = undefined;
    tail = Buffer.alloc(0);
  };

  return (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      keep(chunk.subarray(start, end));
      finish();
      start = end + 1;
    }
    keep(chunk.subarray(start));
  };
}
