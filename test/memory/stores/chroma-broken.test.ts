import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  type ChromaConnection,
  type ChromaStoreOptions,
  chromaStore,
} from "../../../src/memory/stores/chroma.js";
import { failure } from "../../support/calls.js";
import { freePort, until } from "../../support/processes.js";

const SECRET = "p4ssw0rd";
const HERE = ["broken"];

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A server that is no Chroma; counts what it is asked. */
async function serve(answer: Answer) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

const says =
  (status: number, body: string, type = "application/json"): Answer =>
  (_, response) =>
    response.writeHead(status, { "content-type": type }).end(body);

/** Answers as a server with one empty collection does, but for what a test puts in between. */
const chroma =
  (between: (path: string, response: ServerResponse) => boolean, limit = 100): Answer =>
  (request, response) => {
    const path = request.url ?? "";
    if (between(path, response)) return;
    const collection = { id: "1", name: "n", tenant: "t", database: "d", configuration_json: {} };
    const metadata = { langbaton: "items", root: '"broken"' };
    const body = path.endsWith("/pre-flight-checks")
      ? { max_batch_size: limit }
      : path.endsWith("/get")
        ? { ids: [], metadatas: [], documents: [], include: [] }
        : { ...collection, metadata };
    says(200, JSON.stringify(body))(request, response);
  };

describe("chromaStore() before a server that fails", () => {
  test.each([
    ["500 with words", says(500, JSON.stringify({ error: "E", message: SECRET })), "it failed", true],
    ["502 with a page", says(502, `<html>${SECRET}</html>`, "text/html"), "it failed", true],
    ["a page", says(200, `<html>${SECRET}</html>`, "text/html"), "cannot be read", false],
    ["JSON that is cut off", says(200, `{"ids": ["${SECRET}`), "cannot be read", false],
    ["other JSON", says(200, `["${SECRET}"]`), "cannot be read", false],
    ["null", says(200, "null"), "cannot be read", false],
    ["400", says(400, JSON.stringify({ message: SECRET })), "refuses the request", false],
    ["401", says(401, SECRET), "refuses the credentials", false],
    ["403", says(403, SECRET), "refuses the credentials", false],
    ["413", says(413, SECRET, "text/plain"), "larger than it takes", false],
    ["429", says(429, SECRET), "too many requests", true],
  ] as const)(
    "%s: a STORE error with its cause and without the server's words",
    async (_, answer, why, retryable) => {
      const { url } = await serve(answer);
      const store = chromaStore({ url });
      const works = [store.get(HERE, "key"), store.put(HERE, "key", {}), store.search(HERE)];
      for (const error of await Promise.all(works.map(failure))) {
        expect(error).toMatchObject({ code: "STORE", retryable, data: { store: "chroma" } });
        expect(error.message).toContain(why);
        expect(error.cause).toBeInstanceOf(Error);
        expect(`${error.message} ${JSON.stringify(error)}`).not.toContain(SECRET);
      }
    },
  );

  test("records that this store never wrote are refused, not taken for items", async () => {
    const records = { ids: ["x"], metadatas: [{ head: "no JSON" }], documents: ["{}"], include: [] };
    const between = (path: string, response: ServerResponse): boolean => {
      if (!path.endsWith("/get")) return false;
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(records));
      return true;
    };
    const { url } = await serve(chroma(between));
    const error = await failure(chromaStore({ url }).get(HERE, "key"));
    expect(error).toMatchObject({ code: "STORE", retryable: false });
    expect(error.message).toContain("cannot be read");
  });

  test("nobody listens: a STORE error at once", async () => {
    const store = chromaStore({ url: `http://127.0.0.1:${await freePort()}` });
    const startedAt = performance.now();
    expect(await failure(store.get(HERE, "key"))).toMatchObject({
      code: "STORE",
      retryable: true,
      effect: "none",
    });
    expect(performance.now() - startedAt).toBeLessThan(1500);
  });

  test("no answer within the limit: a STORE error, and the request is taken off the wire", async () => {
    let closed = 0;
    const { url, requests } = await serve((request) => void request.socket.once("close", () => closed++));
    const error = await failure(chromaStore({ url, timeoutMs: 50 }).get(HERE, "key"));
    expect(error).toMatchObject({ code: "STORE", retryable: true });
    expect(error.message).toContain("no answer within 50 ms");
    await until(() => closed === requests.length, "the connections are closed");
  });

  test("an answer that stops half-way ends at the limit too", async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { "content-type": "application/json" }).write('{"id":');
    });
    const error = await failure(chromaStore({ url, timeoutMs: 50 }).get(HERE, "key"));
    expect(error.message).toContain("no answer within 50 ms");
  });

  test("a connection that breaks is tried once more, and no more", async () => {
    let breaks = 1;
    const { url, requests } = await serve(
      chroma((_, response) => {
        if (breaks-- <= 0) return false;
        response.destroy();
        return true;
      }),
    );
    const store = chromaStore({ url });
    expect(await store.get(HERE, "key")).toBeNull();
    expect(requests).toHaveLength(3);
    breaks = 2;
    expect(await failure(store.get(HERE, "key"))).toMatchObject({ code: "STORE", retryable: true });
    expect(requests).toHaveLength(5);
  });

  test("a request that was given up is not sent again when its connection breaks later", async () => {
    let breakIt = (): void => {};
    let asked = 0;
    const client = {
      getCollection: () =>
        new Promise((_, reject) => {
          asked++;
          breakIt = () => reject(Object.assign(new Error("gone"), { name: "ChromaConnectionError" }));
        }),
    } as unknown as ChromaConnection;
    const store = chromaStore({ client, timeoutMs: 50 });
    expect((await failure(store.get(HERE, "key"))).message).toContain("no answer within 50 ms");
    breakIt();
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toBe(1);
  });

  test("a write that is lost on its way may have had its effect, one that is refused had none", async () => {
    for (const [status, effect] of [
      [500, "possible"],
      [400, "none"],
    ] as const) {
      const { url } = await serve(
        chroma((path, response) => {
          if (!path.endsWith("/upsert")) return false;
          response.writeHead(status).end();
          return true;
        }),
      );
      expect(await failure(chromaStore({ url }).put(HERE, "key", {}))).toMatchObject({
        code: "STORE",
        effect,
      });
    }
  });

  test("a batch that is refused half-way says that some of it is written", async () => {
    let upserts = 0;
    const { url } = await serve(
      chroma((path, response) => {
        if (!path.endsWith("/upsert") || ++upserts < 3) return false;
        response.writeHead(400).end();
        return true;
      }),
    );
    const operations = Array.from({ length: 250 }, (_, at) => ({ namespace: HERE, key: `${at}`, value: {} }));
    const error = await failure(chromaStore({ url }).batch(operations));
    expect(error).toMatchObject({ code: "STORE", effect: "possible" });
    expect(error.message).toContain("some of the batch is written");
    // 100 at once is what this server takes.
    expect(upserts).toBe(3);
  });

  test.each([
    ["many", 600, 1],
    ["large", 3, 600_000],
  ])("%s items go in several requests, whatever the server takes at once", async (_, items, characters) => {
    const { url, requests } = await serve(chroma(() => false, 10_000));
    const value = { text: "x".repeat(characters) };
    await chromaStore({ url }).batch(
      Array.from({ length: items }, (_, at) => ({ namespace: HERE, key: `${at}`, value })),
    );
    expect(requests.filter((request) => request.url?.endsWith("/upsert"))).toHaveLength(3);
  });

  test("headers, tenant and database are sent with every request", async () => {
    const { url, requests } = await serve(chroma(() => false));
    const store = chromaStore({
      url,
      headers: { "x-chroma-token": "t0ken" },
      tenant: "acme",
      database: "agents",
    });
    await store.put(HERE, "key", {});
    await store.get(HERE, "key");
    const paths = requests
      .map((request) => request.url)
      .filter((path) => !path?.endsWith("/pre-flight-checks"));
    expect(paths.length).toBeGreaterThan(2);
    for (const path of paths) expect(path).toContain("/tenants/acme/databases/agents/");
    for (const request of requests) expect(request.headers["x-chroma-token"]).toBe("t0ken");
  });
});

describe("chromaStore() refuses", () => {
  test.each([
    [{ url: "localhost" }, "url has to be the server's address"],
    [{ url: "ftp://localhost" }, "url has to be the server's address"],
    [{ url: "http://localhost:8000/chroma" }, "url may not have a path"],
    [{ url: "http://ann:secret@localhost" }, "url may not have credentials: use headers"],
    [{ url: "http://localhost", collectionPrefix: "a b" }, "collectionPrefix has to be"],
    [{ url: "http://localhost", collectionPrefix: "" }, "collectionPrefix has to be"],
    [{ url: "http://localhost", timeoutMs: 0 }, "timeoutMs has to be"],
    [{ url: "http://localhost", index: { dims: 0 } }, "index.dims has to be"],
  ])("%j", (options, why) => {
    const open = () => chromaStore(options as ChromaStoreOptions);
    expect(open).toThrow(why);
    expect(open).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });

  test("to work without the package, and says how to install it", async () => {
    vi.doMock("chromadb", () => {
      throw new Error("Cannot find package 'chromadb'");
    });
    onTestFinished(() => void vi.doUnmock("chromadb"));
    const error = await failure(chromaStore({ url: "http://localhost:1" }).get(HERE, "key"));
    expect(error).toMatchObject({ code: "CONFIG_INVALID" });
    expect(error.message).toContain("npm install chromadb");
  });
});
