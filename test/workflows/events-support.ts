import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { onTestFinished } from "vitest";
import {
  createEvents,
  type EventNews,
  type EventRunOutcome,
  type Events,
  type EventsOptions,
  type RunNamedWorkflow,
} from "../../src/workflows/events.js";

export const SECRET = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
export const OTHER_SECRET = `whsec_${Buffer.alloc(32, 2).toString("base64")}`;

export const DONE: EventRunOutcome = { status: "done" };

/** A folder that goes with the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "langbaton-events-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** What was run, in order; each run ends as `outcomeOf` says. */
export function recorder(
  outcomeOf: (id: string, attempt: number) => EventRunOutcome | Promise<EventRunOutcome> = () => DONE,
) {
  const runs: { readonly workflow: string; readonly id: string; readonly input: unknown }[] = [];
  const run: RunNamedWorkflow = async (workflow, { id, input }) => {
    runs.push({ workflow, id, input });
    return outcomeOf(id, runs.filter((each) => each.id === id).length);
  };
  return { runs, run };
}

type Options = Partial<Omit<EventsOptions, "secrets">> & {
  readonly secrets?: EventsOptions["secrets"] | undefined;
};

/** Events that are closed after the test, and what they told. */
export function events(options: Options = {}): {
  readonly events: Events;
  readonly news: EventNews[];
} {
  const news: EventNews[] = [];
  const { secrets, ...rest } = { secrets: [SECRET], ...options };
  const made = createEvents({
    journal: rest.journal ?? join(folder(), "events.db"),
    workflows: recorder().run,
    rules: [{ name: "laptops", on: "laptop.*", workflow: "provision" }],
    ...(secrets !== undefined && { secrets }),
    onNews: (each) => void news.push(each),
    ...rest,
  });
  onTestFinished(() => made.close());
  return { events: made, news };
}

/** Headers of a sender that signs with the library of Standard Webhooks. */
export function signed(
  id: string,
  body: string,
  { secret = SECRET, at = new Date() } = {},
): Record<string, string> {
  return {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": `${Math.floor(at.getTime() / 1000)}`,
    "webhook-signature": new Webhook(secret).sign(id, at, body),
  };
}

export function payload(data: unknown = { for: "ada" }, type = "laptop.requested"): string {
  return JSON.stringify({ type, timestamp: "2026-01-01T00:00:00Z", data });
}
