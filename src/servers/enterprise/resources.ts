import {
  type McpServer,
  ResourceNotFoundError,
  ResourceTemplate,
  type Variables,
} from "@modelcontextprotocol/server";
import type { Database } from "better-sqlite3";
import { columnsOf, TABLE_NAMES, TABLES } from "./catalogue.js";
import { COMPANY, OFFICES, REFERENCE_DATE } from "./data/company.js";
import { logDates, logOf } from "./logs.js";

const LISTED_LOGS = 7;

export const SCHEMA_URI = "schema://database";

export function registerResources(server: McpServer, database: Database): void {
  server.registerResource(
    "company",
    "config://company",
    {
      title: "Company",
      description:
        "Name, offices, departments with heads and headcounts, fiscal year, working hours and contacts",
      mimeType: "application/json",
    },
    ({ href }) => jsonContents(href, companyConfig(database)),
  );
  server.registerResource(
    "schema",
    SCHEMA_URI,
    {
      title: "Database schema",
      description:
        "Tables and columns that query_database can read, with the values of columns that have few",
      mimeType: "application/json",
    },
    ({ href }) => jsonContents(href, databaseSchema(database)),
  );
  registerLogs(server);
  registerPolicies(server, database);
}

function registerLogs(server: McpServer): void {
  server.registerResource(
    "app-log",
    new ResourceTemplate("logs://app/{date}", {
      list: () => ({
        resources: logDates()
          .slice(0, LISTED_LOGS)
          .map((date) => ({
            uri: `logs://app/${date}`,
            name: `app-log-${date}`,
            title: `Application log of ${date}`,
          })),
      }),
      complete: { date: (start) => logDates().filter((date) => date.startsWith(start)) },
    }),
    {
      title: "Application log",
      description: `Log lines of one day, YYYY-MM-DD, within 30 days up to ${REFERENCE_DATE}`,
      mimeType: "text/plain",
    },
    ({ href }, variables) => {
      const date = variable(variables, "date");
      const text = logOf(date);
      if (text === undefined) {
        const kept = logDates();
        throw new ResourceNotFoundError(
          href,
          `no log for '${date}': logs are kept from ${kept.at(-1)} to ${kept[0]}, as YYYY-MM-DD`,
        );
      }
      return { contents: [{ uri: href, mimeType: "text/plain", text }] };
    },
  );
}

interface PolicyRow {
  readonly id: string;
  readonly title: string;
  readonly owner: string;
  readonly updated: string;
  readonly body: string;
}

function registerPolicies(server: McpServer, database: Database): void {
  const all = database
    .prepare<[], PolicyRow>("SELECT id, title, owner, updated, body FROM policies ORDER BY id")
    .all();
  server.registerResource(
    "policy",
    new ResourceTemplate("policy://{id}", {
      list: () => ({
        resources: all.map(({ id, title, updated }) => ({
          uri: `policy://${id}`,
          name: `policy-${id}`,
          title,
          description: `${title}, updated ${updated}`,
          annotations: { lastModified: `${updated}T00:00:00Z` },
        })),
      }),
      complete: { id: (start) => all.map(({ id }) => id).filter((id) => id.startsWith(start)) },
    }),
    { title: "Policy", description: "The whole text of one company policy", mimeType: "text/markdown" },
    ({ href }, variables) => {
      const id = variable(variables, "id");
      const policy = all.find((candidate) => candidate.id === id);
      if (!policy)
        throw new ResourceNotFoundError(
          href,
          `no policy '${id}': list the resources, or use search_knowledge_base`,
        );
      const text = `# ${policy.title}\n\nOwner: ${policy.owner}. Updated ${policy.updated}.\n\n${policy.body}\n`;
      return { contents: [{ uri: href, mimeType: "text/markdown", text }] };
    },
  );
}

function companyConfig(database: Database) {
  return {
    ...COMPANY,
    asOf: REFERENCE_DATE,
    employees: database.prepare("SELECT count(*) FROM employees").pluck().get(),
    offices: OFFICES,
    departments: database
      .prepare("SELECT department AS name, head, location, headcount FROM department_view")
      .all(),
  };
}

/** Also what the prompt embeds. */
export function databaseSchema(database: Database) {
  return {
    tables: TABLE_NAMES.map((name) => ({
      name,
      description: TABLES[name].description,
      rows: database.prepare(`SELECT count(*) FROM ${TABLES[name].view}`).pluck().get(),
      columns: [...columnsOf(name)].map(([column, definition]) => ({ name: column, ...definition })),
    })),
  };
}

function variable(variables: Variables, name: string): string {
  const value = variables[name];
  return Array.isArray(value) ? value.join(",") : (value ?? "");
}

function jsonContents(uri: string, value: unknown) {
  return { contents: [{ uri, mimeType: "application/json", text: JSON.stringify(value, null, 2) }] };
}
