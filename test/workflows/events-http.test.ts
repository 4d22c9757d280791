import { request } from "node:http";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Events, serveEvents } from "../../src/workflows/events.js";
import { until } from "../support/processes.js";
import { events, folder, OTHER_SECRET, payload, recorder, SECRET, signed } from "./events-support.js";

async function served(made: Events): Promise<string> {
  const server = await serveEvents(made);
  onTestFinished(() => server.close());
  return server.url;
}

async function post(url: string, body: string, headers: Record<string, string>) {
  const response = await fetch(url, { method: "POST", body, headers });
  return { status: response.status, body: await response.json(), headers: response.headers };
}

describe("POST /events", () => {
  test("takes an event that the library of Standard Webhooks signed, and runs its rule", async () => {
    const { runs, run } = recorder();
    const url = await served(events({ workflows: run }).events);
    const answer = await post(url, payload(), signed("msg_1", payload()));
    expect([answer.status, answer.body]).toEqual([202, { status: "accepted", id: "msg_1" }]);
    await until(() => runs.length > 0, "it runs");
    expect(runs).toEqual([{ workflow: "provision", id: "msg_1/laptops", input: { for: "ada" } }]);
  });

  const at = (minutes: number) => ({ at: new Date(Date.now() + minutes * 60_000) });
  const json = { "content-type": "application/json" };
  const cases: readonly [
    what: string,
    status: number,
    code: string,
    body: string,
    headers: Record<string, string>,
  ][] = [
    ["no signature", 401, "bad_signature", payload(), json],
    ["another secret", 401, "bad_signature", payload(), signed("a", payload(), { secret: OTHER_SECRET })],
    ["another body", 401, "bad_signature", payload({ for: "eve" }), signed("a", payload())],
    ["another id", 401, "bad_signature", payload(), { ...signed("a", payload()), "webhook-id": "b" }],
    [
      "another time",
      401,
      "bad_signature",
      payload(),
      { ...signed("a", payload()), "webhook-timestamp": "1" },
    ],
    [
      "a version that does not exist",
      401,
      "bad_signature",
      payload(),
      {
        ...signed("a", payload()),
        "webhook-signature": signed("a", payload())["webhook-signature"]?.replace("v1", "v2") ?? "",
      },
    ],
    [
      "a wrong signature that is old too",
      401,
      "bad_signature",
      payload(),
      signed("a", payload(), { secret: OTHER_SECRET, ...at(-6) }),
    ],
    ["an old one", 400, "stale", payload(), signed("a", payload(), at(-6))],
    ["one from the future", 400, "stale", payload(), signed("a", payload(), at(6))],
    ["no JSON", 400, "malformed", "{", signed("a", "{")],
    ["an empty body", 400, "malformed", "", signed("a", "")],
    ["a list", 400, "malformed", "[]", signed("a", "[]")],
    ["no type", 400, "malformed", '{"data":{}}', signed("a", '{"data":{}}')],
    ["no data", 400, "malformed", '{"type":"laptop.lost"}', signed("a", '{"type":"laptop.lost"}')],
    [
      "a time that is none",
      400,
      "malformed",
      '{"type":"laptop.lost","timestamp":"now","data":{}}',
      signed("a", '{"type":"laptop.lost","timestamp":"now","data":{}}'),
    ],
    [
      "data nested without end",
      400,
      "malformed",
      `{"type":"laptop.lost","data":${"[".repeat(5000)}${"]".repeat(5000)}}`,
      signed("a", `{"type":"laptop.lost","data":${"[".repeat(5000)}${"]".repeat(5000)}}`),
    ],
    ["the id of a schedule's firing", 400, "malformed", payload(), signed("schedule:x:2026", payload())],
    [
      "another content type",
      415,
      "wrong_content_type",
      payload(),
      { ...signed("a", payload()), "content-type": "text/plain" },
    ],
    [
      "a type without a rule",
      422,
      "unknown_type",
      payload({}, "phone.lost"),
      signed("a", payload({}, "phone.lost")),
    ],
  ];
  test.each(cases)("answers %s with %i %s, and runs nothing", async (_, status, code, body, headers) => {
    const { runs, run } = recorder();
    const { events: made, news } = events({ workflows: run });
    const answer = await post(await served(made), body, headers);
    expect(answer).toMatchObject({ status, body: { error: { code, message: expect.stringMatching(/: /) } } });
    expect(news.map(({ what }) => what)).toEqual(["refused"]);
    expect(await made.list()).toEqual([]);
    expect(runs).toEqual([]);
  });

  test("takes what any of several secrets has signed, and of several signatures any", async () => {
    const url = await served(events({ secrets: [SECRET, OTHER_SECRET] }).events);
    const oldOne = signed("old", payload());
    const newOne = signed("new", payload(), { secret: OTHER_SECRET });
    expect((await post(url, payload(), oldOne)).status).toBe(202);
    expect((await post(url, payload(), newOne)).status).toBe(202);
    const both = `${signed("both", payload(), { secret: `whsec_${Buffer.alloc(24, 9).toString("base64")}` })["webhook-signature"]} ${signed("both", payload())["webhook-signature"]}`;
    expect(
      (await post(url, payload(), { ...signed("both", payload()), "webhook-signature": both })).status,
    ).toBe(202);
  });

  test("answers a repeat with 200, the same id with other content with 409", async () => {
    const { runs, run } = recorder();
    const url = await served(events({ workflows: run }).events);
    await post(url, payload(), signed("a", payload()));
    await until(() => runs.length > 0, "it runs");
    const repeat = await post(url, payload(), signed("a", payload()));
    expect([repeat.status, repeat.body]).toEqual([200, { status: "duplicate", id: "a" }]);
    const other = await post(url, payload({ for: "eve" }), signed("a", payload({ for: "eve" })));
    expect([other.status, other.body]).toMatchObject([409, { error: { code: "conflict" } }]);
    expect(runs).toHaveLength(1);
  });

  test("runs once what is sent 50 times at once", async () => {
    const { runs, run } = recorder();
    const { events: made } = events({ workflows: run });
    const url = await served(made);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => post(url, payload(), signed("a", payload()))),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array(49).fill(200), 202]);
    await until(async () => (await made.list({ state: "done" })).length === 1, "it is done");
    expect(runs).toHaveLength(1);
  });

  test("answers 503 with Retry-After while the journal cannot be written, and takes the repeat", async () => {
    const journal = join(folder(), "events.db");
    const { events: made, news } = events({ journal });
    const url = await served(made);
    const blocker = new Sqlite(journal);
    onTestFinished(() => void blocker.close());
    blocker.exec("BEGIN IMMEDIATE");
    const answer = await post(url, payload(), signed("a", payload()));
    expect(answer).toMatchObject({ status: 503, body: { error: { code: "journal_unavailable" } } });
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(news.some(({ what, detail }) => what === "warning" && detail?.includes(journal))).toBe(true);
    blocker.exec("ROLLBACK");
    expect((await post(url, payload(), signed("a", payload()))).status).toBe(202);
  });

  test("answers 503 while the queue is full, 429 above the rate", async () => {
    const { events: full } = events({ limits: { queue: 1 }, workflows: () => new Promise(() => {}) });
    await full.deliver({ id: "a", type: "laptop.lost", data: {} });
    // Not started: what is taken stays in the queue.
    const answer = await full.app.request("/events", {
      method: "POST",
      body: payload(),
      headers: signed("b", payload()),
    });
    expect([answer.status, await answer.json()]).toMatchObject([503, { error: { code: "overloaded" } }]);
    const url = await served(events({ limits: { perMinute: 60 } }).events);
    const answers = [
      await post(url, payload(), signed("a", payload())),
      await post(url, payload(), signed("b", payload())),
    ];
    expect(answers.map(({ status }) => status)).toEqual([202, 429]);
    expect(answers[1]?.headers.get("retry-after")).toBe("1");
  });

  test("answers other methods 405, other places 404, and says that it is well", async () => {
    const url = await served(events().events);
    const get = await fetch(url);
    expect([get.status, get.headers.get("allow"), await get.json()]).toMatchObject([
      405,
      "POST",
      { error: { code: "wrong_method" } },
    ]);
    expect((await fetch(new URL("/", url))).status).toBe(404);
    const health = await fetch(new URL("/health", url));
    expect([health.status, await health.json()]).toEqual([200, { status: "ok" }]);
  });

  test("takes no webhook without secrets", async () => {
    const url = await served(events({ secrets: undefined }).events);
    expect((await post(url, payload(), signed("a", payload()))).status).toBe(401);
  });
});

describe("a body", () => {
  test("that says it is too large is refused before any of it is read", async () => {
    const url = await served(events({ limits: { bodyBytes: 1000 } }).events);
    const body = payload("x".repeat(1000));
    expect(await post(url, body, signed("a", body))).toMatchObject({
      status: 413,
      body: { error: { code: "too_large" } },
    });
  });

  test("of 100 MB in chunks is not held, and refused while it comes", async () => {
    const url = await served(events().events);
    const { status, sentBytes } = await flood(url, 100 * 1024 * 1024);
    expect(status).toBe(413);
    expect(sentBytes).toBeLessThan(16 * 1024 * 1024);
  });

  test("that does not come is given up", async () => {
    const url = await served(events({ limits: { bodyMs: 50 } }).events);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sending = request(url, { method: "POST", headers: signed("a", "") }, (answer) => {
        resolve(answer.statusCode);
        sending.destroy();
      });
      sending.on("error", reject);
      sending.write("{");
    });
    expect(status).toBe(408);
  });
});

test("strangers who sign nothing do not shut out those who do", async () => {
  const url = await served(events().events);
  const strangers = Array.from({ length: 64 }, () => {
    const headers = { "content-type": "application/json", "content-length": 1000 };
    const sending = request(url, { method: "POST", headers });
    onTestFinished(() => void sending.destroy());
    return new Promise<number | undefined>((resolve, reject) => {
      sending.on("response", (answer) => resolve(answer.resume().statusCode)).on("error", reject);
      sending.flushHeaders();
    });
  });
  // None of them has sent its body, and all are answered.
  expect(new Set(await Promise.all(strangers))).toEqual(new Set([401]));
  expect((await post(url, payload(), signed("a", payload()))).status).toBe(202);
});

/** Sends zeros without a content-length until it is answered; the server may cut the connection then. */
function flood(
  url: string,
  mostBytes: number,
): Promise<{ readonly status: number | undefined; readonly sentBytes: number }> {
  return new Promise((resolve, reject) => {
    const chunk = Buffer.alloc(64 * 1024);
    let sentBytes = 0;
    let isAnswered = false;
    const sending = request(url, { method: "POST", headers: signed("a", "") }, (answer) => {
      isAnswered = true;
      resolve({ status: answer.statusCode, sentBytes });
      sending.destroy();
    });
    sending.on("error", (error) => isAnswered || reject(error));
    const send = (): void => {
      if (isAnswered || sentBytes >= mostBytes) return;
      sentBytes += chunk.length;
      if (sending.write(chunk)) setImmediate(send);
      else sending.once("drain", send);
    };
    send();
  });
}

describe("unsigned events", () => {
  test("are taken on a loopback address, from no page in a browser, and never elsewhere", async () => {
    const { events: made } = events({ secrets: "unsigned" });
    await expect(serveEvents(made, { host: "0.0.0.0" })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    const url = await served(made);
    const headers = { "content-type": "application/json", "webhook-id": "a" };
    expect((await post(url, payload(), headers)).status).toBe(202);
    const rebound = await new Promise<number | undefined>((resolve, reject) => {
      const asked = request(
        url,
        { method: "POST", headers: { ...headers, host: "evil.example" } },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        },
      );
      asked.on("error", reject).end(payload());
    });
    expect(rebound).toBe(401);
    // A server that does not say where it listens.
    expect((await made.app.request("/events", { method: "POST", body: payload(), headers })).status).toBe(
      401,
    );
  });
});

test("a request that breaks off is no fault of the endpoint", async () => {
  const { events: made, news } = events();
  const url = await served(made);
  const sending = request(url, { method: "POST", headers: signed("a", "") });
  sending.on("error", () => {});
  sending.write("{", () => setImmediate(() => sending.destroy()));
  await until(() => news.length > 0, "it is told");
  expect(news).toMatchObject([{ what: "refused", detail: expect.stringContaining("broke off") }]);
});
