// Run by a test in a process of its own: takes from a bucket as fast as it can, and says how often it got something.
import { redisRateStore } from "../../../src/middleware/stores/redis-rate.js";
import { type ClientName, openClient } from "./redis-clients.js";

const [library = "", url = "", prefix = "", calls = ""] = process.argv.slice(2);
const connected = await openClient(library as ClientName, url);
const store = redisRateStore(connected.client, { prefix, timeoutMs: 5000 });
const rate = { calls: Number(calls), perMs: 86_400_000, burst: Number(calls) };
const answers = await Promise.all(Array.from({ length: 2 * rate.calls }, () => store.take("shared", rate)));
connected.close();
console.log(`took ${answers.filter((waitMs) => waitMs === 0).length}`);
