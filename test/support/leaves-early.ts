// Run by a test in a process of its own: connects a stubborn server with a child, and exits without closing it, or
// stays until it is ended from outside.
import { Server } from "../../src/mcp/server.js";
import { fixture } from "./stdio-fixture.js";

const server = new Server(fixture("s", { stubborn: true, grandchild: true, log: process.env.LOG ?? "" }));
await server.connect();
process.stdout.write("leaving\n", () => process.env.STAY || process.exit(7));
