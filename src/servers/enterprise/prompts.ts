import { completable, type McpServer } from "@modelcontextprotocol/server";
import type { Database } from "better-sqlite3";
import * as z from "zod";
import { DEPARTMENT_NAMES, REFERENCE_DATE } from "./data/company.js";
import { databaseSchema, SCHEMA_URI } from "./resources.js";

const INSTRUCTIONS = `You are a data analyst at Tallgrass Systems. Answer the question below from the company's own data.

1. Numbers, people, projects and hours come from query_database. Prefer an aggregate over counting rows yourself.
2. Rules and what is allowed come from search_knowledge_base. Name the document and the day it was updated.
3. Overviews come from generate_report.
4. The attached schema lists every table, column and allowed value. If a call fails, read the error, correct the arguments and try again.
5. Begin with the answer in one sentence, then show the figures it rests on. Say so when the data does not answer the question; salaries are not available.

The data stands as of ${REFERENCE_DATE}.`;

export function registerPrompts(server: McpServer, database: Database): void {
  server.registerPrompt(
    "data_analyst",
    {
      title: "Data analyst",
      description: "Answers a question about the company with the tools of this server",
      argsSchema: z.object({
        question: z.string().min(1).max(2000).describe("The question to answer"),
        department: completable(
          z.enum(DEPARTMENT_NAMES).describe("Department that the question is about"),
          (start) =>
            DEPARTMENT_NAMES.filter((name) => name.toLowerCase().startsWith((start ?? "").toLowerCase())),
        ).optional(),
      }),
    },
    ({ question, department }) => {
      const scope = department ? `\n\nDepartment: ${department}. Filter by it in every call.` : "";
      const schema = JSON.stringify(databaseSchema(database), null, 2);
      return {
        description: "Question to a data analyst",
        messages: [
          {
            role: "user",
            content: {
              type: "resource",
              resource: { uri: SCHEMA_URI, mimeType: "application/json", text: schema },
            },
          },
          {
            role: "user",
            content: { type: "text", text: `${INSTRUCTIONS}${scope}\n\nQuestion: ${question}` },
          },
        ],
      };
    },
  );
}
