import { BASE62, BASE64, BASE64URL, type Chance, DIGITS, HEX, LOWER, UPPER } from "./random.js";

/** One datum: what must not be seen, and the text that it comes in when that is more. */
export interface Datum {
  readonly hidden: string;
  readonly text: string;
  /** Only in surroundings that say what it is. */
  readonly key?: string;
}

type Make = (chance: Chance) => Datum | string;

const FIRST = [
  "anna",
  "bob",
  "chen",
  "dmitri",
  "elena",
  "farid",
  "grace",
  "hiro",
  "ines",
  "jürgen",
  "o'neil",
  "x",
];
const LAST = ["smith", "müller", "garcia", "ivanova", "tanaka", "okafor", "nguyen", "de-vries", "b"];
const HOSTS = [
  "example.com",
  "mail.example.org",
  "corp.co.uk",
  "163.com",
  "uni-köln.de",
  "x.io",
  "a.b.c.museum",
  "xn--bcher-kva.de",
];

/** What the formats' own definitions say; nothing here is taken from the detectors. */
export const PERSONAL: Readonly<Record<string, Make>> = {
  email: (c) =>
    `${c.pick(FIRST)}${c.pick([".", "_", "-", "", "+"])}${c.pick([...LAST, c.digits(3)])}@${c.pick(HOSTS)}`,
  "phone, international": (c) => {
    const [code, ...groups] = c.pick([
      ["1", 3, 3, 4],
      ["44", 2, 4, 4],
      ["49", 2, 7],
      ["49", 3, 3, 4],
      ["33", 1, 2, 2, 2, 2],
      ["34", 3, 3, 3],
      ["39", 2, 4, 4],
      ["81", 2, 4, 4],
      ["86", 3, 4, 4],
      ["91", 5, 5],
      ["55", 2, 5, 4],
      ["61", 3, 3, 3],
      ["351", 3, 3, 3],
      ["971", 2, 3, 4],
      ["7", 3, 3, 2, 2],
    ] as const);
    const separator = c.pick(["", " ", "-", " ", "."]);
    const national = groups
      .map((length, i) => digitsFrom(c, length, i === 0 || code === "1" ? 2 : 0))
      .join(separator);
    const bracketed = code === "44" && separator === " " && c.number() < 0.3 ? `(0)${national}` : national;
    return `${c.pick(["+", "+", "+", "00"])}${code}${separator === "" ? c.pick(["", " "]) : separator}${bracketed}`.replace(
      /^00(\d+)$/,
      "+$1",
    );
  },
  "phone, national": (c) => {
    const two = () => c.digits(2);
    return c.pick([
      () => `(${digitsFrom(c, 3, 2)}) ${digitsFrom(c, 3, 2)}-${c.digits(4)}`,
      () => [digitsFrom(c, 3, 2), digitsFrom(c, 3, 2), c.digits(4)].join(c.pick(["-", ".", " "])),
      () => `1-800-${digitsFrom(c, 3, 2)}-${c.digits(4)}`,
      () => `020 7${c.digits(3)} ${c.digits(4)}`,
      () => `07${c.digits(3)} ${c.digits(6)}`,
      () => `0${digitsFrom(c, 2, 2)}${c.pick(["/", " ", "-"])}${digitsFrom(c, 7, 2)}`,
      () => `01${c.digits(2)} ${c.digits(8)}`,
      () => [`0${c.whole(1, 9)}`, two(), two(), two(), two()].join(c.pick([" ", ".", "-"])),
      () => `0${c.pick(["3", "6"])}-${digitsFrom(c, 4, 2)}-${c.digits(4)}`,
      () => `(0${c.whole(2, 9)}) ${digitsFrom(c, 4, 2)} ${c.digits(4)}`,
      () => `(${c.whole(11, 99)}) 9${c.digits(4)}-${c.digits(4)}`,
      () => `13${c.digits(1)}-${c.digits(4)}-${c.digits(4)}`,
    ])();
  },
  "phone, named": (c) => ({
    key: c.pick(["phone", "mobile", "tel", "fax"]),
    ...same(digitsFrom(c, c.whole(9, 11), 2)),
  }),
  card: (c) => {
    const [prefix, length] = c.pick([
      ["4", 16],
      ["4", 13],
      ["4", 19],
      ["51", 16],
      ["55", 16],
      ["2221", 16],
      ["2720", 16],
      ["34", 15],
      ["37", 15],
      ["6011", 16],
      ["65", 16],
      ["3530", 16],
      ["36", 14],
      ["305", 14],
      ["62", 16],
    ] as const);
    return grouped(c, withLuhn(prefix + c.digits(length - prefix.length - 1)));
  },
  iban: (c) => {
    const [country, pattern] = c.pick([
      ["DE", "n18"],
      ["GB", "a4n14"],
      ["FR", "n10c11n2"],
      ["ES", "n20"],
      ["IT", "a1n10c12"],
      ["NL", "a4n10"],
      ["CH", "n5c12"],
      ["AT", "n16"],
      ["BE", "n12"],
      ["PL", "n24"],
      ["SE", "n20"],
      ["NO", "n11"],
      ["MT", "a4n5c18"],
      ["SA", "n2c18"],
      ["BR", "n23a1c1"],
    ] as const);
    const account = withIbanCheck(
      country,
      pattern.replace(/([nac])(\d+)/g, (_, kind: string, count: string) =>
        c.text(kind === "n" ? DIGITS : kind === "a" ? UPPER : UPPER + DIGITS, Number(count)),
      ),
    );
    return c.number() < 0.5 ? account : account.replace(/(.{4})(?=.)/g, "$1 ");
  },
  ipv4: (c) =>
    [c.pick([8, 10, 62, 91, 172, 185, 192, 203, 217]), ...[0, 1, 2].map(() => c.whole(0, 255))].join("."),
  ipv6: (c) => {
    const groups = Array.from({ length: 8 }, () => c.whole(0x100, 0xffff).toString(16));
    return c.pick([
      () => ["2001", ...groups.slice(1)].join(":"),
      () => `2a02:${groups[0]}:${groups[1]}::${groups[2]}`,
      () => `fe80::${groups.slice(0, 4).join(":")}`,
      () => `2001:db8::${c.whole(1, 999)}`,
    ])();
  },
  aws: (c) => c.pick(["AKIA", "ASIA"]) + c.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16),
  github: (c) =>
    c.pick([
      () => `${c.pick(["ghp", "gho", "ghs", "ghu"])}_${c.text(BASE62, 36)}`,
      () => `github_pat_${c.text(BASE62, 22)}_${c.text(BASE62, 59)}`,
    ])(),
  gitlab: (c) => `glpat-${c.text(BASE64URL, 20)}`,
  slack: (c) => `xox${c.pick(["b", "p", "a"])}-${c.digits(11)}-${c.digits(12)}-${c.text(BASE62, 24)}`,
  "model providers": (c) =>
    c.pick([
      () => `sk-${c.text(BASE62, 48)}`,
      () => `sk-proj-${c.text(BASE64URL, 74)}`,
      () => `sk-ant-api03-${c.text(BASE64URL, 93)}AA`,
    ])(),
  stripe: (c) => `${c.pick(["sk", "rk"])}_live_${c.text(BASE62, c.pick([24, 99]))}`,
  google: (c) => `AIza${c.text(BASE64URL, 35)}`,
  registries: (c) =>
    c.pick([() => `npm_${c.text(BASE62, 36)}`, () => `pypi-AgEIcHlwaS5vcmc${c.text(BASE64URL, 120)}`])(),
  jwt: (c) => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    return `${encode({ alg: c.pick(["HS256", "RS256"]), typ: "JWT" })}.${encode({ sub: c.digits(8), iat: 1.7e9 })}.${c.text(BASE64URL, 43)}`;
  },
  "private key": (c) => {
    const kind = c.pick(["RSA ", "EC ", "", "OPENSSH ", "ENCRYPTED "]);
    const body = Array.from({ length: c.whole(2, 12) }, () => c.text(BASE64, 64)).join("\n");
    return {
      hidden: body,
      text: `-----BEGIN ${kind}PRIVATE KEY-----\n${body}\n-----END ${kind}PRIVATE KEY-----`,
    };
  },
  "authorization header": (c) => {
    const token = c.text(BASE64URL, c.whole(20, 60));
    const basic = Buffer.from(`${c.pick(FIRST)}:${c.text(BASE62, 10)}`).toString("base64");
    return c.pick([
      { hidden: token, text: `Authorization: Bearer ${token}` },
      { hidden: basic, text: `Authorization: Basic ${basic}` },
      { hidden: token, text: `-H "authorization: token ${token}"` },
    ]);
  },
  assignment: (c) => {
    const value = c.pick([
      () => c.text(`${BASE62}!$%^*#@`, c.whole(8, 20)).replace(/^./, "k").replace(/..$/, "4z"),
      () =>
        `${c.pick(["Summer", "hunter", "dragon", "Berlin"])}${c.whole(10, 9999)}${c.pick(["", "!", "#x"])}`,
    ])();
    const name = c.pick([
      "password",
      "DB_PASSWORD",
      "passwd",
      "api_key",
      "apiKey",
      "client_secret",
      "SECRET_KEY",
      "access_token",
      "pwd",
    ]);
    const [open, close] = c.pick([
      ["=", ""],
      [": ", ""],
      ['="', '"'],
      ['": "', '"'],
      ["='", "'"],
      [" = '", "'"],
    ] as const);
    return { hidden: value, text: `${open.startsWith('"') ? '"' : ""}${name}${open}${value}${close}` };
  },
  "connection string": (c) => {
    const secret = c.text(BASE62, c.whole(6, 24));
    const scheme = c.pick([
      "postgres",
      "postgresql+psycopg2",
      "mysql",
      "mongodb+srv",
      "redis",
      "amqp",
      "https",
    ]);
    const user = c.pick(["admin", "app", "root", "svc-1"]);
    return {
      hidden: secret,
      text: `${scheme}://${user}:${secret}@${c.pick(["db.internal", "localhost", "cluster0.x.net"])}:5432/main`,
    };
  },
  "random token": (c) => {
    for (;;) {
      const token = c.text(c.pick([BASE62, BASE64URL, BASE64]), c.whole(24, 64));
      // Of all three kinds, as most makers of passwords demand.
      if (/[a-z]/.test(token) && /[A-Z]/.test(token) && /\d/.test(token)) return token;
    }
  },
  "token in hexadecimal, named": (c) => {
    const value = c.text(HEX, c.pick([32, 40, 64]));
    return {
      hidden: value,
      text: `${c.pick(["token", "api-key", "auth_token"])}${c.pick(["=", ": "])}${value}`,
    };
  },
  "one letter apart": (c) => `${c.text(LOWER, 1)}@${c.text(LOWER, 3)}.${c.pick(["de", "com", "info"])}`,
};

export function toDatum(made: Datum | string): Datum {
  return typeof made === "string" ? same(made) : made;
}

function same(text: string): Datum {
  return { hidden: text, text };
}

function digitsFrom(c: Chance, length: number, first: number): string {
  return String(c.whole(Math.max(first, 0), 9)) + c.digits(length - 1);
}

function grouped(c: Chance, digits: string): string {
  const separator = c.pick(["", " ", "-"]);
  const sizes = digits.length === 15 ? [4, 6, 5] : digits.length === 14 ? [4, 6, 4] : [4, 4, 4, 4, 3];
  if (separator === "" || digits.length === 13) return digits;
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, size) => sum + size, 0));
  return sizes
    .map((size, i) => digits.slice(starts[i], (starts[i] ?? 0) + size))
    .filter(Boolean)
    .join(separator);
}

/** With its check digit: doubled from the right, every second, the sum is a multiple of ten. */
export function withLuhn(payload: string, off = 0): string {
  const sum = [...payload]
    .reverse()
    .map(Number)
    .map((digit, i) => (i % 2 === 0 ? (digit * 2 > 9 ? digit * 2 - 9 : digit * 2) : digit))
    .reduce((a, b) => a + b, 0);
  return payload + ((10 - (sum % 10) + off) % 10);
}

/** ISO 13616: 98 minus the number with "00" for a check sum, modulo 97. */
export function withIbanCheck(country: string, account: string, off = 0): string {
  const spelled = [...`${account}${country}00`].map((each) => Number.parseInt(each, 36)).join("");
  const check = (98n - (BigInt(spelled) % 97n) + BigInt(off)) % 97n;
  return `${country}${String(check).padStart(2, "0")}${account}`;
}
