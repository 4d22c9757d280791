import { type Fields, readText } from "./fields.js";
import { nearest } from "./keys.js";

type Transport =
  | { readonly type: "stdio" }
  | { readonly type: "http" | "sse" | "auto"; readonly urlKey: string };

const urlKeys = ["url", "httpUrl", "serverUrl"] as const;

// As hosts write them. They are compared without case, hyphens and underscores.
const words = ["stdio", "local", "http", "streamable-http", "sse", "remote"];

const meanings: Readonly<Record<string, Transport["type"]>> = {
  stdio: "stdio",
  local: "stdio",
  http: "http",
  streamablehttp: "http",
  sse: "sse",
  remote: "auto",
};

/** Says how a server is reached: by the word in `type` or `transport`, else by what the entry has. */
export function readTransport(fields: Fields): Transport | undefined {
  const { value, findings } = fields;
  const [urlKey, second] = urlKeys.filter((key) => value[key] !== undefined);
  const hasCommand = value.command !== undefined;
  const word = readWord(fields);
  if (value.extends !== undefined) {
    findings.fault(
      ["extends"],
      "is not supported: an entry stands for itself",
      "Copy what it needs from the other entry",
    );
  }
  if (second !== undefined) {
    findings.fault(
      [second],
      `is a second address beside ${urlKey}`,
      "Keep the one that the server answers at",
    );
    return undefined;
  }
  if (hasCommand && urlKey !== undefined) {
    const fix = "Keep `command` for a program that is started here, or the URL for one that runs elsewhere";
    findings.fault([], `has both command and ${urlKey}`, fix);
    return undefined;
  }
  if (!hasCommand && urlKey === undefined) {
    findings.fault([], "has neither command nor url", 'Add "command": "..." or "url": "https://..."');
    return undefined;
  }
  if (word === "faulty") return undefined;
  if (word !== undefined && (word.type === "stdio") !== hasCommand) {
    const problem = hasCommand
      ? "is for a URL, but the entry has a command"
      : "is for a command, but the entry has a URL";
    findings.fault([word.key], problem, "Remove it, and the type follows from the entry");
    return undefined;
  }
  if (urlKey === undefined) return { type: "stdio" };
  if (urlKey === "httpUrl" && word?.type === "sse") {
    findings.fault([word.key], "says sse, but httpUrl is for streamable HTTP", "Remove one of the two");
    return undefined;
  }
  const inferred = urlKey === "httpUrl" ? "http" : "auto";
  return { type: word === undefined || word.type === "stdio" ? inferred : word.type, urlKey };
}

function readWord(fields: Fields): { type: Transport["type"]; key: string } | "faulty" | undefined {
  const found: { type: Transport["type"]; key: string }[] = [];
  let faulty = false;
  for (const key of ["type", "transport"]) {
    if (fields.value[key] === undefined) continue;
    const text = readText(fields, key, `Write one of ${words.join(", ")}`);
    const plain = text?.toLowerCase().replace(/[-_]/g, "") ?? "";
    const type = Object.hasOwn(meanings, plain) ? meanings[plain] : undefined;
    if (type !== undefined) found.push({ type, key });
    else {
      faulty = true;
      if (text !== undefined) faultWord(fields, key, text);
    }
  }
  const [first, second] = found;
  if (first !== undefined && second !== undefined && first.type !== second.type) {
    fields.findings.fault([second.key], `says something else than ${first.key}`, "Keep one of the two");
    return "faulty";
  }
  return faulty ? "faulty" : first;
}

function faultWord({ findings }: Fields, key: string, text: string): void {
  if (/^(ws|wss|websocket)$/i.test(text)) {
    const fix = "Use the server's streamable HTTP address, with type http";
    findings.fault([key], "asks for a WebSocket, which MCP does not define", fix);
    return;
  }
  const near = nearest(text, words);
  const fix = near === undefined ? `Write one of ${words.join(", ")}` : `Did you mean ${near}?`;
  findings.fault([key], "is not a transport", fix);
}
