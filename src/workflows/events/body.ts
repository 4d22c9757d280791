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
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let cancel = (): void => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(bodyMs, () =>
      reject(refused("too_slow", `the body did not come within ${bodyMs} milliseconds: send it again`)),
    );
  });
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read().catch(brokenOff), late]);
      if (done) return Buffer.concat(chunks);
      bytes += value.byteLength;
      // Not cancelled: that would cut the connection before the sender is told. The server drops what still comes.
      if (bytes > bodyBytes) throw tooLarge();
      chunks.push(value);
    }
  } finally {
    cancel();
  }
}

function brokenOff(cause: unknown): never {
  throw refused("malformed", "the body broke off: send it again", { cause });
}
