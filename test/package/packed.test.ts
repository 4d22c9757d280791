import { existsSync, readdirSync, readFileSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join, normalize } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { root, run } from "../support/child.js";
import { startDevServer } from "../support/dev-server.js";
import { expectFirstAnswer } from "./first-answer.js";
import { importAll, linkedProject, runWell } from "./packed.js";

/** What pages link to and only the repository has. */
const REPOSITORY_ONLY = /^(?:CONTRIBUTING\.md|AGENTS\.md|langgraph\.json|notebooks|test\/)/;

let project: string;
let langbaton: string;
let initSaid: string;

beforeAll(async () => {
  project = await linkedProject();
  langbaton = join(project, "node_modules/langbaton");
  initSaid = await runWell(process.execPath, [join(langbaton, "dist/cli/main.js"), "init"], { cwd: project });
}, 60_000);
afterAll(() => rm(project, { recursive: true, force: true }));

test("the packed package holds every file that its package.json names", () => {
  const targets = [manifest.exports, manifest.bin].flatMap(pathsIn);
  expect(targets.length).toBeGreaterThan(100);
  expect(targets.filter((path) => !existsSync(join(langbaton, path)))).toEqual([]);
});

test("the packed package holds every file that its pages link to", () => {
  const folders = ["docs", "graphs"].flatMap((folder) =>
    readdirSync(join(langbaton, folder), { recursive: true }).map((name) => `${folder}/${name}`),
  );
  const pages = ["README.md", ...folders].filter((path) => /\.md$|llms\.txt$/.test(path));
  const links = pages.flatMap((page) =>
    [...readFileSync(join(langbaton, page), "utf8").matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) =>
      normalize(join(page, "..", match[1] ?? "")),
    ),
  );
  expect(links.length).toBeGreaterThan(50);
  expect(links.filter((path) => !REPOSITORY_ONLY.test(path) && !existsSync(join(langbaton, path)))).toEqual(
    [],
  );
});

test("the packed package holds no sources, tests, maps or notes of the compiler", async () => {
  const files = await readdir(langbaton, { recursive: true });
  const strange = files.filter((path) =>
    /\.map$|buildinfo|(?:^|\/)(?:src|test|notebooks)(?:\/|$)/.test(path),
  );
  expect(strange).toEqual([]);
});

test("the packed package holds no program whose source is gone", async () => {
  const programs = (await readdir(join(langbaton, "dist"), { recursive: true })).filter((path) =>
    path.endsWith(".js"),
  );
  expect(programs.length).toBeGreaterThan(100);
  const sources = programs.map((path) => path.replace(/\.js$/, ".ts"));
  const gone = sources.filter((path) => !existsSync(join(root, "src", path)));
  expect(gone, "left by an earlier build: remove dist, and build again").toEqual([]);
});

test("what is packed has nothing that npm would ask a newcomer to approve", () => {
  const { scripts } = JSON.parse(readFileSync(join(langbaton, "package.json"), "utf8"));
  const asked = ["preinstall", "install", "postinstall", "prepare"];
  expect(Object.keys(scripts).filter((name) => asked.includes(name))).toEqual([]);
});

test("every entry of the packed package can be imported, without the optional peers", async () => {
  expect(await importAll(project)).toEqual([]);
}, 60_000);

test("a model that needs an optional peer says what to install", async () => {
  const { code, stderr } = await run(
    process.execPath,
    [join(langbaton, "dist/cli/main.js"), "ask", "--model", "openai:gpt-5", "Hello"],
    { cwd: project, env: { OPENAI_API_KEY: "none" } },
  );
  const version = /^\^(\d+)\./.exec(manifest.peerDependencies["@langchain/openai"])?.[1];
  expect(stderr).toContain(`npm install @langchain/openai@${version} `);
  expect(stderr).toMatch(/^error: /);
  expect(code).toBe(2);
}, 60_000);

test("a new project's own file passes TypeScript's checks", async () => {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  expect(await runWell(process.execPath, [tsc, "-p", "."], { cwd: project })).toBe("");
}, 60_000);

test("a new project answers in the terminal", async () => {
  expect(initSaid).toContain('npm start -- "How many engineers do we have?"');
  const { scripts } = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
  expect(scripts.start).toBe("langbaton ask");
  const cli = join(langbaton, "dist/cli/main.js");
  const args = [cli, "ask", "How many engineers do we have?"];
  const { code, stdout, stderr } = await run(process.execPath, args, { cwd: project });
  expect(stdout, stderr).toContain("128 employees");
  expect(code).toBe(0);
}, 60_000);

test("a new project shows its agent in the dev server, which answers in a streamed run", async () => {
  const server = await startDevServer(project);
  try {
    await expectFirstAnswer(server);
  } finally {
    server.stop();
  }
}, 120_000);

/** All texts in a value, however deep. */
function pathsIn(value: unknown): string[] {
  return typeof value === "string" ? [value] : Object.values(value as object).flatMap(pathsIn);
}
