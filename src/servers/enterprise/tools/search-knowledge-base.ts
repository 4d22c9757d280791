import type { McpServer } from "@modelcontextprotocol/server";
import type { Database } from "better-sqlite3";
import * as z from "zod";
import { POLICY_CATEGORIES } from "../policies/policy.js";
import { searchPolicies } from "../search.js";
import { counted, limitSchema, READ_ONLY, reply } from "./shared.js";

const input = z.strictObject({
  query: z
    .string()
    .max(1000, { error: "the query is too long: send at most 1000 characters" })
    .describe("What to look for, in plain words"),
  category: z.enum(POLICY_CATEGORIES).optional().describe("Only documents of this category"),
  limit: limitSchema(20, 5).describe("Most documents to return"),
});

const output = z.object({
  query: z.string(),
  hits: z.array(
    z.object({
      id: z.string().describe("The whole document is the resource policy://{id}"),
      title: z.string(),
      category: z.enum(POLICY_CATEGORIES),
      updated: z.string().describe("YYYY-MM-DD"),
      score: z.number(),
      passage: z.string(),
    }),
  ),
  total: z.int().describe("Number of documents that match, before the limit"),
});

export function registerSearchKnowledgeBase(server: McpServer, database: Database): void {
  server.registerTool(
    "search_knowledge_base",
    {
      title: "Search the knowledge base",
      description:
        "Finds company policies by full-text search and quotes the passage that fits best: remote work, VPN, vacation, " +
        "expenses, travel, security, hiring, on-call, privacy and more. Use it for questions about rules, what is " +
        "allowed, required or paid, and whom to ask.",
      inputSchema: input,
      outputSchema: output,
      annotations: READ_ONLY,
    },
    ({ query, category, limit }) => {
      const found = searchPolicies(database, query, category);
      const hits = found.slice(0, limit);
      const scope = category ? ` in category ${category}` : "";
      const text = [
        hits.length === 0
          ? `No document matches "${query}"${scope}.`
          : `The best ${hits.length} of ${counted(found.length, "documents")} on "${query}"${scope}:`,
        ...hits.map((hit, index) => `${index + 1}. ${hit.title} (updated ${hit.updated})\n${hit.passage}`),
      ].join("\n\n");
      return reply(text, { query, hits, total: found.length });
    },
  );
}
