/** Stands wherever a file may hold a secret; no message may show it. */
export const canary = "CANARY7f3a9c51d2e8b604";

/** A configuration that must be refused: what is wrong, the file, and the path of the fault. */
export type BadConfig = readonly [claim: string, source: unknown, path: string];

const at = (entry: object) => ({ mcpServers: { web: entry } });
const stdio = (entry: object) => at({ command: "server", env: { API_TOKEN: canary }, ...entry });
const http = (entry: object) => {
  return at({ url: `https://example.com/mcp?page=${canary}`, headers: { "X-Api-Key": canary }, ...entry });
};
const url = (address: string) => at({ url: address, headers: { Authorization: `Bearer ${canary}` } });
const web = "mcpServers.web";

const syntax: readonly BadConfig[] = [
  ["an empty file", "", "$"],
  ["a file of spaces", " \n ", "$"],
  ["a comment and nothing else", "// nothing", "$"],
  ["a missing comma", `{"mcpServers": {"a": {"command": "x"} "b": {"env": {"K": "${canary}"}}}}`, "$"],
  ["a missing brace", `{"mcpServers": {"a": {"env": {"K": "${canary}"}}`, "$"],
  ["single quotes", `{'mcpServers': {'a': '${canary}'}}`, "$"],
  ["a text without an end", `{"mcpServers": {"a": "${canary}`, "$"],
  ["NaN", `{"mcpServers": {"web": {"command": "x", "timeout": NaN}}}`, "$"],
  ["Infinity", `{"mcpServers": {"web": {"command": "x", "timeout": Infinity}}}`, "$"],
  ["text after the end", `{"mcpServers": {}} "${canary}"`, "$"],
  ["a file over 1 MiB", `{"mcpServers": {"a": {"command": "${"x".repeat(1024 * 1024)}"}}}`, "$"],
  ["an object over 1 MiB", at({ command: "x".repeat(1024 * 1024 + 1) }), "$"],
  ["deep nesting", `{"mcpServers": ${"[".repeat(100_000)}`, "$"],
  ["an object that nests too deep", JSON.parse(`{"a":${"[".repeat(40)}1${"]".repeat(40)}}`), "$"],
  ["a duplicate server", `{"mcpServers": {"a": {"command": "x"}, "a": {"command": "y"}}}`, "mcpServers.a"],
  ["a duplicate root", `{"mcpServers": {}, "mcpServers": {}}`, "mcpServers"],
  ["a duplicate key", `{"mcpServers": {"web": {"command": "x", "command": "y"}}}`, `${web}.command`],
  [
    "a duplicate variable",
    `{"mcpServers": {"web": {"command": "x", "env": {"K": "${canary}", "K": "${canary}"}}}}`,
    `${web}.env.K`,
  ],
];

const roots: readonly BadConfig[] = [
  ["a list", [], "$"],
  ["null", null, "$"],
  ["a number", 3, "$"],
  ["nothing at all", undefined, "$"],
  ["an object without servers", {}, "$"],
  ["other settings", { theme: canary }, "$"],
  ["one entry and no name for it", { command: "server", env: { K: canary } }, "$"],
  ["mcpServers as a list", { mcpServers: [{ name: "web" }] }, "mcpServers"],
  ["servers as text", { servers: canary }, "servers"],
  ["both roots", { mcpServers: {}, servers: {} }, "servers"],
  ["an entry in place of the map", { mcpServers: { command: "server" } }, "mcpServers.command"],
  ["the root of OpenCode", { mcp: { web: { type: "local" } } }, "mcp"],
  ["a path in place of a text", "mcp.json", "$"],
  ["a misspelt root", { mcpServer: { web: { command: "server" } } }, "mcpServer"],
  ["an extending file", { extends: "./base.json", mcpServers: {} }, "extends"],
  ["an entry that is text", { mcpServers: { web: canary } }, web],
  ["an entry that is null", { mcpServers: { web: null } }, web],
  ["an entry that is a list", { mcpServers: { web: [] } }, web],
];

const names: readonly BadConfig[] = [
  ["a name with a dot", { mcpServers: { "a.b": { command: "x" } } }, `mcpServers["a.b"]`],
  ["an empty name", { mcpServers: { "": { command: "x" } } }, `mcpServers[""]`],
  ["the name __proto__", `{"mcpServers": {"__proto__": {"command": "x"}}}`, "mcpServers.__proto__"],
  ["an own __proto__", JSON.parse(`{"mcpServers": {"__proto__": {"command": "x"}}}`), "mcpServers.__proto__"],
  ["the name constructor", { mcpServers: { constructor: { command: "x" } } }, "mcpServers.constructor"],
  ["the name prototype", { mcpServers: { prototype: { command: "x" } } }, "mcpServers.prototype"],
  ["a long name", { mcpServers: { ["n".repeat(65)]: { command: "x" } } }, `mcpServers.${"n".repeat(65)}`],
  ["a trailing space", { mcpServers: { "web ": { command: "x" } } }, `mcpServers["web "]`],
  ["a name with a star", { mcpServers: { "web*": { command: "x" } } }, `mcpServers["web*"]`],
  ["a line break in a name", { mcpServers: { "a\nb": { command: "x" } } }, `mcpServers["a\\nb"]`],
  ["a right-to-left mark", { mcpServers: { "a\u202eb": { command: "x" } } }, `mcpServers["a\\u{202e}b"]`],
  ["a name in two cases", { mcpServers: { Web: { command: "x" }, web: { command: "y" } } }, web],
];

const shapes: readonly BadConfig[] = [
  ["an unknown key", stdio({ restrat: {} }), `${web}.restrat`],
  ["a key of no host", stdio({ colour: canary }), `${web}.colour`],
  ["both command and url", at({ command: "x", url: `https://example.com/?token=${canary}` }), web],
  [
    "a fault beside that of both",
    at({ command: "x", url: "https://a.com", headers: canary }),
    `${web}.headers`,
  ],
  ["neither command nor url", at({ env: { TOKEN: canary } }), web],
  ["two addresses", http({ httpUrl: `https://example.com/${canary}` }), `${web}.httpUrl`],
  ["stdio with a url", http({ type: "stdio" }), `${web}.type`],
  ["http with a command", stdio({ transport: "http" }), `${web}.transport`],
  ["sse with httpUrl", at({ type: "sse", httpUrl: "https://example.com" }), `${web}.type`],
  ["two types", http({ type: "http", transport: "sse" }), `${web}.transport`],
  ["an unknown type", stdio({ type: "stdoi" }), `${web}.type`],
  ["a type that is a number", stdio({ type: 1 }), `${web}.type`],
  ["a websocket type", http({ type: "ws" }), `${web}.type`],
  ["a command that is a list", stdio({ command: ["npx", canary] }), `${web}.command`],
  ["an empty command", stdio({ command: "" }), `${web}.command`],
  ["args as text", stdio({ args: `--key ${canary}` }), `${web}.args`],
  ["args that are null", stdio({ args: null }), `${web}.args`],
  ["a number in args", stdio({ args: ["--port", 8080] }), `${web}.args[1]`],
  ["NUL in args", stdio({ args: [`${canary}\0`] }), `${web}.args[0]`],
  ["env as a list", stdio({ env: [`KEY=${canary}`] }), `${web}.env`],
  ["a number in env", stdio({ env: { TOKEN: canary, PORT: 8080 } }), `${web}.env.PORT`],
  ["null in env", stdio({ env: { TOKEN: null } }), `${web}.env.TOKEN`],
  ["an impossible variable", stdio({ env: { "A=B": canary } }), `${web}.env["A=B"]`],
  ["NUL in env", stdio({ env: { A: `${canary}\0` } }), `${web}.env.A`],
  ["headers as text", http({ headers: `X-Key: ${canary}` }), `${web}.headers`],
  ["a boolean in headers", http({ headers: { "X-On": true } }), `${web}.headers["X-On"]`],
  ["disabled as text", stdio({ disabled: "true" }), `${web}.disabled`],
  ["disabled and enabled", stdio({ disabled: true, enabled: true }), `${web}.enabled`],
  ["autoApprove as text", stdio({ autoApprove: "read" }), `${web}.autoApprove`],
  ["a title that is a number", stdio({ title: 5 }), `${web}.title`],
  ["an entry that extends", stdio({ extends: "web" }), `${web}.extends`],
  ["an unknown protocol version", stdio({ protocolVersion: "2025-06-19" }), `${web}.protocolVersion`],
  ["a fault in a disabled entry", stdio({ disabled: true, args: canary }), `${web}.args`],
  ["x-langbaton as text", stdio({ "x-langbaton": canary }), `${web}["x-langbaton"]`],
  ["a misspelt limit", stdio({ "x-langbaton": { maxTimeoutMS: 5 } }), `${web}["x-langbaton"].maxTimeoutMS`],
  [
    "a size as text",
    stdio({ "x-langbaton": { maxResultBytes: "16MB" } }),
    `${web}["x-langbaton"].maxResultBytes`,
  ],
  [
    "a size of nothing",
    stdio({ "x-langbaton": { maxResultBytes: 0 } }),
    `${web}["x-langbaton"].maxResultBytes`,
  ],
  ["an unknown rule", stdio({ "x-langbaton": { allow: ["unpined"] } }), `${web}["x-langbaton"].allow[0]`],
  [
    "a limit of zero",
    stdio({ "x-langbaton": { connectTimeoutMs: 0 } }),
    `${web}["x-langbaton"].connectTimeoutMs`,
  ],
];

const timeouts: readonly BadConfig[] = [
  -1,
  0,
  1.5,
  86_400_001,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  "30000",
  null,
].map((timeout) => [
  `a timeout of ${JSON.stringify(timeout)} (${typeof timeout})`,
  stdio({ timeout }),
  `${web}.timeout`,
]);

const commands: readonly BadConfig[] = [
  ["a shell", stdio({ shell: true }), `${web}.shell`],
  ["a pipe", stdio({ command: `npx foo ${canary} | tee x` }), `${web}.command`],
  ["two commands", stdio({ command: `a&&b${canary}` }), `${web}.command`],
  ["arguments in the command", stdio({ command: `npx -y foo --key=${canary}` }), `${web}.command`],
  ["a home that only a shell knows", stdio({ command: "~/bin/server" }), `${web}.command`],
  ["npx at latest", stdio({ command: "npx", args: ["-y", "foo@latest"] }), `${web}.args[1]`],
  ["npx at a tag of a scope", stdio({ command: "/usr/bin/npx", args: ["@a/b@next"] }), `${web}.args[0]`],
  ["npx -p at latest", stdio({ command: "npx", args: ["-p", "foo@latest", "run"] }), `${web}.args[1]`],
  ["npx --package= at latest", stdio({ command: "npx", args: ["--package=foo@latest"] }), `${web}.args[0]`],
  ["npx at any version", stdio({ command: "npx.cmd", args: ["foo@*"] }), `${web}.args[0]`],
  [
    "cmd /c npx at latest",
    stdio({ command: "cmd", args: ["/c", "npx", "-y", "foo@latest"] }),
    `${web}.args[3]`,
  ],
  ["bunx at beta", stdio({ command: "bunx", args: ["foo@beta"] }), `${web}.args[0]`],
  ["pnpm dlx at latest", stdio({ command: "pnpm", args: ["dlx", "foo@latest"] }), `${web}.args[1]`],
  ["uvx at latest", stdio({ command: "uvx", args: ["--python", "3.12", "foo@latest"] }), `${web}.args[2]`],
  ["uv tool run at latest", stdio({ command: "uv", args: ["tool", "run", "foo@latest"] }), `${web}.args[2]`],
  ["a cwd outside", stdio({ cwd: "../../elsewhere" }), `${web}.cwd`],
  ["a cwd that is not there", stdio({ cwd: "no/such/folder" }), `${web}.cwd`],
  ["a cwd that is a file", stdio({ cwd: "package.json" }), `${web}.cwd`],
  ["an envFile that is not there", stdio({ envFile: "no-such.env" }), `${web}.envFile`],
  ["LD_PRELOAD", stdio({ env: { LD_PRELOAD: `/tmp/${canary}.so` } }), `${web}.env.LD_PRELOAD`],
  ["NODE_OPTIONS", stdio({ env: { NODE_OPTIONS: `--require ${canary}` } }), `${web}.env.NODE_OPTIONS`],
  ["a loader in lower case", stdio({ env: { node_options: canary } }), `${web}.env.node_options`],
  [
    "DYLD_INSERT_LIBRARIES",
    stdio({ env: { DYLD_INSERT_LIBRARIES: canary } }),
    `${web}.env.DYLD_INSERT_LIBRARIES`,
  ],
];

const addresses: readonly BadConfig[] = [
  ["no URL", `example/${canary}`],
  ["an empty URL", ""],
  ["file:", `file:///etc/${canary}`],
  ["javascript:", `javascript:${canary}`],
  ["data:", `data:text/plain,${canary}`],
  ["ftp:", `ftp://example.com/${canary}`],
  ["ws:", `wss://example.com/${canary}`],
  ["a user in the URL", `https://${canary}@example.com/`],
  ["a password in the URL", `https://user:${canary}@example.com/`],
  ["an api_key in the URL", `https://example.com/?api_key=${canary}`],
  ["an accessToken in the URL", `https://example.com/?accessToken=${canary}`],
  ["a sig in the URL", `https://example.com/?sig=${canary}`],
  ["cloud metadata", "https://169.254.169.254/latest"],
  ["cloud metadata in hexadecimal", "https://0xA9FEA9FE/"],
  ["cloud metadata in decimal", "https://2852039166/"],
  ["cloud metadata in octal", "https://0251.0376.0251.0376/"],
  ["cloud metadata in IPv6", "https://[::ffff:169.254.169.254]/"],
  ["cloud metadata through NAT64", "https://[64:ff9b::a9fe:a9fe]/"],
  ["cloud metadata of EC2 in IPv6", "https://[fd00:ec2::254]/"],
  ["cloud metadata of Google", "https://metadata.google.internal./"],
  ["a link-local address", "https://[fe80::1]/"],
].map(([claim, address]) => [claim ?? "", url(address ?? ""), `${web}.url`]);

const headers: readonly BadConfig[] = [
  ["a bearer over http", url("http://example.com/"), `${web}.headers.Authorization`],
  ["a key over http", http({ url: "http://10.0.0.1/" }), `${web}.headers["X-Api-Key"]`],
  ["an impossible header", http({ headers: { "X Key": canary } }), `${web}.headers["X Key"]`],
  [
    "CR LF in a header",
    http({ headers: { "X-Api-Key": `${canary}\r\nX: y` } }),
    `${web}.headers["X-Api-Key"]`,
  ],
  ["NUL in a header", http({ headers: { "X-Api-Key": `${canary}\0` } }), `${web}.headers["X-Api-Key"]`],
  [
    "a header beyond Latin-1",
    http({ headers: { "X-Api-Key": `${canary}\u2713` } }),
    `${web}.headers["X-Api-Key"]`,
  ],
  [
    "Authorization in two cases",
    http({ headers: { Authorization: `Bearer ${canary}`, authorization: canary } }),
    `${web}.headers.authorization`,
  ],
  [
    "Authorization and oauth",
    http({ headers: { Authorization: `Bearer ${canary}` }, oauth: { clientId: "a" } }),
    `${web}.oauth`,
  ],
  [
    "Authorization and auth",
    http({ headers: { Authorization: `Bearer ${canary}` }, auth: { CLIENT_SECRET: canary } }),
    `${web}.auth`,
  ],
  ["an http issuer", http({ oauth: { issuer: "http://example.com" } }), `${web}.oauth.issuer`],
  [
    "http metadata",
    http({ oauth: { authServerMetadataUrl: `http://example.com/${canary}` } }),
    `${web}.oauth.authServerMetadataUrl`,
  ],
  ["an issuer that is no URL", http({ oauth: { issuer: canary } }), `${web}.oauth.issuer`],
  ["every scope", http({ oauth: { scopes: ["*"], clientSecret: canary } }), `${web}.oauth.scopes`],
  ["every scope in a text", http({ auth: { scopes: "read *" } }), `${web}.auth.scopes`],
  ["an http redirect", http({ oauth: { redirectUri: "http://example.com/cb" } }), `${web}.oauth.redirectUri`],
];

const variables: readonly BadConfig[] = [
  ["an unset variable in env", stdio({ env: { A: `${canary}\${NOPE}` } }), `${web}.env.A`],
  ["an unset variable in args", stdio({ args: ["a", "${env:NOPE}"] }), `${web}.args[1]`],
  ["an unset variable in command", stdio({ command: "${NOPE}/server" }), `${web}.command`],
  ["an unset variable in cwd", stdio({ cwd: "${NOPE}" }), `${web}.cwd`],
  ["an unset variable in envFile", stdio({ envFile: "${NOPE}" }), `${web}.envFile`],
  ["an unset variable in url", url("https://${NOPE}/"), `${web}.url`],
  ["an unset variable in a header", http({ headers: { "X-A": "${NOPE}" } }), `${web}.headers["X-A"]`],
  ["an unset nested default", stdio({ args: [`\${NOPE:-${canary}\${NOPE}}`] }), `${web}.args[0]`],
  ["no alternative set", stdio({ args: ["${env:NOPE | env:NADA}"] }), `${web}.args[0]`],
  ["a missing input", stdio({ env: { A: "${input:nope}" } }), `${web}.env.A`],
  ["an unclosed variable", stdio({ args: [`\${${canary}`] }), `${web}.args[0]`],
  ["an unknown scheme", stdio({ args: ["${vault:path}"] }), `${web}.args[0]`],
  ["a 1Password reference", stdio({ args: ["${op:vault/item}"] }), `${web}.args[0]`],
  ["an empty variable", stdio({ args: ["${}"] }), `${web}.args[0]`],
  ["a shell's default", stdio({ args: [`\${NOPE-${canary}}`] }), `${web}.args[0]`],
  ["variables without end", stdio({ args: ["${A:-".repeat(5000)] }), `${web}.args[0]`],
  ["a bad variable in a disabled entry", stdio({ disabled: true, args: ["${"] }), `${web}.args[0]`],
  ["an unset address from the environment", url("${PLAIN_SECRET}"), `${web}.url`],
];

const inputs: readonly BadConfig[] = [
  ["inputs as an object", { inputs: {}, servers: {} }, "inputs"],
  ["an input that is text", { inputs: [canary], servers: {} }, "inputs[0]"],
  ["an input without an id", { inputs: [{ type: "promptString" }], servers: {} }, "inputs[0].id"],
  ["an input without a type", { inputs: [{ id: "a", default: canary }], servers: {} }, "inputs[0].type"],
  ["an input of unknown type", { inputs: [{ id: "a", type: "promtString" }], servers: {} }, "inputs[0].type"],
  [
    "two inputs of one id",
    { inputs: ["a", "a"].map((id) => ({ id, type: "promptString" })), servers: {} },
    "inputs[1].id",
  ],
];

/** At least one for every rule of the reader; the seeds of S10 that concern servers are all here. */
export const badConfigs: readonly BadConfig[] = [
  ...syntax,
  ...roots,
  ...names,
  ...shapes,
  ...timeouts,
  ...commands,
  ...addresses,
  ...headers,
  ...variables,
  ...inputs,
];
