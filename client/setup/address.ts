/** Root of the server's API, from an address as people write it, with or without `/mcp` at its end. */
export function rootOf(url: string): string {
  return url
    .trim()
    .replace(/\/+$/, "")
    .replace(/\/mcp$/, "")
    .replace(/\/+$/, "");
}

/** The address that clients connect to. */
export function mcpUrl(root: string): string {
  return `${root}/mcp`;
}
