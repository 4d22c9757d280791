import { McpServer } from "@modelcontextprotocol/server";
import type { Database } from "better-sqlite3";
import { registerPrompts } from "./prompts.js";
import { registerResources } from "./resources.js";
import { registerGenerateReport } from "./tools/generate-report.js";
import { registerQueryDatabase } from "./tools/query-database.js";
import { registerSearchKnowledgeBase } from "./tools/search-knowledge-base.js";

const INSTRUCTIONS =
  "Data of Tallgrass Systems, an invented software company, as of 2026-10-31. " +
  "Use query_database for facts and figures about employees, departments, projects and timesheets, " +
  "search_knowledge_base for policies and rules, and generate_report for overviews. " +
  "All tools only read; the resource schema://database lists tables, columns and allowed values.";

/** Nothing changes while the server runs, so a client may keep what it listed or read for an hour. */
const FIXED = { ttlMs: 3_600_000, cacheScope: "public" } as const;

/**
 * An MCP server over the company's data, ready to be connected to a transport.
 * The database stays the caller's, who may share it among servers and closes it last.
 */
export function createEnterpriseServer(database: Database): McpServer {
  const server = new McpServer(
    { name: "enterprise", title: "Tallgrass Systems", version: "1.0.0" },
    {
      instructions: INSTRUCTIONS,
      capabilities: {
        tools: { listChanged: false },
        resources: { listChanged: false },
        prompts: { listChanged: false },
      },
      cacheHints: {
        "tools/list": FIXED,
        "prompts/list": FIXED,
        "resources/list": FIXED,
        "resources/templates/list": FIXED,
        "resources/read": FIXED,
        "server/discover": FIXED,
      },
      maxToolInputElements: 1000,
    },
  );
  registerQueryDatabase(server, database);
  registerSearchKnowledgeBase(server, database);
  registerGenerateReport(server, database);
  registerResources(server, database);
  registerPrompts(server, database);
  return server;
}
