import { readFileSync } from "node:fs";
import { exampleServerPath } from "./example-server.js";

/** A file of a new project. */
export interface ProjectFile {
  /** From the project's folder, with `/`. */
  readonly path: string;
  /** What it is for, in a few words. */
  readonly about: string;
  readonly text: string;
}

const langgraph = `{
  "node_version": "20",
  "graphs": {
    "agent": "./graphs/agent.ts:graph"
  },
  "env": ".env"
}
`;

// "Preserve": the dev server runs TypeScript as it is.
const typescript = `{
  "compilerOptions": {
    "target": "ES2023",
    "lib": ["ES2023", "ESNext.Disposable"],
    "module": "Preserve",
    "types": ["node"],
    "strict": true,
    "skipLibCheck": true,
    "noEmit": true
  },
  "include": ["graphs"]
}
`;

const environment = `# Copy this file to .env, which the dev server reads and git ignores.

# The model of runs that choose none. "offline" needs no key.
LANGBATON_MODEL=offline

# For LANGBATON_MODEL=openai:gpt-5, after: npm install @langchain/openai@1
OPENAI_API_KEY=

# Another server of that API, such as Ollama, needs no key.
# OPENAI_BASE_URL=http://localhost:11434/v1
`;

/** The ReAct graph of this package, which lies in one folder with its configuration; a project's does not. */
function agent(): string {
  const graph = readFileSync(new URL("../../../graphs/react.ts", import.meta.url), "utf8");
  return graph.replace('"mcp.json"', '"../mcp.json"');
}

/** What `init` writes beside package.json and .gitignore, which it completes where they exist. */
export function filesFor(folder: string): readonly ProjectFile[] {
  return [
    { path: "mcp.json", about: "the MCP servers: an example company", text: servers(folder) },
    { path: "graphs/agent.ts", about: "a ReAct agent with their tools", text: agent() },
    { path: "langgraph.json", about: "the graphs that the dev server shows", text: langgraph },
    { path: "tsconfig.json", about: "TypeScript for the editor", text: typescript },
    { path: ".env.example", about: "a model and its key", text: environment },
  ];
}

function servers(folder: string): string {
  const enterprise = {
    description: "An example: the employees, projects and policies of an invented company",
    command: "node",
    args: [`\${workspaceFolder}/${exampleServerPath(folder)}`],
  };
  const text = JSON.stringify({ mcpServers: { enterprise } }, null, 2);
  // A list of one on one line, as people write it.
  return `${text.replace(/\[\s+(".*")\s+\]/, "[$1]")}\n`;
}

/**
 * What makes the graphs ES modules in a project that is none. As CommonJS they would load this package once more than
 * this package loads itself, and one copy's tools are strangers to the other.
 */
export const MODULE_MARK: ProjectFile = {
  path: "graphs/package.json",
  about: "makes the graphs ES modules",
  text: `{
  "type": "module"
}
`,
};
