const shortest = 6;

const secretWord =
  /^(apikey|auth|authorization|bearer|cookie|credentials?|jwt|key|pass(phrase|wd|word)|pat|pwd|secret|sig(nature)?|token)$/;

// A name that ends so says something about a secret, and is none: TOKEN_FILE, AUTH_MODE, KEY_ID.
const aboutWord =
  /^(dir|enabled|file|id|limit|method|mode|name|path|provider|scheme|scopes?|timeout|ttl|type|ur[il])$/;

// Names of headers whose values are no one's secret, and are words that occur in many a log.
const plainHeaders = /^(accept(-.*)?|cache-control|content-type|user-agent|mcp-protocol-version)$/i;

const knownTokens =
  /^(sk-|rk-|pk-|gh[opsu]_|github_pat_|glpat-|xox[abp]-|AKIA|AIza|ya29\.|eyJ|npm_|hf_|lsv2_)/;

/** Whether a variable, header or parameter of this name holds a credential: `GITHUB_TOKEN`, `x-api-key`, `sig`. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== "");
  const last = words.at(-1);
  if (last === undefined || aboutWord.test(last)) return false;
  return words.some((word) => secretWord.test(word)) || /(apikey|token|secret|password)$/.test(last);
}

/** Whether a value looks generated: a known prefix, or 16 letters and digits on end with no pattern in them. */
export function looksRandom(value: string): boolean {
  if (knownTokens.test(value) && value.length >= 12) return true;
  // A path or a sentence has parts that can look so; names with a version fall into short parts.
  if (/[\s/@:]/.test(value)) return false;
  return value.split(/[-_.=~+]/).some((part) => {
    return (
      part.length >= 16 && /[a-z]/i.test(part) && /\d.*\d.*\d/.test(part) && bitsPerCharacter(part) >= 2.9
    );
  });
}

/** Shannon's entropy; 16 random hexadecimal digits come to 3.2 on average. */
function bitsPerCharacter(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** Collects the values of one entry that no message may show. Words too ordinary to blank out stay. */
export interface SecretBag {
  /** A value that is secret whatever it looks like. */
  add(value: string): void;
  /** A value of this name, which is secret when the name or the value says so. */
  consider(name: string, value: string): void;
  header(name: string, value: string): void;
  /** Longest first. */
  list(): string[];
}

/** Starts an empty bag. */
export function secretBag(): SecretBag {
  const secrets = new Set<string>();
  const add = (value: string): void => {
    if (value.trim().length >= shortest) secrets.add(value.trim());
  };
  const consider = (name: string, value: string, levels = 2): void => {
    if (isSecretName(name) || looksRandom(value)) add(value);
    // An argument may carry a name of its own: --token=x, KEY=x, --header=Authorization: Bearer x.
    const [, inner, rest] = /^-{0,2}([\w-]+)(?:=|:\s*)(.+)$/s.exec(value) ?? [];
    if (levels > 0 && inner !== undefined && rest !== undefined) consider(inner, rest, levels - 1);
    const [, token] = /^(?:Bearer|Basic|Token)\s+(\S+)$/i.exec(value) ?? [];
    if (token !== undefined) add(token);
    const [, password] = /^[a-z][\w+.-]*:\/\/[^/@:\s]*:([^@/\s]+)@/i.exec(value) ?? [];
    if (password !== undefined) add(password);
  };
  return {
    add,
    consider,
    header: (name, value) => {
      consider(name, value);
      if (!plainHeaders.test(name) && !/^[a-z ]{0,15}$/i.test(value)) add(value);
    },
    list: () => [...secrets].sort((a, b) => b.length - a.length),
  };
}
