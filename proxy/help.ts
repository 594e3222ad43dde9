/** What `memory-proxy --help` prints. */
export const HELP = `memory-proxy stands between Claude Code and the Messages API, so that the memory tool that an MCP server
named "memory" offers reaches the model as its native memory tool.

Usage: memory-proxy [serve]   listen, and write a line of JSON for each request
       memory-proxy probe     send one made-up request with the tool to ANTHROPIC_BASE_URL, print the answer
       memory-proxy --help | --version

  memory-proxy >~/memory-proxy.log &
  claude mcp add --scope user memory -- ~/.memory-sync/bin/memory-sync mcp
  export ANTHROPIC_BASE_URL=http://127.0.0.1:15041
  claude --allowedTools mcp__memory

Environment
  PROXY_HOST             where to listen; default 127.0.0.1
  PROXY_PORT             default 15041; 0 takes any free port
  PROXY_SECRET           what requests must bring in the header x-memory-proxy-secret; needed beyond loopback
  UPSTREAM_API_URL       default https://api.anthropic.com
  ANTHROPIC_BETA         names to put into anthropic-beta of requests with the tool; default
                         context-management-2025-06-27; empty for none
  SYSTEM_PROMPT_PATCHES  a file of replacements for system prompts
  LOG_LEVEL              debug, info, warn, error or silent; default info
  HTTP_PROXY, HTTPS_PROXY, NO_PROXY   with Node 24.5 (22.21) or later
For probe: ANTHROPIC_BASE_URL (default http://127.0.0.1:15041), ANTHROPIC_API_KEY, CLAUDE_MODEL, PROXY_SECRET`;
