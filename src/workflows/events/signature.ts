import { createHmac, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../core/clock.js";
import { refused } from "./refusal.js";

/** How far a sender's clock may be off. */
const TOLERANCE_MS = 5 * 60_000;
const FEWEST_BYTES = 24;
/** Of an HMAC-SHA-256. */
const SIGNATURE_BYTES = 32;

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
    const { id, timestamp, signatures } = readSignature(headers);
    const isSigned = keys.some((key) => {
      const expected = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();
      return signatures.some((each) => timingSafeEqual(each, expected));
    });
    if (!isSigned) throw badSignature();
    // After the signature, so that a stranger learns nothing of this machine's time.
    if (Math.abs(clock.now() - Number(timestamp) * 1000) > TOLERANCE_MS) {
      const cure = "sign each attempt anew, and check the sender's time";
      throw refused("stale", `webhook-timestamp is more than 5 minutes off: ${cure}`);
    }
  };
}

/**
 * What the headers say of a signature. Needs no body, so that what nobody can have signed is refused before it is read.
 *
 * @throws {BatonError} as {@link Verify} when one of them is missing, or has another form
 */
export function readSignature(headers: Headers): {
  readonly id: string;
  readonly timestamp: string;
  readonly signatures: readonly Buffer[];
} {
  const id = headers.get("webhook-id") ?? "";
  const timestamp = headers.get("webhook-timestamp") ?? "";
  const signatures = (headers.get("webhook-signature") ?? "")
    .split(" ")
    .flatMap((each) => (each.startsWith("v1,") ? [Buffer.from(each.slice(3), "base64")] : []))
    .filter(({ length }) => length === SIGNATURE_BYTES);
  if (id === "" || !/^\d{1,12}$/.test(timestamp) || signatures.length === 0) throw badSignature();
  return { id, timestamp, signatures };
}

function badSignature(): Error {
  const cure = "sign with one of this endpoint's secrets, as Standard Webhooks says";
  return refused("bad_signature", `the signature is missing or wrong: ${cure}`);
}
