import type { StructuredToolInterface } from "@langchain/core/tools";
import { BatonError } from "../../core/errors.js";
import { configInvalid } from "../../core/faults.js";
import { fanOut } from "../../execution/fan-out.js";
import { createRecallIndex } from "../../memory/recall/recall-index.js";
import { callTool, ownNameOf, serverOf } from "./call-tool.js";
import { list } from "./folder-tree.js";
import { sectionsOf } from "./sections.js";
import { shared } from "./shared.js";
import type { Passage, ResearchSource } from "./source.js";

export interface FolderSourceOptions {
  /** The folder to read, with all that is in it, as the server knows it. @default all that the server allows */
  readonly root?: string;
  /** @default the tools' server, else "files" */
  readonly name?: string;
  /** @default says that it reads the texts of the folder */
  readonly description?: string;
  /** Endings of the names of the files that are read. @default .md .mdx .markdown .txt .rst .adoc */
  readonly endings?: readonly string[];
  /** Most files that are read in a search; one with more is an error, as an answer from half of them would mislead. @default 300 */
  readonly maxFiles?: number;
}

const ENDINGS = [".md", ".mdx", ".markdown", ".txt", ".rst", ".adoc"];
const MOST_FILES = 300;
/** Of one file; what comes after is not searched. */
const LONGEST_FILE = 200_000;
const FILES_AT_ONCE = 8;

/**
 * The texts of a folder as a source, through the tools of a filesystem server such as
 * `@modelcontextprotocol/server-filesystem`: `directory_tree` and `read_text_file`. Files are read anew in each search,
 * cut into sections and ranked by words, in this process. Files that cannot be read are counted below the answer.
 *
 * @param tools those of one server; what is not needed is ignored
 * @throws {BatonError} `CONFIG_INVALID` without the tools that it needs. A search throws `OVERLOADED` for too many files.
 */
export function folderSource(
  tools: readonly StructuredToolInterface[],
  options: FolderSourceOptions = {},
): ResearchSource {
  const found = folderToolsOf(tools);
  if (found === undefined) {
    const problem = "must have directory_tree and read_text_file, as filesystem servers do";
    throw configInvalid("folderSource()", [{ path: "tools", problem }]);
  }
  const { tree, read, roots } = found;
  if (options.root === undefined && roots === undefined) {
    const problem = "must be given, as the server has no list_allowed_directories to say what there is";
    throw configInvalid("folderSource()", [{ path: "root", problem }]);
  }
  const {
    name = serverOf(tree) ?? "files",
    description = "Texts of a folder, by their words.",
    endings = ENDINGS,
    maxFiles = MOST_FILES,
  } = options;
  // All searches of a question come at once, and read the same.
  const readAll = shared(async (signal) => {
    const folders =
      options.root === undefined ? await allowed(roots as StructuredToolInterface, signal) : [options.root];
    const listed = await Promise.all(folders.map((root) => list(tree, root, endings, signal)));
    const files = listed.flatMap((each) => each.files);
    const unnamed = listed.flatMap((each) => each.unnamed);
    if (files.length > maxFiles) {
      const advice = "search a folder inside of it, or raise maxFiles";
      throw new BatonError(
        "OVERLOADED",
        `source '${name}' has ${files.length} files, and reads at most ${maxFiles}: ${advice}`,
        {
          data: { limit: maxFiles },
        },
      );
    }
    const { results, errors } = await fanOut(
      files.map(({ path, shown }) => ({
        name: shown,
        run: async (inner: AbortSignal) => {
          const { text } = await callTool(read, { path }, inner);
          return sectionsOf(text.slice(0, LONGEST_FILE), { uri: shown });
        },
      })),
      { concurrency: FILES_AT_ONCE, require: 0, signal },
    );
    if (results.length === 0 && errors[0] !== undefined) throw errors[0].error;
    if (results.length === 0 && unnamed[0] !== undefined)
      throw new BatonError("INVALID_RESULT", `source '${name}' lists what are no files: ${unnamed[0]}`);
    const reasons = [
      ...errors.map((failed) => `${failed.name}: ${failed.error.message}`),
      ...unnamed.map((entry) => `${entry}: no name of a file`),
    ];
    return { passages: results.flatMap(({ value }) => value), reasons, total: files.length + unnamed.length };
  });
  return {
    name,
    description,
    async search(query, { limit, signal, onUnread }) {
      const { passages, reasons, total } = await readAll(signal);
      if (reasons.length > 0)
        onUnread?.(`${name} could not read ${reasons.length} of its ${total} files (${reasons[0]})`);
      return rank(passages, query, limit);
    },
  };
}

interface FolderTools {
  readonly tree: StructuredToolInterface;
  readonly read: StructuredToolInterface;
  readonly roots?: StructuredToolInterface;
}

/** Undefined where a server's tools cannot list and read. */
export function folderToolsOf(tools: readonly StructuredToolInterface[]): FolderTools | undefined {
  const named = (name: string): StructuredToolInterface | undefined =>
    tools.find((tool) => ownNameOf(tool) === name);
  const tree = named("directory_tree");
  const read = named("read_text_file") ?? named("read_file");
  const roots = named("list_allowed_directories");
  return tree && read && { tree, read, ...(roots && { roots }) };
}

/** "Allowed directories:", and each on a line. */
async function allowed(tool: StructuredToolInterface, signal: AbortSignal): Promise<readonly string[]> {
  const { text } = await callTool(tool, {}, signal);
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "" && !line.endsWith(":"));
}

function rank(passages: readonly Passage[], query: string, limit: number): readonly Passage[] {
  const index = createRecallIndex();
  const items = passages.map(({ text, title = "", heading = "", uri = "", updated }, sequence) => ({
    id: String(sequence),
    text: `${title}\n${heading}\n${text}`,
    kind: "message" as const,
    role: "tool" as const,
    threadId: uri,
    time: updated ?? UNDATED,
    sequence,
  }));
  index.add(items);
  return index.search(query, { limit, now: 0 }).flatMap(({ id }) => passages[Number(id)] ?? []);
}

const UNDATED = "1970-01-01";
