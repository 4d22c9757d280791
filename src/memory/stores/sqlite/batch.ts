import type { ListNamespacesOperation } from "@langchain/langgraph-checkpoint";
import type { Embedded } from "../embedding.js";
import { decodeNamespace, encodeNamespace, listNamespaces } from "../namespaces.js";
import type { Batch, Read } from "../operations.js";
import type { SqliteFile } from "./file.js";
import { rangeOf, search, toItem } from "./search.js";
import { write } from "./write.js";

/** Answers all reads, then does all writes, in one transaction. */
export function runBatch(
  file: SqliteFile,
  { reads, writes }: Batch,
  embedded: Embedded,
  answers: unknown[],
): unknown[] {
  const answer = (): void => {
    for (const read of reads) answers[read.at] = answerTo(file, read, embedded);
  };
  if (writes.length > 0)
    file.write(() => {
      answer();
      write(file, writes, embedded);
    });
  else file.read(answer);
  return answers;
}

function answerTo(file: SqliteFile, read: Read, { queries }: Embedded): unknown {
  switch (read.kind) {
    case "get": {
      const { namespace, key } = read.operation;
      const row = file.item.get(encodeNamespace(namespace), JSON.stringify(key));
      return row ? toItem(row) : null;
    }
    case "search":
      return search(file, read.search, queries.get(read.search.query ?? ""));
    case "list":
      return listNamespaces(
        file.paths.all(...rangeOf(headOf(read.operation))).map(decodeNamespace),
        read.operation,
      );
  }
}

/** The labels that every namespace of the list begins with. */
function headOf({ matchConditions = [] }: ListNamespacesOperation): readonly string[] {
  const path = matchConditions.find(({ matchType }) => matchType === "prefix")?.path ?? [];
  const wildcard = path.indexOf("*");
  return wildcard === -1 ? path : path.slice(0, wildcard);
}
