const MOST_TOOLS = 10_000;

/**
 * Remembers what `find` says of each tool, as to compare patterns takes longer than the rest of a call. When there are
 * too many all are forgotten, and found again. `find` must not return undefined.
 */
export function perTool<T>(find: (server: string, tool: string) => T): (server: string, tool: string) => T {
  // A map for each server, as no joint key tells every two names apart.
  const servers = new Map<string, Map<string, T>>();
  let size = 0;
  return (server, tool) => {
    const known = servers.get(server)?.get(tool);
    if (known !== undefined) return known;
    if (size++ >= MOST_TOOLS) {
      servers.clear();
      size = 1;
    }
    const found = find(server, tool);
    const tools = servers.get(server);
    if (tools === undefined) servers.set(server, new Map([[tool, found]]));
    else tools.set(tool, found);
    return found;
  };
}
