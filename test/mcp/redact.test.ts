import fc from "fast-check";
import { expect, it } from "vitest";
import { redact } from "../../src/mcp/redact.js";

it("redact() leaves nothing of overlapping secrets and takes them literally", () => {
  expect(redact("x abcdefghi y a.c", ["abcdef", "defghi", "a.c", ""])).toBe("x *** y ***");
  expect(redact("nothing here", ["secret"])).toBe("nothing here");
});

it("redact() never leaves a secret in a text", () => {
  const secret = fc.stringMatching(/^[a-c]{2,4}$/);
  fc.assert(
    fc.property(fc.stringMatching(/^[a-d]{0,30}$/), fc.array(secret, { maxLength: 4 }), (text, secrets) => {
      const clean = redact(text, secrets);
      for (const one of secrets) expect(clean).not.toContain(one);
    }),
  );
});
