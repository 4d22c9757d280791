import { secretBag } from "./config/secrets.js";
import type { ServerConfig } from "./server-config.js";

/** What no message about this server may show: what its file named, and the headers of an entry made in code. */
export function secretsOf(config: ServerConfig): readonly string[] {
  if (!("headers" in config)) return config.secrets;
  const bag = secretBag();
  for (const [name, value] of Object.entries(config.headers)) bag.header(name, value);
  return [...config.secrets, ...bag.list()];
}

/**
 * Replaces every secret in a text by `***`. Secrets are taken literally, and one that overlaps another leaves
 * no rest behind. A server's own are in its `secrets`.
 */
export function redact(text: string, secrets: readonly string[]): string {
  const spans = secrets.flatMap((secret) => findAll(text, secret)).sort((a, b) => a.start - b.start);
  let clean = "";
  let end = 0;
  for (const span of spans) {
    if (span.start >= end) clean += `${text.slice(end, span.start)}***`;
    end = Math.max(end, span.end);
  }
  return clean + text.slice(end);
}

function findAll(text: string, secret: string): { start: number; end: number }[] {
  const spans: { start: number; end: number }[] = [];
  if (secret === "") return spans;
  for (let start = text.indexOf(secret); start !== -1; start = text.indexOf(secret, start + 1)) {
    spans.push({ start, end: start + secret.length });
  }
  return spans;
}
