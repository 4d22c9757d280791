import { GraphInterrupt } from "@langchain/langgraph";
import { createCall, type Handler } from "../../src/core/call.js";
import { compose } from "../../src/core/compose.js";
import { BatonError } from "../../src/core/errors.js";
import type { Result } from "../../src/core/result.js";
import { cache } from "../../src/middleware/cache.js";
import { standard } from "../../src/middleware/standard.js";
import { recordTimeline, type TimelineSpan } from "../../src/telemetry/timeline.js";
import { FakeClock } from "../support/fake-clock.js";

/** How long a tool takes in milliseconds, and what it throws after that, if it throws. */
type Answer = readonly [ms: number, error?: Error];

const fine: Result = { content: [{ type: "text", text: "fine" }] };
const broken = new BatonError("UPSTREAM", "the server broke", { retryable: true, effect: "possible" });
const asked = new GraphInterrupt([{ value: "send it?" }]);

/** An application with the middleware of the package, over tools that answer on a clock that stands still meanwhile. */
function setUp(answer: (call: string) => Answer) {
  const clock = new FakeClock(Date.UTC(2026, 0, 5, 9));
  const timeline = recordTimeline({ clock });
  const tool: Handler = async ({ server, tool: name, signal }) => {
    const [ms, error] = answer(`${server}.${name}`);
    await clock.sleep(ms, signal);
    if (error) throw error;
    return fine;
  };
  const use = standard({ clock, cache: false, retry: { attempts: 3 } });
  const kept = cache({ clock, ttlMs: 600_000 });
  const handler = compose([timeline.use, kept, ...use, timeline.attempts], tool);
  let calls = 0;
  const call = (name: string, args: Record<string, unknown> = {}): Promise<unknown> => {
    const [server = "", tool = ""] = name.split(".");
    const hints = { readOnly: server !== "mail" };
    return handler(createCall({ id: String(++calls), threadId: "example", server, tool, args, hints })).catch(
      () => {},
    );
  };
  return { clock, call, timeline };
}

/** A run with all that is seen often: a retry, a result from a cache, a failure, a person who was asked. */
export async function exampleRun(): Promise<readonly TimelineSpan[]> {
  const searches: Answer[] = [[200, broken], [280, broken], [480]];
  const mails: Answer[] = [[20, asked], [160]];
  const { clock, call, timeline } = setUp((name) => {
    if (name === "enterprise.search_knowledge_base") return searches.shift() ?? [480];
    if (name === "mail.send") return mails.shift() ?? [160];
    return name === "web-search.fetch" ? [500, broken] : [80];
  });
  const first = call("files.read_text_file", { path: "travel.md" });
  const search = call("enterprise.search_knowledge_base", { query: "travel" });
  await clock.advance(150);
  const again = call("files.read_text_file", { path: "travel.md" });
  const page = call("web-search.fetch", { url: "https://example.org" });
  await over(clock, [first, search, again, page]);
  await over(clock, [call("mail.send", { to: "ann@example.org" })]);
  await clock.advance(8 * 60_000);
  await over(clock, [call("mail.send", { to: "ann@example.org" })]);
  return timeline.spans();
}

/** Calls of three tools one after another, each as fast as its kind is: a file, a search, a page of the web. */
export async function exampleCalls(): Promise<readonly TimelineSpan[]> {
  const usual: Readonly<Record<string, number>> = {
    "files.read_text_file": 4,
    "enterprise.search_knowledge_base": 180,
    "web-search.fetch": 900,
  };
  const { clock, call, timeline } = setUp((name) => {
    // Most calls take about the usual time, and a few take much longer.
    const ms = (usual[name] ?? 0) * 4 ** (clock.random() ** 3);
    return name === "web-search.fetch" && clock.random() < 0.1 ? [ms, new Error("gone")] : [ms];
  });
  for (let turn = 0; turn < 40; turn++)
    for (const [name, every] of Object.entries({
      "files.read_text_file": 1,
      "enterprise.search_knowledge_base": 2,
      "web-search.fetch": 3,
    })) {
      if (turn % every !== 0) continue;
      await over(clock, [call(name, { about: turn % 30 })]);
    }
  return timeline.spans();
}

/** Moves the clock on until all of this has ended. */
async function over(clock: FakeClock, work: readonly Promise<unknown>[]): Promise<void> {
  let isOver = false;
  const all = Promise.all(work).finally(() => {
    isOver = true;
  });
  while (!isOver) await clock.advance(10);
  await all;
}
