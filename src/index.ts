export type { McpTool, McpToolMetadata } from "./adapters/mcp-tool.js";
export type { ToolNaming } from "./adapters/tool-names.js";
export { type LoadToolsOptions, loadTools } from "./adapters/tools.js";
export {
  type Call,
  type Caller,
  createCall,
  type Handler,
  type Hints,
  type Middleware,
  type Progress,
  type ToolUse,
} from "./core/call.js";
export { type Clock, systemClock } from "./core/clock.js";
export { compose } from "./core/compose.js";
export { BatonError, type BatonErrorOptions, type ErrorCode, isBatonError } from "./core/errors.js";
export { type Content, type Result, resultText } from "./core/result.js";
export { VERSION } from "./core/version.js";
export { type ConfigFault, type ConfigOptions, parseConfig, readConfig } from "./mcp/config.js";
export { type ConnectOptions, connect } from "./mcp/connect.js";
export type { RejectedTool } from "./mcp/list-tools.js";
export type { RequestLimits } from "./mcp/request.js";
export type { Server, ServerEvent, ServerInfo, ServerOptions, ToolDefinition } from "./mcp/server.js";
export type { Config, CustomConfig, HttpConfig, ServerConfig, StdioConfig } from "./mcp/server-config.js";
export type { Scope, Servers } from "./mcp/servers.js";
export { type StandardOptions, standard } from "./middleware/standard.js";
