import { execFileSync } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { isDrawnByLot } from "../../../src/servers/code/secrets/drawn-by-lot.js";
import { BASE62, BASE64URL, Chance, DIGITS, HEX } from "../../middleware/minimise/random.js";
import { root as project } from "../../support/child.js";
import { codeClient, folderOf } from "./temporary-folder.js";

// The same at each run, and yet none of them lies in this repository.
const chance = new Chance(20_261_121);
const draw = (alphabet: string, length: number) => chance.text(alphabet, length);
const jwt = () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub: draw(BASE62, 12), admin: true })}.${draw(BASE64URL, 43)}`;
};
const pem = () =>
  generateKeyPairSync("ec", { namedCurve: "P-256" })
    .privateKey.export({ type: "pkcs8", format: "pem" })
    .toString();

const KEYS: Readonly<Record<string, () => string>> = {
  aws: () => `AKIA${draw("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)}`,
  github: () => `ghp_${draw(BASE62, 36)}`,
  githubFine: () => `github_pat_${draw(BASE62, 22)}_${draw(BASE62, 59)}`,
  gitlab: () => `glpat-${draw(BASE62, 20)}`,
  slack: () => `xoxb-${draw(DIGITS, 12)}-${draw(DIGITS, 12)}-${draw(BASE62, 24)}`,
  openai: () => `sk-proj-${draw(BASE62, 74)}`,
  anthropic: () => `sk-ant-api03-${draw(BASE62, 93)}AA`,
  stripe: () => `sk_live_${draw(BASE62, 24)}`,
  google: () => `AIza${draw(BASE62, 35)}`,
  npm: () => `npm_${draw(BASE62, 36)}`,
  huggingFace: () => `hf_${draw(BASE62, 34)}`,
  sendgrid: () => `SG.${draw(BASE62, 22)}.${draw(BASE62, 43)}`,
  digitalOcean: () => `dop_v1_${draw(HEX, 64)}`,
  jwt,
};

interface Found {
  readonly file: string;
  readonly line: number;
  readonly severity: string;
  readonly excerpt: string;
  readonly reason?: string;
}
interface Data {
  readonly findings: readonly Found[];
  readonly likelyExamples: readonly Found[];
}

async function scan(
  files: Readonly<Record<string, string>>,
): Promise<Data & { readonly everything: string }> {
  const { call } = await codeClient(folderOf(files));
  const { data, text } = await call<Data>("secrets", { limit: 200 });
  return { ...data, everything: text + JSON.stringify(data) };
}

test.each(Object.keys(KEYS))("a %s key in the source is found, and shown to nobody", async (kind) => {
  const keys = Array.from({ length: 20 }, () => KEYS[kind]?.() ?? "");
  const files = Object.fromEntries(
    keys.map((key, index) => [`src/a${index}.ts`, `// client\nexport const value = "${key}";\n`]),
  );
  const { findings, everything } = await scan(files);
  expect(findings.map(({ file, line }) => `${file}:${line}`).sort()).toEqual(
    keys.map((_, index) => `src/a${index}.ts:2`).sort(),
  );
  expect(new Set(findings.map(({ severity }) => severity))).toEqual(new Set(["critical"]));
  for (const key of keys) {
    expect(everything).not.toContain(key);
    expect(everything).not.toContain(key.slice(-12));
  }
});

test("a private key is found in a file and in a string, wherever it lies, and nothing of it is shown", async () => {
  const [one, other] = [pem(), pem()];
  const { findings, everything } = await scan({
    "deploy/server.pem": one,
    "test/key.ts": `export const key = ${JSON.stringify(other)};\n`,
  });
  expect(findings.map(({ file, severity }) => [file, severity])).toEqual([
    ["deploy/server.pem", "critical"],
    ["test/key.ts", "medium"],
  ]);
  for (const line of `${one}${other}`.split("\n").filter((text) => !text.startsWith("-----") && text))
    expect(everything).not.toContain(line);
});

test("passwords in assignments and addresses are found where values stand, and not where programs do", async () => {
  const [password, other, third] = [draw(BASE62, 14), draw(BASE62, 16), draw(BASE62, 20)].map(
    (text) => `a7${text}Q2`,
  );
  const { findings, everything } = await scan({
    "src/db.ts": `export const url = "postgres://billing:${password}@db.acme.io:5432/main";\n`,
    ".env": `DB_PASSWORD=${other}\nDB_HOST=db\n`,
    "src/client.ts": `const apiKey = "${third}";\nconst token = request.params.token2;\nlet password: Secret3String;\n`,
  });
  expect(findings.map(({ file, line }) => `${file}:${line}`).sort()).toEqual([
    ".env:1",
    "src/client.ts:1",
    "src/db.ts:1",
  ]);
  for (const secret of [password, other, third]) expect(everything).not.toContain(secret);
});

test("two secrets on one line hide each other", async () => {
  const [one, other] = [KEYS.github?.() ?? "", KEYS.stripe?.() ?? ""];
  const { findings, everything } = await scan({ "src/a.js": `use("${one}", "${other}");\n` });
  expect(findings).toHaveLength(2);
  expect(everything).not.toContain(one.slice(4));
  expect(everything).not.toContain(other.slice(8));
});

test.each([
  ["a published example", "src/a.ts", `const key = "AKIA${"IOSFODNN7EXAMPLE"}";`],
  ["counted-up letters", "src/a.ts", `const token = "ghp_${"abcdefghijklmnopqrstuvwxyz0123456789"}";`],
  ["one letter again and again", "src/a.ts", `const token = "ghp_${"a".repeat(36)}";`],
  ["a database on this machine", "src/a.ts", `connect("postgres://app:pa55word1@localhost:5432/app");`],
  ["a usual password", "docker-compose.yml", `url: postgres://postgres:postgres@db.internal.net/app`],
  ["Stripe's test mode", "src/a.ts", `const key = "sk_test_${draw(BASE62, 24)}";`],
  ["a password that a test made up", "test/a.test.ts", `login({ password: "tr0ub4dor&3" });`],
  [
    "a frame without a key",
    "src/a.ts",
    `const pem = "-----BEGIN PRIVATE KEY-----\\nabc\\n-----END PRIVATE KEY-----";`,
  ],
])("%s is an example, not a finding", async (_, file, line) => {
  const { findings, likelyExamples } = await scan({ [file]: `${line}\n` });
  expect(findings).toEqual([]);
  expect(likelyExamples).toMatchObject([{ file, severity: "info", reason: expect.any(String) }]);
});

test.each([
  ["a variable", "src/a.ts", "const password = process.env.DB_PASSWORD;"],
  ["a placeholder", ".env", "API_KEY=<your-key>"],
  ["a reference", "config.yml", "password: ${DB_PASSWORD}"],
  ["a pattern", "src/a.ts", "const KEY = /ghp_[A-Za-z0-9]{36}/;"],
  ["a field's name", "src/a.ts", `const token = "access_token";`],
  ["a checksum", "package-lock.json", `{"integrity": "sha512-${randomBytes(64).toString("base64")}"}`],
  ["a commit", "src/a.ts", `const commit = "${randomBytes(20).toString("hex")}";`],
  ["an id", "src/a.ts", `const id = "${crypto.randomUUID()}";`],
  ["a key that is accepted", "src/a.ts", `const key = "ghp_${draw(BASE62, 36)}"; // gitleaks:allow`],
  [
    "a beginning of one that is made at run time",
    "src/a.ts",
    "const key = `pypi-AgEIcHlwaS5vcmc${draw(120)}`;",
  ],
])("%s is nothing", async (_, file, line) => {
  expect(await scan({ [file]: `${line}\n` })).toMatchObject({ findings: [], likelyExamples: [] });
});

test("a real key among tests is a finding all the same", async () => {
  const { findings } = await scan({ "test/a.test.ts": `const key = "${KEYS.github?.()}";\n` });
  expect(findings).toMatchObject([{ severity: "medium" }]);
});

test("isDrawnByLot() knows keys from what people write", () => {
  const keys = Array.from({ length: 2000 }, (_, index) =>
    index % 2 === 0 ? draw(BASE62, 24) : draw(HEX, 32),
  );
  expect(keys.filter((key) => !isDrawnByLot(key)).length).toBeLessThan(20);
  const words = [
    "correct-horse-battery-staple",
    "my-secret-key-2024",
    "abcdefghijklmnop1234",
    "createCodeReviewOptions",
    "aaaaaaaaaaaaaaaaaaaaaaaa",
    "a1b2c3d4e5f6g7h8i9j0",
  ];
  expect(words.filter(isDrawnByLot)).toEqual([]);
});

test("this repository has none", async () => {
  const tracked = execFileSync("git", ["ls-files"], { cwd: project, encoding: "utf8" }).split("\n").length;
  const { call } = await codeClient(project);
  const { data } = await call<Data & { readonly files: number }>("secrets", { limit: 200 });
  expect(data.findings.map(({ file, line, excerpt }) => `${file}:${line} ${excerpt}`)).toEqual([]);
  expect(data.files).toBeGreaterThan(tracked * 0.9);
  expect(data.likelyExamples.length).toBeGreaterThan(10);
});
