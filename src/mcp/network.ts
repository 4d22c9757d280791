const NETWORK = /^(E[A-Z]+|UND_ERR_\w+)$/;
const CERTIFICATE = /^(CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;
/** Failures that happen before a byte of the request was sent. */
const NEVER_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** What the network says of an error, and how far the request had come. */
export interface NetworkFailure {
  readonly code: string;
  readonly kind: "never sent" | "certificate" | "broken";
}

/** The network's failure in an error, wherever in the chain of causes it stands; undefined when it is of another kind. */
export function networkFailure(error: unknown): NetworkFailure | undefined {
  for (const { code } of causes(error) as readonly NodeJS.ErrnoException[]) {
    if (typeof code !== "string") continue;
    if (CERTIFICATE.test(code)) return { code, kind: "certificate" };
    if (NETWORK.test(code)) return { code, kind: NEVER_SENT.has(code) ? "never sent" : "broken" };
  }
  return undefined;
}

/** An error and what caused it: the SDK wraps what fetch threw, and fetch wraps what the socket said. */
export function causes(error: unknown): readonly Error[] {
  const chain: Error[] = [];
  for (let at = error; at instanceof Error && chain.length < 6; ) {
    chain.push(at);
    at = at.cause ?? (at instanceof AggregateError ? at.errors[0] : undefined);
  }
  return chain;
}
