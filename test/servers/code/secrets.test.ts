import { execFileSync } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { isDrawnByLot } from "../../../src/servers/code/secrets/drawn-by-lot.js";
import { secretsIn } from "../../../src/servers/code/secrets/scan.js";
import { BASE62, BASE64URL, Chance, DIGITS, HEX } from "../../middleware/minimise/random.js";
import { root as project } from "../../support/child.js";
import { codeClient, folderOf } from "./temporary-folder.js";

// The same at each run, and yet none of them lies in this repository.
const chance = new Chance(20_261_121);
const BASE64 = `${BASE62}+/`;
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

test.each<[string, string, (secret: string) => string, () => string]>([
  ["an AWS secret", ".env", (secret) => `AWS_SECRET_ACCESS_KEY=${secret}`, () => draw(BASE64, 40)],
  ["one in code", "a.ts", (secret) => `x({ secretAccessKey: "${secret}" });`, () => draw(BASE64, 40)],
  ["an npm token", ".npmrc", (secret) => `//r.io/:_authToken=${secret}`, () => `npm_${draw(BASE62, 36)}`],
  ["npm's user", ".npmrc", (secret) => `_auth=${secret}`, () => btoa(`bob:${draw(BASE62, 20)}`)],
  [
    "GitLab's with a route",
    "ci.yml",
    (secret) => `token: ${secret}`,
    () => `glpat-${draw(BASE62, 27)}.01.${draw(HEX, 9)}`,
  ],
  ["a hex key", ".env", (secret) => `ENCRYPTION_KEY=${secret}`, () => `4${draw(HEX, 63)}`],
  ["one in a shell", "deploy.sh", (secret) => `export DB_PASSWORD=${secret}`, () => `a7${draw(BASE62, 14)}`],
  [
    "one with signs",
    "c.json",
    (secret) => `{"password": "${secret}"}`,
    () => `q7${draw(BASE62, 5)}}$<${draw(BASE62, 6)}`,
  ],
  [
    "one in a connection",
    "app.json",
    (secret) => `{"db": "Server=db;Password=${secret};Encrypt=true"}`,
    () => `a7${draw(BASE62, 12)}!`,
  ],
  ["Docker's", "config.json", (secret) => `{"auth": "${secret}"}`, () => btoa(`bob:${draw(BASE62, 20)}`)],
  ["one in XML", "a.xml", (secret) => `<password>${secret}</password>`, () => `a7${draw(BASE62, 16)}`],
])("%s is found from its beginning to its end", async (_, file, textOf, make) => {
  const secrets = Array.from({ length: 10 }, make);
  for (const secret of secrets) {
    const { findings, everything } = await scan({ [file]: `${textOf(secret)}\n` });
    expect(findings).toHaveLength(1);
    for (let at = 0; at + 6 <= secret.length; at++)
      expect(everything).not.toContain(secret.slice(at, at + 6));
  }
});

test("what nobody took for a secret is not shown beside one", async () => {
  const [missed, key] = [`Zk${draw(BASE62, 8)}7`, KEYS.github?.() ?? ""];
  const { everything } = await scan({ "a.ts": `x({ user: "bob", pin: "${missed}", token: "${key}" });\n` });
  expect(everything).not.toContain(missed);
  expect(everything).toContain("[GitHub token, 40 characters]");
});

test("a service account's key is found", async () => {
  const account = { type: "service_account", private_key_id: draw(HEX, 40), private_key: pem() };
  const { findings } = await scan({ "account.json": JSON.stringify(account) });
  expect(findings).toMatchObject([{ kind: "private key", severity: "critical" }]);
});

test.each([
  [
    "what SOPS encrypted",
    `password: ENC[AES256_GCM,data:${draw(BASE64, 28)},iv:${draw(BASE64, 24)},type:str]`,
  ],
  ["a name of a secret", "existingSecret: app-secret-v2\ntlsSecret: my-app-tls-2024"],
  ["a place in a vault", "password: vault:secret/data/app#pw1"],
  ["a public key's token", `Version=1.0, PublicKeyToken=${draw(HEX, 16)}`],
])("%s is nothing", async (_, text) => {
  expect(await scan({ "a.yaml": `${text}\n` })).toMatchObject({ findings: [], likelyExamples: [] });
});

test.each([
  "password=aB3dE5fG7h\n",
  "token='aB3dE5fG7h' ",
  "://a:b@c ",
  "eyJaaaaaaaaa.",
  "SG.a",
  "a",
  "-----BEGIN PRIVATE KEY-----\n",
])("128 KiB of %j take little time", async (piece) => {
  const before = process.cpuUsage();
  await secretsIn("a.env", piece.repeat(131_072 / piece.length));
  // Of the processor, which others use as well.
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(2000);
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
