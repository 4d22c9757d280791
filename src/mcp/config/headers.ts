import { type Entry, orAllow, readTexts } from "./fields.js";
import { isSecretName, looksRandom } from "./secrets.js";
import { isExposed } from "./url.js";

/** Reads `headers` with every variable replaced; `url` is where they are sent. */
export function readHeaders(entry: Entry, url: URL | undefined): Record<string, string> {
  const { fault } = entry.findings;
  const headers = new Map<string, string>();
  const seen = new Set<string>();
  for (const [name, text] of readTexts(entry, "headers")) {
    const path = ["headers", name];
    if (!/^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/.test(name)) {
      fault(path, "is not a name that a header can have", "Use letters, digits and hyphens");
      continue;
    }
    if (seen.has(name.toLowerCase())) {
      fault(path, "is given twice: case makes no difference in a header's name", "Keep one of the two");
    }
    seen.add(name.toLowerCase());
    const value = entry.expand(text, path, name);
    if (value === undefined) continue;
    if (/[\r\n\0]/.test(value)) {
      const problem = "holds a line break or NUL, with which more headers can be smuggled in";
      fault(path, problem, "Remove it; a file that a variable was read from often ends with one");
    } else if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) {
      const fix = "Use plain ASCII, or encode it as the server asks";
      fault(path, "holds a character that no header can carry", fix);
    } else headers.set(name, value);
  }
  const secret = [...headers].find(([name, value]) => isSecretName(name) || looksRandom(value));
  if (url !== undefined && secret !== undefined && isExposed(url) && !entry.allows("insecure-http")) {
    const fix = `Use https${orAllow("insecure-http")}`;
    fault(["headers", secret[0]], "is a credential that would travel over plain http, for all to read", fix);
  }
  for (const block of ["oauth", "auth"]) {
    if (seen.has("authorization") && entry.value[block] !== undefined) {
      fault([block], "signs in, and so does the Authorization header", "Keep one of the two");
    }
  }
  return Object.fromEntries(headers);
}
