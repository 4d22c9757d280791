import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/bench/**"],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Tests start real servers: more files at once than cores only makes each of them slow.
    maxWorkers: 2,
  },
});
