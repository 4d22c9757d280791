import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { oneLine } from "../../src/cli/events.js";
import { type Finished, root, run } from "../support/child.js";
import { startProgram, until } from "../support/processes.js";
import { folder, payload, SECRET, signed } from "./events-support.js";

const command = ["--import", "tsx", fileURLToPath(new URL("events-command.ts", import.meta.url))];
const env = { WEBHOOK_SECRET: SECRET };

function langbaton(...args: readonly string[]): Promise<Finished> {
  return run(process.execPath, [...command, ...args], { cwd: root, env });
}

function write(place: string, name: string, content: unknown): string {
  const file = join(place, name);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

const workflow = {
  name: "greet",
  steps: [{ name: "say", value: "input.for = 'nobody' ? $error('for whom?') : 'hello ' & input.for" }],
};
const rules = `{
  // Comments are allowed.
  "workflows": ["greet.json"],
  "rules": [{ "name": "hello", "on": "laptop.*", "workflow": "greet" }],
  "schedules": [{ "name": "weekly", "cron": "0 9 * * 1", "workflow": "greet", "missed": "once" }],
  "secrets": ["\${env:WEBHOOK_SECRET}"],
}`;

test("serve-events takes events, works them, ends with 0; events list, show and retry look after them", async () => {
  const place = folder();
  write(place, "greet.json", workflow);
  const config = write(place, "mcp.json", { mcpServers: {} });
  const [journal, threads] = [join(place, "events.db"), join(place, "threads.db")];
  const serve = ["serve-events", "--rules", write(place, "rules.jsonc", rules), "--config", config];
  const args = [...command, ...serve, "--journal", journal, "--threads", threads, "--port", "0"];
  const server = await startProgram(args, env, "listening on");
  onTestFinished(() => server[Symbol.asyncDispose]());
  const url = /listening on (\S+)/.exec(server.output())?.[1] ?? "";
  const post = (id: string, body: string) => fetch(url, { method: "POST", body, headers: signed(id, body) });
  expect((await post("good", payload())).status).toBe(202);
  expect((await post("bad", payload({ for: "nobody" }))).status).toBe(202);
  expect(
    (await fetch(url, { method: "POST", body: "{}", headers: { "content-type": "application/json" } }))
      .status,
  ).toBe(401);
  await until(
    () => /done {2}good\/hello/.test(server.output()) && /dead {2}bad\/hello/.test(server.output()),
    "both have ended",
  );
  expect(server.output()).toMatch(/refused {2}the signature is missing/);

  const dead = await langbaton("events", "list", "--dead", "--journal", journal);
  expect(dead.stdout).toMatch(/^\S+ {2}dead {6}bad\/hello {2}laptop\.requested {2}1 attempt {2}.*for whom/);
  expect(dead.stdout.trim().split("\n")).toHaveLength(1);
  const show = await langbaton("events", "show", "good", "--json", "--journal", journal);
  expect(JSON.parse(show.stdout)).toMatchObject({
    id: "good",
    data: { for: "ada" },
    runs: [{ state: "done" }],
  });
  // From another process: the one that serves finds it.
  expect((await langbaton("events", "retry", "bad", "--journal", journal)).stdout).toMatch(/^bad\/hello/);
  await until(() => server.output().split(/dead {2}bad\/hello/).length === 3, "it is tried again");

  server.child.kill("SIGTERM");
  await until(() => server.child.exitCode !== null, "it ends");
  expect(server.child.exitCode).toBe(0);
  expect(server.output()).toMatch(/closing\n/);
}, 60_000);

test("serve-events tells all that is wrong with the rules, each at its line, and no secret", async () => {
  const place = folder();
  const file = write(
    place,
    "rules.json",
    `{
  "workflows": ["greet.json"],
  "rules": [
    { "name": "a", "on": "x", "workflow": "greet", "when": "data.(" },
    { "name": "a", "on": "y", "workflow": "greet" }
  ],
  "schedules": [{ "name": "s", "cron": "99 * * * *", "workflow": "greet" }],
  "secrets": ["${SECRET}", "\${env:NOT_SET}"]
}`,
  );
  const { code, stderr } = await langbaton("serve-events", "--rules", file);
  expect(code).toBe(2);
  for (const place of [
    "rules[0].when (line 4",
    "rules[1].name (line 5",
    "schedules[0].cron (line 7",
    "secrets[0] (line 8",
    "secrets[1] (line 8",
  ])
    expect(stderr).toContain(place);
  expect(stderr).toContain("NOT_SET");
  expect(stderr).not.toContain("whsec_A");
  const shape = await langbaton(
    "serve-events",
    "--rules",
    write(place, "shape.json", '{ "rules": [{ "nmae": "a" }] }'),
  );
  expect(shape.code).toBe(2);
  for (const key of ["workflows", "rules[0].nmae", "rules[0].on", "rules[0].workflow"])
    expect(shape.stderr).toContain(key);
}, 30_000);

test("events says that a journal is not there, and makes none", async () => {
  const journal = join(folder(), "no.db");
  const { code, stderr } = await langbaton("events", "list", "--journal", journal);
  expect(code).toBe(4);
  expect(stderr).toContain(journal);
  expect((await langbaton("events", "list", "--journal", journal)).code).toBe(4);
}, 30_000);

test("serve-events refuses two workflows of one name, and names both files", async () => {
  const place = folder();
  for (const name of ["one.json", "two.json"]) write(place, name, workflow);
  const config = write(place, "mcp.json", { mcpServers: {} });
  const file = write(place, "rules.json", { workflows: ["one.json", "two.json"], secrets: "unsigned" });
  const { code, stderr } = await langbaton(
    ...["serve-events", "--rules", file, "--config", config, "--port", "0"],
    ...["--journal", join(place, "events.db"), "--threads", join(place, "threads.db")],
  );
  expect(code).toBe(2);
  for (const text of ["one.json", "two.json", "'greet'"]) expect(stderr).toContain(text);
}, 30_000);

test("an empty file of rules is told what it needs, and where", async () => {
  const { stderr } = await langbaton("serve-events", "--rules", write(folder(), "rules.json", ""));
  expect(stderr).toMatch(/line 1, column 1\) is empty.*"workflows"/);
}, 30_000);

test("what an event says can neither obey a terminal nor pretend to be another line", () => {
  expect(oneLine("\u001b[2J\u001b]0;owned\u0007a\r\nb\u009b1m")).toBe("a\\r\\nb");
});
