import { createMask } from "../../middleware/minimise/mask.js";

const LONGEST = 300;
const mask = createMask(["secret"]);

/** A text out of a file as it may be shown: on one line, not too long, without credentials in addresses and queries. */
export function shown(text: string): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  const line = cut
    .replace(/\s+/g, " ")
    .replace(/:\/\/[^\s/@"'`]{1,300}@/g, "://[secret]@")
    .replace(/([?&][\w.-]{1,60}=)[^\s&#"'`]+/g, "$1[secret]");
  return mask(line);
}
