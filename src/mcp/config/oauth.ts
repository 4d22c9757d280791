import { type Entry, isObject } from "./fields.js";
import { isExposed } from "./url.js";

const endpoints = ["issuer", "authServerMetadataUrl", "authorizationUrl", "tokenUrl", "redirectUri"];

/**
 * Checks the sign-in blocks of other hosts, `oauth` and `auth`. They are not used, but one that gives away
 * tokens should not stay in a file that another program uses.
 */
export function checkOauth(entry: Entry): void {
  for (const block of ["oauth", "auth"]) {
    const value = entry.value[block];
    if (!isObject(value)) continue;
    for (const key of endpoints) {
      const address = value[key];
      // With a variable in it, only the host that uses it can tell.
      if (typeof address !== "string" || address.includes("${")) continue;
      if (!URL.canParse(address)) {
        entry.findings.fault([block, key], "is not a URL", "Write it in full, as in https://example.com");
      } else if (isExposed(new URL(address))) {
        const problem = "is plain http to another machine: codes and tokens would travel for all to read";
        entry.findings.fault([block, key], problem, "Use https; plain http is for this machine only");
      }
    }
    for (const key of ["scope", "scopes"]) {
      const scopes = [value[key]]
        .flat()
        .flatMap((scope) => (typeof scope === "string" ? scope.split(" ") : []));
      if (scopes.includes("*")) {
        entry.findings.fault([block, key], "asks for every scope", "Name the scopes that the tools need");
      }
    }
  }
}
