import { BlockList, isIP } from "node:net";
import { type Entry, orAllow } from "./fields.js";
import { isSecretName } from "./secrets.js";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8);
loopback.addAddress("::1", "ipv6");

// Cloud machines give out their credentials here, to whoever asks from the inside. The last three hold
// 169.254.0.0/16 in IPv6: as NAT64, 6to4 and the old IPv4-compatible form.
const linkLocal = new BlockList();
linkLocal.addSubnet("169.254.0.0", 16);
linkLocal.addAddress("100.100.100.200");
linkLocal.addAddress("168.63.129.16");
linkLocal.addSubnet("fe80::", 10, "ipv6");
linkLocal.addAddress("fd00:ec2::254", "ipv6");
linkLocal.addSubnet("64:ff9b::169.254.0.0", 112, "ipv6");
linkLocal.addSubnet("2002:a9fe::", 32, "ipv6");
linkLocal.addSubnet("::169.254.0.0", 112, "ipv6");

const metadataHosts = new Set([
  "metadata.google.internal",
  "metadata.goog",
  "metadata",
  "instance-data.ec2.internal",
]);

/** Whether a URL stays on this machine. */
export function isLoopback(url: URL): boolean {
  const host = hostOf(url);
  return host === "localhost" || host.endsWith(".localhost") || isIn(loopback, host);
}

/** Whether anyone on the way can read what is sent there. */
export function isExposed(url: URL): boolean {
  return url.protocol === "http:" && !isLoopback(url);
}

/** Checks a server's address, in which every variable is replaced. `undefined` when it is none. */
export function checkUrl(entry: Entry, field: string, text: string): URL | undefined {
  const { fault, warn } = entry.findings;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) {
    fault([field], "is not a URL", "Write it in full, as in https://example.com/mcp");
    return undefined;
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    const socket = url.protocol === "ws:" || url.protocol === "wss:";
    const problem = socket
      ? "is a WebSocket address, which MCP servers seldom have"
      : "is neither http nor https";
    fault(
      [field],
      problem,
      "Write the server's https:// address; a local program needs `command`, not a URL",
    );
    return undefined;
  }
  if (url.username !== "" || url.password !== "") {
    fault(
      [field],
      "holds a user name or password",
      "Move it into `headers`, as in Authorization: Basic ${CREDENTIAL}",
    );
  }
  if (isMetadata(url) && !entry.allows("link-local")) {
    const fix = `Write the server's own address${orAllow("link-local")}`;
    fault([field], "points to a link-local or cloud metadata address, where credentials lie open", fix);
  }
  const named = [...url.searchParams].some(([name, value]) => value !== "" && isSecretName(name));
  if (named && !entry.allows("secret-in-url")) {
    const fix = `Move it into \`headers\`, if the server allows that${orAllow("secret-in-url")}`;
    fault([field], "has a secret in its query, and addresses end up in logs", fix);
  }
  if (isExposed(url) && !entry.disabled)
    warn([field], "is plain http: anyone on the way can change what the server says.");
  return url;
}

function isMetadata(url: URL): boolean {
  return metadataHosts.has(hostOf(url)) || isIn(linkLocal, hostOf(url));
}

/** Lower case, without IPv6 brackets and the root's dot. Octal, hexadecimal and decimal IPv4 are normal already. */
function hostOf(url: URL): string {
  return url.hostname.toLowerCase().replace(/^\[|\]$|\.$/g, "");
}

function isIn(list: BlockList, host: string): boolean {
  const version = isIP(host);
  return version !== 0 && list.check(host, version === 6 ? "ipv6" : "ipv4");
}
