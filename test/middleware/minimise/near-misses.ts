import { withIbanCheck, withLuhn } from "./personal.js";
import { BASE64, type Chance, HEX, UPPER } from "./random.js";

const WORDS = [
  "user",
  "account",
  "config",
  "payload",
  "handler",
  "stream",
  "buffer",
  "parse",
  "index",
  "render",
  "queue",
  "token",
  "widget",
  "module",
  "update",
  "remote",
];
const two = (n: number): string => String(n).padStart(2, "0");
const capital = (word: string): string => (word[0] ?? "").toUpperCase() + word.slice(1);
const words = (c: Chance, count: number): string[] => Array.from({ length: count }, () => c.pick(WORDS));
const uuid = (c: Chance): string => [8, 4, 4, 4, 12].map((length) => c.text(HEX, length)).join("-");
const date = (c: Chance): string => `${c.whole(1990, 2035)}-${two(c.whole(1, 12))}-${two(c.whole(1, 28))}`;
const time = (c: Chance): string => `${two(c.whole(0, 23))}:${two(c.whole(0, 59))}:${two(c.whole(0, 59))}`;

/** What looks like personal or secret data and is none. */
export const NEAR_MISSES: Readonly<Record<string, (chance: Chance) => string>> = {
  "card with a wrong check digit": (c) => {
    const digits = withLuhn(c.pick(["4", "51", "37", "6011"]).padEnd(4, "5") + c.digits(11), c.whole(1, 9));
    return c.number() < 0.5 ? digits : digits.replace(/(\d{4})(?=\d)/g, `$1${c.pick([" ", "-"])}`);
  },
  version: (c) => {
    const n = () => c.whole(0, 40);
    return c.pick([
      () => `${n()}.${n()}.${n()}`,
      () => `v${n()}.${n()}.${n()}.${n()}`,
      () => `${n()}.${n()}.${n()}-beta.${n()}`,
      () => `${n()}.${n()}.${n()}.${n()}-rc${n()}`,
      () => `^${n()}.${n()}.${n()}`,
      () => `version ${n()}.${n()}.${n()}.${n()}`,
      () => `react@${n()}.${n()}.${n()}`,
      () => `next@${n()}.${n()}.${n()}-canary.${n()}`,
    ])();
  },
  "order number": (c) =>
    c.pick([
      () => `ORD-${c.whole(2015, 2030)}-${c.digits(6)}`,
      () => `#${c.digits(3)}-${c.digits(7)}-${c.digits(7)}`,
      () => `45${c.digits(8)}`,
      () => `order no. ${c.digits(3)}-${c.digits(3)}-${c.digits(4)}`,
      () => `INV${c.digits(8)}`,
      () => `1Z999AA1${c.digits(10)}`,
      () => `${c.text(UPPER, 2)}${c.digits(9)}${c.text(UPPER, 2)}`,
      () => `${c.digits(12)}`.replace(/^/, "9"),
    ])(),
  UUID: uuid,
  "hash in hexadecimal": (c) => c.text(HEX, c.pick([7, 32, 40, 64, 128])),
  "date and time": (c) =>
    c.pick([
      () => date(c),
      () => `${date(c)}T${time(c)}Z`,
      () => `${date(c)}T${time(c)}.${c.digits(3)}+02:00`,
      () => `${date(c)} ${time(c)},${c.digits(3)}`,
      () =>
        `${two(c.whole(1, 28))}.${two(c.whole(1, 12))}.${c.whole(1990, 2035)} ${two(c.whole(0, 23))}:${two(c.whole(0, 59))}`,
      () => `${two(c.whole(1, 12))}/${two(c.whole(1, 28))}/${c.whole(1990, 2035)}`,
      () => `${date(c)}/${date(c)}`,
      () => time(c),
    ])(),
  timestamp: (c) => `1${c.whole(5, 8)}${c.digits(c.pick([8, 11, 14, 17]))}`,
  "path of a file": (c) =>
    c.pick([
      () => `/usr/local/lib/${words(c, 3).join("/")}/${c.pick(WORDS)}.${c.whole(1, 9)}.so`,
      () => `./${words(c, 4).map(capital).join("/")}V2/${c.pick(WORDS)}Test42.java`,
      () => `C:\\Users\\Public\\${words(c, 3).map(capital).join("\\")}2.dll`,
      () =>
        `https://example.com/assets/${words(c, 2).join("-")}-${c.text("abcXYZ0123456789", 8)}.js?v=${c.digits(4)}`,
      () => `s3://bucket/${words(c, 2).join("/")}/${date(c)}/part-0000${c.digits(1)}.parquet`,
      () => `node_modules/@types/${words(c, 2).join("-")}/index.d.ts`,
    ])(),
  "words in base64": (c) =>
    Buffer.from(`${words(c, c.whole(4, 9)).join(" ")}.`).toString(c.pick(["base64", "base64url"])),
  "long identifier": (c) =>
    c.pick([
      () => `${c.pick(WORDS)}${words(c, c.whole(3, 5)).map(capital).join("")}V${c.whole(2, 9)}`,
      () => `${words(c, c.whole(4, 6)).join("_")}_${c.whole(2000, 2030)}_${two(c.whole(1, 12))}`,
      () => `${words(c, 5).join("_").toUpperCase()}_${c.digits(2)}`,
      () => `${words(c, 4).map(capital).join("")}HTTPClient${c.whole(1, 3)}Test`,
      () => `${words(c, 3).join("-")}-7d9f8b6c${c.digits(1)}-x${c.digits(2)}kz`,
    ])(),
  "IBAN with wrong check digits": (c) => {
    const [country, length] = c.pick([
      ["DE", 18],
      ["ES", 20],
    ] as const);
    const account = withIbanCheck(country, c.digits(length), c.whole(1, 80));
    return c.number() < 0.5 ? account : account.replace(/(.{4})(?=.)/g, "$1 ");
  },
  "sign at a name": (c) =>
    c.pick([
      () => `@${c.pick(WORDS)}`,
      () => `@app.route('/${c.pick(WORDS)}')`,
      () => `git@github.com:${c.pick(WORDS)}/${c.pick(WORDS)}.git`,
      () => `${c.pick(WORDS)}@localhost`,
      () => `${c.pick(WORDS)}@2x.png`,
      () => `@scope/${c.pick(WORDS)}@^${c.whole(1, 30)}.0.0`,
      () => `${c.pick(WORDS)}@sha256:${c.text(HEX, 64)}`,
      () => `getty@tty${c.whole(1, 6)}.service`,
      () => `HEAD@{${c.whole(1, 9)}}`,
    ])(),
  price: (c) =>
    c.pick([
      `$${c.whole(1, 999)},${c.digits(3)},${c.digits(3)}.${c.digits(2)}`,
      `€ ${c.whole(1, 999)}.${c.digits(3)}.${c.digits(3)},${c.digits(2)}`,
      `${c.digits(3)} ${c.digits(3)} ${c.digits(3)} USD`.replace(/^0/, "1"),
      `+${c.whole(1, 99)}.${c.digits(2)}%`,
    ]),
  coordinates: (c) =>
    c.pick([
      `${c.whole(-90, 90)}.${c.digits(6)}, ${c.whole(-180, 180)}.${c.digits(6)}`,
      `52°31'${c.digits(2)}"N 13°24'${c.digits(2)}"E`,
      `+${c.whole(10, 89)}.${c.digits(7)}`,
    ]),
  ISBN: (c) =>
    c.pick([
      `978-3-16-${c.digits(6)}-${c.digits(1)}`,
      `978${c.digits(10)}`,
      `ISBN 0-306-${c.digits(5)}-${c.digits(1)}`,
      `ISBN-10: 0${c.digits(9)}`,
    ]),
  "address of hardware or a program": (c) =>
    c.pick([
      () => Array.from({ length: 6 }, () => c.text(HEX, 2)).join(":"),
      () => Array.from({ length: 8 }, () => c.text(HEX, 2)).join(":"),
      () => `0x${c.text(HEX, 16)}`,
      () => `std::${c.pick(WORDS)}::${c.pick(WORDS)}`,
      () => `a::${c.pick(["b", "c", "fed"])}`,
      () => "127.0.0.1:8080",
      () => "[::1]:3000",
      () => `1.3.6.1.4.1.${c.digits(4)}.${c.whole(1, 9)}`,
    ])(),
  "talk of secrets": (c) =>
    c.pick([
      "The password must be at least 12 characters long.",
      "Forgot your password? Choose a new password: click the link below.",
      "password: string;",
      "API_KEY=<your key here>",
      "token: ${GITHUB_TOKEN}",
      "secret: null",
      `max_tokens: ${c.whole(100, 9999)}`,
      `"nextPageToken": "${c.text("abcdefgh01234567", 16)}"`,
      "const token = await getToken(client);",
      "password = config.database.password",
      "-----BEGIN PUBLIC KEY-----",
      "Bearer authentication is required here.",
      "pwd: /srv/billing/app",
      `tokens: ${c.whole(100, 9999)} of 8192`,
      "Secret Santa: Tuesday",
    ]),
  "hash in base64": (c) =>
    c.pick([
      `sha512-${c.text(BASE64, 86)}==`,
      `"integrity": "sha256-${c.text(BASE64, 43)}="`,
      `SHA256:${c.text(BASE64, 43)}`,
      `etag: "${c.text(BASE64, 27)}"`,
    ]),
  picture: (c) => `data:image/png;base64,iVBORw0KGgo${c.text(BASE64, c.whole(300, 600))}`,
  "numbers in a row": (c) =>
    c.pick([
      () => Array.from({ length: c.whole(5, 12) }, () => c.whole(1, 99)).join(" "),
      () => `${c.whole(1900, 1999)}-${c.whole(2000, 2030)}`,
      () => `pages ${c.whole(10, 500)}-${c.whole(501, 999)}`,
      () => Array.from({ length: 5 }, () => c.whole(100, 99999)).join(","),
      () => `${c.whole(1, 9)},${c.digits(3)},${c.digits(3)},${c.digits(3)}`,
    ])(),
};
