import { createLineReader } from "./lines.js";

const CARRIAGE_RETURN = 13;

/** What becomes of the events of one stream. None of them may throw. */
export interface EventJudge {
  /** The data of a message: what is handed on in its place, undefined for nothing. */
  readonly onData: (data: string) => string | undefined;
  /** An event has passed the limit. Data is handed on as the last of the stream; without any, the event is passed over. */
  readonly onLimit: (head: string) => string | undefined;
  /** An event that was passed over has come to its end. */
  readonly onOversize: (head: string, tail: string) => void;
}

/**
 * A stream of server-sent events of which no event is held that is longer than `maxBytes`, each looked at before it is
 * handed on. Ids and retry times pass; comments, which only keep a connection alive, do not.
 */
export function filterEvents(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
  judge: EventJudge,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const events = createEventReader(maxBytes, judge);
  const encoder = new TextEncoder();
  return new ReadableStream(
    {
      async pull(controller) {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) return controller.close();
          const { text, ended } = events.read(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
          if (text !== "") controller.enqueue(encoder.encode(text));
          if (ended) {
            controller.close();
            return reader.cancel();
          }
          if (text !== "") return;
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

function createEventReader(maxBytes: number, judge: EventJudge) {
  let fields: string[] = [];
  let data: string[] = [];
  let size = 0;
  let out = "";
  let droppedHead: string | undefined;
  let droppedTail = "";
  let ended = false;

  const emit = (text: string | undefined, kept: readonly string[] = []): void => {
    const lines = text?.split("\n").map((line) => `data: ${line}`) ?? [];
    if (kept.length + lines.length > 0) out += `${[...kept, ...lines].join("\n")}\n\n`;
  };
  const drop = (head: string): void => {
    if (ended || droppedHead !== undefined) return;
    droppedHead = head;
    data = [];
    const last = judge.onLimit(head);
    if (last === undefined) return;
    emit(last);
    ended = true;
  };
  const add = (line: string): void => {
    if (ended || droppedHead !== undefined || line.startsWith(":")) return;
    size += line.length;
    // Many lines of data are one event.
    if (size > maxBytes) drop(data[0] ?? line);
    else if (line.startsWith("data:")) data.push(line.slice(line[5] === " " ? 6 : 5));
    else fields.push(line);
  };
  const finish = (): void => {
    if (ended) return;
    const isMessage = !fields.some(
      (field) => field.startsWith("event:") && field.slice(6).trim() !== "message",
    );
    if (droppedHead !== undefined) judge.onOversize(droppedHead, droppedTail);
    else {
      const kept = fields.filter((field) => !isMessage || !field.startsWith("event"));
      const text = data.length === 0 ? undefined : data.join("\n");
      // Empty data comes with an id to resume from.
      emit(isMessage && text ? judge.onData(text) : text, kept);
    }
    fields = [];
    data = [];
    size = 0;
    droppedHead = undefined;
    droppedTail = "";
  };

  let isFirst = true;
  let isAfterReturn = false;
  /** A carriage return ends a line too, alone or before a newline. */
  const withNewlines = (chunk: Buffer): Buffer => {
    if (!isAfterReturn && !chunk.includes(CARRIAGE_RETURN)) return chunk;
    const text = chunk.toString("latin1");
    const rest = isAfterReturn && text.startsWith("\n") ? text.slice(1) : text;
    isAfterReturn = chunk.at(-1) === CARRIAGE_RETURN;
    return Buffer.from(rest.replace(/\r\n?/g, "\n"), "latin1");
  };
  const readLine = createLineReader(maxBytes, {
    onLine: (line) => {
      const text = isFirst ? line.replace(/^\uFEFF/, "") : line;
      isFirst = false;
      add(text);
    },
    onBlank: finish,
    onLimit: drop,
    onOversize: ({ tail }) => {
      droppedTail = tail;
    },
  });
  return {
    /** What is to be handed on of a chunk, and whether the stream ends with it. */
    read(chunk: Buffer): { readonly text: string; readonly ended: boolean } {
      out = "";
      readLine(withNewlines(chunk));
      return { text: out, ended };
    },
  };
}
