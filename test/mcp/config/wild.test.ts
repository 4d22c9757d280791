import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../src/mcp/config.js";

const workspaceFolder = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");

function read(source: unknown, env: Record<string, string> = {}, inputs: Record<string, string> = {}) {
  return parseConfig(source, { env, inputs, workspaceFolder, userHome: "/users/me" });
}

// The files are shaped as each host's documentation and users write them.
describe("files of other hosts, unchanged", () => {
  it("parseConfig() reads Claude Desktop's", () => {
    const config = read(`{
  "globalShortcut": "",
  "mcpServers": {
    "filesystem": {
      "command": "npx",
      "args": ["-y", "@modelcontextprotocol/server-filesystem", "/Users/me/Desktop", "/Users/me/My Files"]
    },
    "My Server": { "command": "C:\\\\Program Files\\\\nodejs\\\\node.exe", "args": ["C:\\\\mcp\\\\index.js"] },
    "github": {
      "command": "docker",
      "args": ["run", "-i", "--rm", "-e", "GITHUB_PERSONAL_ACCESS_TOKEN", "ghcr.io/github/github-mcp-server"],
      "env": { "GITHUB_PERSONAL_ACCESS_TOKEN": "<YOUR_TOKEN>" }
    },
    "postgres": { "command": "uvx", "args": ["postgres-mcp", "postgresql://me:hunter22@localhost/db"] },
    "windows": { "command": "cmd", "args": ["/c", "npx", "-y", "mcp-remote", "https://example.com/sse"] }
  }
}`);
    expect(config.servers.map(({ name, type }) => `${name} ${type}`)).toEqual([
      "filesystem stdio",
      "My Server stdio",
      "github stdio",
      "postgres stdio",
      "windows stdio",
    ]);
    expect(config.warnings).toEqual([
      "mcpServers.filesystem.args[1]: names no exact version: pin it, as in name@1.2.3.",
      "mcpServers.postgres.args[0]: names no exact version: pin it, as in name==1.2.3.",
      "mcpServers.windows.args[3]: names no exact version: pin it, as in name@1.2.3.",
    ]);
  });

  it("parseConfig() reads Claude Code's .mcp.json", () => {
    const source = {
      mcpServers: {
        api: {
          type: "http",
          url: "${API_BASE_URL:-https://api.example.com}/mcp",
          headers: { Authorization: "Bearer ${API_KEY}" },
          timeout: 600_000,
        },
        events: { type: "sse", url: "https://mcp.example.com/sse", headersHelper: "/opt/bin/headers.sh" },
        drive: {
          type: "http",
          url: "https://mcp.example.com/drive",
          oauth: {
            clientId: "my-client",
            callbackPort: 8080,
            authServerMetadataUrl: "https://auth.example.com/.well-known/openid-configuration",
            scopes: "files:read files:write",
          },
        },
        db: {
          type: "stdio",
          command: "${HOME}/bin/db-server",
          args: ["--config", "${HOME}/db.json"],
          env: {},
        },
      },
    };
    const config = read(source, { API_KEY: "key-of-the-api", HOME: "/users/me" });
    expect(config.servers).toMatchObject([
      {
        type: "http",
        url: "https://api.example.com/mcp",
        headers: { Authorization: "Bearer key-of-the-api" },
      },
      { type: "sse" },
      { type: "http" },
      { type: "stdio", command: "/users/me/bin/db-server", args: ["--config", "/users/me/db.json"] },
    ]);
    expect(config.servers[0]?.secrets).toEqual(["Bearer key-of-the-api", "key-of-the-api"]);
    expect(config.warnings).toHaveLength(2);
  });

  it("parseConfig() reads Cursor's", () => {
    const source = {
      mcpServers: {
        local: {
          type: "stdio",
          command: "python",
          args: ["${workspaceFolder}/tools/server.py"],
          env: { API_KEY: "${env:API_KEY}" },
          cwd: "${workspaceFolder}",
        },
        remote: { url: "https://api.example.com/mcp", headers: { "X-Key": "${env:API_KEY}" } },
        signedIn: {
          url: "https://api.example.com/oauth/mcp",
          auth: {
            CLIENT_ID: "${env:CLIENT_ID}",
            CLIENT_SECRET: "${env:CLIENT_SECRET}",
            scopes: ["read", "write"],
          },
        },
      },
    };
    const config = read(source, { API_KEY: "key-of-cursor" });
    expect(config.servers.map(({ type }) => type)).toEqual(["stdio", "auto", "auto"]);
    expect(config.servers[0]).toMatchObject({ cwd: workspaceFolder, secrets: ["key-of-cursor"] });
  });

  it("parseConfig() reads VS Code's, comments and all", () => {
    const source = `\uFEFF{
  // Asked once, then kept by VS Code.
  "inputs": [
    { "type": "promptString", "id": "perplexity-key", "description": "Perplexity API Key", "password": true },
    { "type": "pickString", "id": "region", "description": "Region", "options": ["eu", "us"], "default": "eu" },
  ],
  "servers": {
    /* https://github.com/ppl-ai/modelcontextprotocol/ */
    "perplexity": {
      "type": "stdio",
      "command": "npx",
      "args": ["-y", "server-perplexity-ask@0.1.3", "--region", "\${input:region}"],
      "env": { "PERPLEXITY_API_KEY": "\${input:perplexity-key}" },
      "dev": { "watch": "build/**/*.js", "debug": { "type": "node" } },
      "sandboxEnabled": false,
    },
    "fetch": { "type": "stdio", "command": "uvx", "args": ["mcp-server-fetch==2025.4.7"], "gallery": true },
    "github": { "type": "http", "url": "https://api.githubcopilot.com/mcp", "version": "0.13.0" },
  },
}`;
    const config = read(source, {}, { "perplexity-key": "swordfish" });
    expect(config.servers).toMatchObject([
      {
        type: "stdio",
        args: ["-y", "server-perplexity-ask@0.1.3", "--region", "eu"],
        secrets: ["swordfish"],
      },
      { type: "stdio" },
      { type: "http" },
    ]);
    expect(config.warnings).toEqual([]);
  });

  it("parseConfig() reads Gemini CLI's settings", () => {
    const source = {
      theme: "Dracula",
      mcp: { allowed: ["python"] },
      mcpServers: {
        python: {
          command: "python",
          args: ["-m", "my_mcp_server", "--port", "8080"],
          cwd: "./src",
          env: { DATABASE_URL: "$DB_CONNECTION_STRING", API_KEY: "${EXTERNAL_API_KEY}" },
          timeout: 15_000,
          trust: false,
          includeTools: ["safe_tool"],
        },
        http: { httpUrl: "http://localhost:3000/mcp", headers: { Authorization: "Bearer your-api-token" } },
        google: {
          httpUrl: "https://my-gcp-service.run.app/mcp",
          authProviderType: "google_credentials",
          oauth: { scopes: ["https://www.googleapis.com/auth/userinfo.email"] },
        },
      },
    };
    const config = read(source, { EXTERNAL_API_KEY: "external" });
    expect(config.servers).toMatchObject([
      {
        type: "stdio",
        timeoutMs: 15_000,
        env: { DATABASE_URL: "$DB_CONNECTION_STRING", API_KEY: "external" },
      },
      { type: "http", url: "http://localhost:3000/mcp" },
      { type: "http" },
    ]);
    expect(config.warnings.map((warning) => warning.split(":")[0])).toEqual([
      "mcpServers.python.includeTools",
      "mcpServers.python.env.DATABASE_URL",
      "mcpServers.google.authProviderType",
      "mcpServers.google.oauth",
    ]);
  });

  it("parseConfig() reads Cline's and Roo Code's", () => {
    const source = {
      mcpServers: {
        weather: {
          command: "node",
          args: ["/path/to/build/index.js"],
          env: {},
          disabled: true,
          autoApprove: [],
          timeout: 60,
        },
        remote: {
          type: "streamable-http",
          url: "https://mcp.example.com",
          headers: { Authorization: "Bearer your-token" },
          alwaysAllow: ["read", "list"],
          disabledTools: ["drop"],
          disabled: false,
        },
        cline: {
          type: "streamableHttp",
          url: "https://mcp.example.com/2",
          disabled: false,
          autoApprove: ["x"],
        },
        watched: { command: "node", args: ["build/index.js"], watchPaths: ["build/index.js"] },
      },
    };
    const config = read(source);
    expect(config.disabled).toEqual(["weather"]);
    expect(config.servers).toMatchObject([
      { name: "remote", type: "http", autoApprove: ["read", "list"] },
      { name: "cline", type: "http", autoApprove: ["x"] },
      { name: "watched", type: "stdio", autoApprove: [] },
    ]);
  });

  it("parseConfig() reads Windsurf's", () => {
    const source = {
      mcpServers: {
        remote: { serverUrl: "https://example.com/mcp", headers: { API_KEY: "Bearer ${env:AUTH_TOKEN}" } },
        local: {
          command: "npx",
          args: ["-y", "@a/b@1.0.0"],
          env: { TOKEN: "${env:AUTH_TOKEN}" },
          disabled: false,
        },
      },
    };
    const config = read(source, { AUTH_TOKEN: "surf-token" });
    expect(config.servers).toMatchObject([
      { type: "auto", url: "https://example.com/mcp", secrets: ["Bearer surf-token", "surf-token"] },
      { type: "stdio" },
    ]);
    expect(config.warnings).toEqual([]);
  });

  it("parseConfig() reads mcp-adapters' object, also as a bare map", () => {
    const servers = {
      math: {
        transport: "stdio",
        command: "npx",
        args: ["-y", "@modelcontextprotocol/server-math@1.0.0"],
        restart: { enabled: true, maxAttempts: 3, delayMs: 1000 },
        stderr: "inherit",
        encoding: undefined,
      },
      weather: {
        transport: "http",
        url: "https://example.com/weather/mcp",
        headers: { Authorization: "Bearer token123" },
        automaticSSEFallback: false,
        reconnect: { enabled: true, maxAttempts: 5, delayMs: 2000 },
        outputHandling: { image: "content" },
        defaultToolTimeout: 5000,
      },
    };
    const options = {
      prefixToolNameWithServerName: true,
      throwOnLoadError: true,
      useStandardContentBlocks: true,
    };
    const config = read({ mcpServers: servers, ...options });
    expect(config.servers.map(({ type }) => type)).toEqual(["stdio", "http"]);
    expect(config.warnings).toHaveLength(9);
    expect(read(servers).servers).toEqual(config.servers);
  });

  it("parseConfig() reads a portable file with $schema, comments as keys and an extension", () => {
    const source = {
      $schema: "https://example.com/mcp.schema.json",
      mcpServers: {
        "//": "Servers of the team",
        "@team/search": {
          $schema: "x",
          title: "Search",
          description: "Searches",
          type: "streamable_http",
          url: "https://example.com/mcp",
          _comment: "Moves in May",
          "x-langbaton": { connectTimeoutMs: 5000, retry: { attempts: 2 } },
        },
      },
    };
    const config = read(source);
    expect(config.servers).toMatchObject([
      { name: "@team/search", title: "Search", description: "Searches", connectTimeoutMs: 5000 },
    ]);
    expect(config.warnings).toEqual([]);
  });
});
