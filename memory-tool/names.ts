/** What the tool is called over MCP, and its type in the Messages API. */
export const MEMORY_TOOL = "memory_20250818";

/** What the model calls the tool when the Messages API offers it natively. */
export const NATIVE_NAME = "memory";

/** What clients make of the tool of an MCP server that is called `memory`: Claude Code today, and as it once was. */
export const CLIENT_NAMES = ["mcp__memory__memory_20250818", "memory__memory_20250818"] as const;

/** What clients put before the names of all tools of that server. */
export const CLIENT_PREFIXES = ["mcp__memory__", "memory__"] as const;
