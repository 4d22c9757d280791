import type { StructuredToolInterface } from "@langchain/core/tools";
import { metadataOf, ownNameOf, serverOf } from "./call-tool.js";
import { folderSource, folderToolsOf } from "./folder-source.js";
import { searchParametersOf } from "./search-parameters.js";
import type { ResearchSource } from "./source.js";
import { toolSource } from "./tool-source.js";

const SEARCHES = /(?:^|[^a-z])(?:search|find|lookup|look_up|retrieve|recall)(?:[^a-z]|$)/iu;

/**
 * The sources among loaded tools: each tool that searches by a text alone and is not said to write, and each
 * filesystem server as a folder of all that it allows. What it does not recognise, `toolSource()` and `folderSource()` make.
 *
 * @example
 * ```ts
 * const research = createResearch({ sources: researchSources(await loadTools(servers)) });
 * ```
 */
export function researchSources(tools: readonly StructuredToolInterface[]): readonly ResearchSource[] {
  const servers = [...new Set(tools.map(serverOf))];
  return servers.flatMap((server) => {
    const own = tools.filter((tool) => serverOf(tool) === server);
    const searches = own.filter(isSearch);
    const folder = folderToolsOf(own);
    const isAlone = searches.length === 1 && folder === undefined && server !== undefined;
    return [
      ...searches.map((tool) => toolSource(tool, { name: isAlone ? server : tool.name })),
      ...(folder?.roots === undefined ? [] : [folderSource(own)]),
    ];
  });
}

function isSearch(tool: StructuredToolInterface): boolean {
  const { annotations } = metadataOf(tool);
  const mayWrite = annotations?.readOnlyHint === false || annotations?.destructiveHint === true;
  const name = ownNameOf(tool).replace(/([a-z])([A-Z])/g, "$1_$2");
  return SEARCHES.test(name) && !mayWrite && searchParametersOf(tool) !== undefined;
}
