import type { Clock } from "../../core/clock.js";
import { refused } from "./refusal.js";

/** The body of a request, of which no more than the limit is ever held. */
export async function readBody(
  request: Request,
  {
    bodyBytes,
    bodyMs,
    clock,
  }: { readonly bodyBytes: number; readonly bodyMs: number; readonly clock: Clock },
): Promise<Buffer> {
  const tooLarge = () => refused("too_large", `the body is larger than ${bodyBytes} bytes: send less`);
  if (Number(request.headers.get("content-length")) > bodyBytes) throw tooLarge();
  if (request.body === null) return Buffer.alloc(0);
  const body = createBuffer(bodyBytes);
  const reader = request.body.getReader();
  let isLate = false;

  async function readAll(): Promise<Buffer> {
    for (;;) {
      const { done, value } = await reader.read().catch(brokenOff);
      if (done || isLate) return body.content();
      // Not cancelled: that would cut the connection before the sender is told. The server drops what still comes.
      if (!body.add(value)) throw tooLarge();
    }
  }

  // One race for the whole body: each would stay in memory until the time is up.
  return new Promise((resolve, reject) => {
    const cancel = clock.after(bodyMs, () => {
      isLate = true;
      reject(refused("too_slow", `the body did not come within ${bodyMs} milliseconds: send it again`));
    });
    readAll().finally(cancel).then(resolve, reject);
  });
}

/** Copies what it is given, as a chunk of one byte takes a hundred times as much, and takes no more than `most`. */
function createBuffer(most: number) {
  let buffer = Buffer.alloc(Math.min(most, 16 * 1024));
  let length = 0;
  return {
    /** False when it is too much. */
    add(chunk: Uint8Array): boolean {
      const needed = length + chunk.byteLength;
      if (needed > most) return false;
      if (needed > buffer.byteLength) {
        const larger = Buffer.alloc(Math.min(most, Math.max(needed, 2 * buffer.byteLength)));
        larger.set(buffer);
        buffer = larger;
      }
      buffer.set(chunk, length);
      length = needed;
      return true;
    },
    content: () => buffer.subarray(0, length),
  };
}

function brokenOff(cause: unknown): never {
  throw refused("malformed", "the body broke off: send it again", { cause });
}
