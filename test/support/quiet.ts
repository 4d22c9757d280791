// Run by a test in a process of its own: uses servers with secrets everywhere, and says one word of its own.
import { loadTools } from "../../src/adapters/tools.js";
import { connect } from "../../src/mcp/connect.js";
import { fixture, httpConfig } from "./stdio-fixture.js";

const servers = await connect([
  fixture("child", {}, { env: { TOKEN: "secret-in-the-environment" } }),
  httpConfig("web", process.env.SERVER_URL ?? "", { headers: { Authorization: "Bearer secret-header" } }),
]);
for (const tool of await loadTools(servers)) {
  if (!["echo", "t", "fail"].includes(tool.name)) continue;
  await tool.invoke({ type: "tool_call", id: "1", name: tool.name, args: { text: "secret-argument" } });
  await tool.invoke({ text: "secret-argument" }).catch(() => {});
}
await servers.close();
console.log("finished");
