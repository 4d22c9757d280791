// Run by a test in a process of its own: makes calls with an audit log, and says of each when it has returned.
import { writeSync } from "node:fs";
import { createCall } from "../../src/core/call.js";
import { audit, auditFile, auditSqlite } from "../../src/middleware/audit.js";

const { LOG = "", CALLS = "Infinity", AT_ONCE = "1" } = process.env;
const log = LOG.endsWith(".db") ? auditSqlite(LOG) : auditFile(LOG);
const middleware = audit({ to: log, key: "a secret of the auditors" });
let left = Number(CALLS);

async function work(): Promise<void> {
  while (left-- > 0) {
    const call = createCall({ server: "s", tool: "t", args: {} });
    await middleware(call, async () => ({ content: [] }));
    writeSync(1, `${call.id}\n`);
  }
}

await Promise.all(Array.from({ length: Number(AT_ONCE) }, work));
await log.close();
writeSync(1, "finished\n");
