import { showHidden } from "../core/hidden.js";
import type { ToolDefinition } from "../mcp/server.js";

/** What a tool carries in `metadata`, for policies, user interfaces and traces. */
export interface McpToolMetadata extends Record<string, unknown> {
  readonly server: string;
  /** The server's own name of the tool, which may differ from the model's. */
  readonly tool: string;
  readonly title?: string;
  readonly annotations?: ToolDefinition["annotations"];
  readonly outputSchema?: ToolDefinition["outputSchema"];
  readonly icons?: ToolDefinition["icons"];
  readonly _meta?: ToolDefinition["_meta"];
}

/** What there is to say of a tool beside its name, description and schema. */
export function metadataOf(server: string, definition: ToolDefinition): McpToolMetadata {
  const { name, annotations, outputSchema, icons, _meta } = definition;
  const title = definition.title ?? annotations?.title;
  return {
    server,
    tool: name,
    ...(title === undefined ? {} : { title: showHidden(title) }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(outputSchema === undefined ? {} : { outputSchema }),
    ...(icons === undefined ? {} : { icons }),
    ...(_meta === undefined ? {} : { _meta }),
  };
}
