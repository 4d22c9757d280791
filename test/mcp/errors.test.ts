import { expect, test } from "vitest";
import { toBatonError } from "../../src/mcp/errors.js";
import { scripted } from "../support/scripted.js";

test("a secret across the place where a message is cut is masked whole", () => {
  const secret = "sk-live-ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const config = { ...scripted("s", {}), secrets: [secret] };
  const long = Object.assign(new Error(`${"x".repeat(290)} ${secret}`), { code: -32000 });
  expect(toBatonError(long, config, "tool 't'").message).not.toContain("sk-live");
});
