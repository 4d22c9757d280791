import { createHmac, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../core/clock.js";
import { refused } from "./refusal.js";

/** How far a sender's clock may be off. */
const TOLERANCE_MS = 5 * 60_000;
const FEWEST_BYTES = 24;

/** The key in a secret of Standard Webhooks, `whsec_` and base64 of 24 bytes or more; undefined for any other text. */
export function secretKey(secret: string): Buffer | undefined {
  const [, base64] = /^whsec_([A-Za-z\d+/]+={0,2})$/.exec(secret) ?? [];
  const key = Buffer.from(base64 ?? "", "base64");
  return key.length >= FEWEST_BYTES ? key : undefined;
}

/** Throws unless a request was signed, recently, with one of the secrets. */
export type Verify = (headers: Headers, body: Uint8Array) => void;

/**
 * Checks signatures of Standard Webhooks, version 1: an HMAC-SHA-256 of id, time and the body's very bytes. Several keys
 * count at once, so that a secret can be changed without a gap.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function createVerify(keys: readonly Buffer[], clock: Clock): Verify {
  return function verify(headers, body) {
    const id = headers.get("webhook-id") ?? "";
    const timestamp = headers.get("webhook-timestamp") ?? "";
    const given = (headers.get("webhook-signature") ?? "")
      .split(" ")
      .flatMap((each) => (each.startsWith("v1,") ? [Buffer.from(each.slice(3), "base64")] : []));
    const isSigned =
      id !== "" &&
      /^\d{1,12}$/.test(timestamp) &&
      keys.some((key) => {
        const expected = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();
        return given.some((each) => each.length === expected.length && timingSafeEqual(each, expected));
      });
    if (!isSigned) {
      const cure = "sign with one of this endpoint's secrets, as Standard Webhooks says";
      throw refused("bad_signature", `the signature is missing or wrong: ${cure}`);
    }
    // After the signature, so that a stranger learns nothing of this machine's time.
    if (Math.abs(clock.now() - Number(timestamp) * 1000) > TOLERANCE_MS) {
      const cure = "sign each attempt anew, and check the sender's time";
      throw refused("stale", `webhook-timestamp is more than 5 minutes off: ${cure}`);
    }
  };
}
