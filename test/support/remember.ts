// A process of its own that writes or removes memories: FILE remember|forget TEXT_OR_ID.
import { createMemory } from "../../src/memory/memory.js";
import { sqliteStore } from "../../src/memory/stores/sqlite.js";

const [file = "", verb, subject = ""] = process.argv.slice(2);
await using store = sqliteStore(file);
const memory = createMemory({ store, namespace: ["users", "alice"] });
if (verb === "forget") await memory.forget({ id: subject });
else console.log((await memory.remember(subject))[0]?.id);
