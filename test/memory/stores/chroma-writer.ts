// Run by tests in a process of its own: puts items one after another, and prints the key of each that is acknowledged.
import { chromaStore } from "../../../src/memory/stores/chroma.js";

const [url = "", collectionPrefix = "", name = "", count = ""] = process.argv.slice(2);
const store = chromaStore({ url, collectionPrefix, timeoutMs: 20_000 });
for (let at = 0; at < Number(count); at++) {
  await store.put(["shared", name], `${at}`, { name, at });
  console.log(at);
}
