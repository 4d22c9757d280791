import { spawn } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { describe, expect, onTestFinished, test } from "vitest";
import { createOwner, isGone } from "../../src/middleware/idempotency/owner.js";

describe("the owner of a run", () => {
  test("is gone when its process is, and not before", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    onTestFinished(() => void child.kill("SIGKILL"));
    const owner = `${hostname()}/${child.pid}/x`;
    expect(isGone(owner)).toBe(false);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isGone(owner)).toBe(true);
  });

  test("is not known to be gone on another machine, in this process, or in an old form", () => {
    expect(isGone("elsewhere/99999999/x")).toBe(false);
    expect(isGone(createOwner())).toBe(false);
    expect(isGone("0b6c4ad4-8f0e-4e6f-a5a7-000000000000")).toBe(false);
    expect(createOwner()).not.toBe(createOwner());
  });
});
