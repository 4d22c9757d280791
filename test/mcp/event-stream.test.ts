import { expect, test } from "vitest";
import { filterEvents } from "../../src/mcp/event-stream.js";

/** What is handed on of a stream that comes in these chunks, and what was said of it. */
async function filter(chunks: readonly string[], maxBytes: number, last?: string) {
  const said: string[] = [];
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(Buffer.from(chunk));
      controller.close();
    },
  });
  const events = filterEvents(body, maxBytes, {
    onData: (data) => (data === "drop" ? undefined : data.toUpperCase()),
    onLimit: (head) => {
      said.push(`limit ${head.slice(0, 10)}`);
      return last;
    },
    onOversize: (head, tail) => void said.push(`over ${head.slice(0, 10)} ${tail.slice(-3)}`),
  });
  return { text: await new Response(events).text(), said };
}

test("hands on what the judge makes of each message, ids and retry times, and no comments", async () => {
  const stream =
    ": hi\n\nid: 1\nretry: 5\ndata:\n\nevent: message\nid: 2\ndata: a\ndata: b\n\ndata: drop\n\nevent: endpoint\ndata: /x\n\n";
  const expected = "id: 1\nretry: 5\ndata: \n\nid: 2\ndata: A\ndata: B\n\nevent: endpoint\ndata: /x\n\n";
  expect((await filter([stream], 1000)).text).toBe(expected);
  expect((await filter([...stream], 1000)).text, "however it is cut").toBe(expected);
});

test("passes over an event that is too long, in one line or in many, and reads on", async () => {
  const long = `data: ${"x".repeat(200)}end\n\n`;
  const many = `${"data: yyyyyyyyy\n".repeat(20)}\n`;
  const { text, said } = await filter([`data: a\n\n${long}${many}data: b\n\n`], 100);
  expect(text).toBe("data: A\n\ndata: B\n\n");
  expect(said).toEqual(["limit data: xxxx", "over data: xxxx end", "limit yyyyyyyyy", "over yyyyyyyyy "]);
});

test.each([
  ["one line", `data: ${"x".repeat(300)}`],
  ["many lines", "data: yyyyyyyyy\n".repeat(20)],
])(
  "ends with the judge's own word when an event passes the limit in %s, before it is over",
  async (_, long) => {
    const { text, said } = await filter(["data: a\n\n", long, "\n\ndata: b\n\n"], 100, "too long");
    expect(text).toBe("data: A\n\ndata: too long\n\n");
    expect(said).toHaveLength(1);
  },
);
