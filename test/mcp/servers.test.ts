import { describe, expect, onTestFinished, test } from "vitest";
import { createCall } from "../../src/core/call.js";
import { resultText } from "../../src/core/result.js";
import { Servers } from "../../src/mcp/servers.js";
import { callText, failure, open, openAll } from "../support/calls.js";
import { settle } from "../support/fake-clock.js";
import { startHttp } from "../support/http-server.js";
import { scripted, text, tool } from "../support/scripted.js";
import { fixture, httpConfig } from "../support/stdio-fixture.js";

/** A server whose one tool tells which Authorization and which X-Key it was called with. */
async function serveWho() {
  const http = await startHttp({
    tools: [tool("who")],
    call: (_, __, { headers }) => text(`${headers.authorization} ${headers["x-key"]}`),
  });
  onTestFinished(() => http.close());
  return http;
}

async function who(servers: Servers, name = "web"): Promise<string> {
  return resultText(await servers.call(createCall({ server: name, tool: "who", args: {} })));
}

test("Servers.get() names the servers that there are", async () => {
  const servers = openAll([scripted("a", {}), scripted("b", {})]);
  expect(servers.get("a").name).toBe("a");
  expect([servers.has("a"), servers.has("c")]).toEqual([true, false]);
  const error = await failure(servers.call(createCall({ server: "c", tool: "t", args: {} })));
  expect(error).toMatchObject({ code: "NOT_CONNECTED", data: { server: "c", known: ["a", "b"] } });
  expect(error.message).toContain("'a', 'b'");
});

describe("Servers.for()", () => {
  test("keeps the configured headers and lets its own win, whatever their case", async () => {
    const http = await serveWho();
    const servers = openAll([
      httpConfig("web", http.url, { headers: { Authorization: "Bearer base", "X-Key": "k" } }),
    ]);
    const scope = servers.for({ headers: { web: { authorization: "Bearer ana" } } });
    expect(await who(servers)).toBe("Bearer base k");
    expect(await who(scope)).toBe("Bearer ana k");
    expect(await who(servers)).toBe("Bearer base k");
  });

  test("shares one connection between scopes of the same headers, and ends it with the last", async () => {
    const http = await serveWho();
    const servers = openAll([httpConfig("web", http.url)]);
    const scopes = ["A", "a"].map((name) => servers.for({ headers: { web: { [name]: "1" } } }));
    await Promise.all(scopes.map((scope) => who(scope)));
    expect(http.count("initialize")).toBe(1);
    await scopes[0]?.close();
    await scopes[0]?.close();
    expect(http.count("DELETE")).toBe(0);
    await who(scopes[1] as Servers);
    await scopes[1]?.close();
    expect(http.count("DELETE")).toBe(1);
    expect(http.sessions.size).toBe(0);
  });

  test("shares every server without headers of its own, and closing it leaves those open", async () => {
    const servers = openAll([scripted("local", {}), scripted("other", {})]);
    const scope = servers.for({ caller: { tenant: "t1" } });
    expect(scope.get("local")).toBe(servers.get("local"));
    expect(scope.caller).toEqual({ tenant: "t1" });
    expect(servers.caller).toBeUndefined();
    await scope.get("local").connect();
    await scope.close();
    expect(servers.get("local").status).toBe("connected");
  });

  test("of a scope adds to that scope", async () => {
    const http = await serveWho();
    const servers = openAll([httpConfig("web", http.url)]);
    const tenant = servers.for({ caller: { tenant: "t" }, headers: { web: { "X-Key": "t" } } });
    const user = tenant.for({ headers: { web: { Authorization: "Bearer u" } } });
    expect(user.caller).toEqual({ tenant: "t" });
    expect(await who(user)).toBe("Bearer u t");
  });

  test("refuses an unknown server, one without HTTP, and a header that HTTP does not allow", async () => {
    const servers = openAll([fixture("local"), httpConfig("web", "http://127.0.0.1:9/mcp")]);
    const refused = async (headers: Record<string, Record<string, string>>) =>
      failure(Promise.resolve().then(() => servers.for({ headers })));
    expect((await refused({ local: { a: "b" } })).code).toBe("CONFIG_INVALID");
    expect((await refused({ nobody: { a: "b" } })).code).toBe("NOT_CONNECTED");
    const error = await refused({ web: { Authorization: "hunter2\nhunter2" } });
    expect(error.code).toBe("CONFIG_INVALID");
    expect(error.message).toContain("'Authorization'");
    expect(error.message).not.toContain("hunter2");
  });

  test.each([
    ["a whole header", (header: string) => header],
    ["a bare token", (header: string) => header.replace("Bearer ", "")],
  ])("masks the scope's credentials in messages: %s", async (_, echoed) => {
    const http = await startHttp({
      call: (_name, _args, { headers }) => {
        throw new Error(`no access with ${echoed(headers.authorization ?? "")}.`);
      },
    });
    onTestFinished(() => http.close());
    const scope = openAll([httpConfig("web", http.url)]).for({
      headers: { web: { Authorization: "Bearer tenant-tok-12345" } },
    });
    const error = await failure(scope.call(createCall({ server: "web", tool: "t", args: {} })));
    expect(error.message).toContain("no access with ***.");
  });

  test("close() of all servers closes those of every scope", async () => {
    const http = await serveWho();
    const servers = openAll([httpConfig("web", http.url)]);
    const scope = servers.for({ headers: { web: { "X-Key": "1" } } });
    await Promise.all([who(servers), who(scope)]);
    await servers.close();
    expect(http.sessions.size).toBe(0);
    expect((await failure(who(scope))).code).toBe("NOT_CONNECTED");
  });

  test("of closed servers opens nothing", async () => {
    const http = await serveWho();
    const servers = openAll([httpConfig("web", http.url)]);
    await servers.close();
    const scope = servers.for({ headers: { web: { "X-Key": "1" } } });
    onTestFinished(() => scope.close());
    expect((await failure(who(scope))).code).toBe("NOT_CONNECTED");
    expect(http.requests).toEqual([]);
  });
});

describe("credentials and scopes", () => {
  test("a server in a log shows no credential", async () => {
    const config = httpConfig("web", "http://127.0.0.1:9/mcp", {
      headers: { Authorization: "Bearer hunter2-hunter2" },
    });
    const { inspect } = await import("node:util");
    const server = open({ ...config, secrets: ["hunter2-hunter2"] });
    expect(inspect(server, { depth: 9 }) + JSON.stringify(server)).not.toContain("hunter2");
  });

  test("a scope of a scope outlives the one that it came from", async () => {
    const http = await startHttp({ call: (_, __, { headers }) => text(headers["x-key"]) });
    onTestFinished(() => http.close());
    const servers = openAll([httpConfig("web", http.url)]);
    const tenant = servers.for({ headers: { web: { "X-Key": "t" } } });
    const user = tenant.for({ caller: { user: "u" } });
    await tenant.close();
    expect(await callText(user.get("web"), "t")).toBe("t");
    await user.close();
    await settle();
    expect(user.get("web").status).toBe("closed");
  });

  test("a scope that is refused holds nothing", () => {
    const servers = openAll([httpConfig("web", "http://127.0.0.1:9/mcp"), fixture("local")]);
    expect(() => servers.for({ headers: { web: { a: "b" }, local: { a: "b" } } })).toThrow(/HTTP/);
  });
});

describe("identities of scopes", () => {
  const configs = [httpConfig("api", "http://127.0.0.1:9/mcp")];
  const callerOf = (scope: object) => openAll(configs).for(scope).caller;

  test("with headers and nobody named are kept apart, and say nothing of the headers", () => {
    const servers = openAll(configs);
    const of = (token: string) => servers.for({ headers: { api: { authorization: token } } }).caller;
    expect(of("one")).toEqual(of("one"));
    expect(of("one")).not.toEqual(of("two"));
    expect(JSON.stringify(of("secret-token"))).not.toContain("secret");
  });

  test("that are named stay as they are", () => {
    const headers = { api: { authorization: "x" } };
    expect(callerOf({ caller: { tenant: "acme" }, headers })).toEqual({ tenant: "acme" });
    expect(callerOf({ caller: { agent: "a" }, headers })).toMatchObject({
      agent: "a",
      user: expect.any(String),
    });
    expect(callerOf({ caller: { agent: "a" } })).toEqual({ agent: "a" });
  });
});

test.each(["files.v2", ""])("a server cannot have the name %j", (name) => {
  expect(() => Servers.of([httpConfig(name, "http://127.0.0.1:9/mcp")])).toThrow(
    expect.objectContaining({ code: "CONFIG_INVALID" }),
  );
});
