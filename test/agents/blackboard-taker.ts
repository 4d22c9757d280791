// Run in a process of its own: takes every open request of a board that it can, and prints the ids of those it got.
import { createBoard } from "../../src/agents/blackboard.js";
import { sqliteStore } from "../../src/memory/stores/sqlite.js";

const [file = "", name = ""] = process.argv.slice(2);
await using store = sqliteStore(file);
const board = createBoard({ store });
// All begin when the last has come.
await board.post({ key: "here", value: name, author: name });
while ((await board.findings({ key: "here" })).length < 3)
  await new Promise((resolve) => setTimeout(resolve, 5));
for (const { id } of await board.requests()) {
  if (await board.take(id, name)) process.stdout.write(`${id}\n`);
}
