import { matchesOf, NONE, type Span } from "./detector.js";

const NAMES = [
  "passw(?:or)?d",
  "passphrase",
  "pwd",
  "secret(?:[_-]?key)?",
  "api[_-]?key",
  "(?:access|private|account|shared[_-]?access|encryption|signing|master)[_-]?key",
  "token",
  "credentials?",
].join("|");
/** A name that ends in one of them, however it is written, but for counts and places in a list. */
const SECRET_NAME = new RegExp(`(?:${NAMES}|passwort|contrase[nñ]a|mot[_-]?de[_-]?passe)$`, "i");
const OTHER_TOKEN =
  /(?:page|next|prev|previous|continuation|cursor|cancellation|cancel|sync|max|min|num|count|eos|bos|pad|unk|stop|csrf|resume|skip|change)[\w-]{0,12}$/i;
const ASSIGNMENT = new RegExp(
  String.raw`(${NAMES})["']?(\s{0,3})(?:=>|:=|=|:(?!:))(\s{0,3})(?:"([^"\n]{3,200})"|'([^'\n]{3,200})'|([^\s,;&"'\`<>{}()[\]|]{3,200}))`,
  "gi",
);
const PLACEHOLDER =
  /^(?:\*+|•+|x{3,}|\.{2,}|-+|<.*>|\$\{?\w+\}?|\{\{.*\}\}|%\w+%|\[.*\]|null|none|nil|true|false|undefined|unset|empty|required|optional|redacted|hidden|string|str|bytes|text|number|n\/a|process\.env\b.*|os\.environ\b.*|env\b.*)$/i;
const TYPE = /^(?:u?int\d*|float\d*|[A-Z]\w*(?:Array|Buffer|String|Token|Key|Secret|Type|Schema)\d*)[;?]?$/;

export function isSecretName(key: string): boolean {
  return SECRET_NAME.test(key) && !OTHER_TOKEN.test(key.replace(/token$/i, ""));
}

/** A value that only stands for one, or says something about it. */
export function isPlaceholder(value: string): boolean {
  return value.length < 3 || PLACEHOLDER.test(value.trim()) || value.trim().split(/\s+/).length > 4;
}

/** What is assigned to a name: `password=...`, `"api_key": "..."`, `Token: ...`. The name itself stays. */
export function findAssignedSecrets(text: string): readonly Span[] {
  if (!/[:=]/.test(text)) return NONE;
  const spans: Span[] = [];
  for (const match of matchesOf(text, ASSIGNMENT)) {
    const [whole, name = "", before = "", after = "", double, single, bare] = match;
    if (OTHER_TOKEN.test(text.slice(Math.max(0, match.index - 24), match.index))) continue;
    const quoted = double ?? single;
    const end = match.index + whole.length - (quoted === undefined ? 0 : 1);
    const start = end - (quoted ?? bare ?? "").length;
    if (quoted === undefined) {
      const isLoose = before + after !== "" || !whole.includes("=");
      // Of a sentence, or of Markdown around it.
      const value = (bare ?? "").replace(/[.!?:*]+$/, "");
      const isCall = /[([]/.test(text[end] ?? "");
      if (isCall || isPlaceholder(value) || !isBareSecret(name, value, isLoose)) continue;
    } else if (isPlaceholder(quoted)) continue;
    spans.push({ start, end });
  }
  return spans;
}

/** Without quotes it may be a word of a sentence (`password: choose a long one`) or of a program (`token = next`). */
function isBareSecret(name: string, value: string, isLoose: boolean): boolean {
  if (TYPE.test(value) || /^[./~\\]/.test(value) || /^\d{1,5}$/.test(value)) return false;
  // A variable, and a field of one.
  if (/^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$/.test(value) && !/\d/.test(value)) return false;
  if (/^[A-Za-z_]+$/.test(value) && (SECRET_NAME.test(value) || value.toLowerCase() === name.toLowerCase()))
    return false;
  if (!isLoose) return true;
  return value.length >= 6 && /[^A-Za-z.'_-]/.test(value) && !/^\d{4}-\d\d-\d\d/.test(value);
}
