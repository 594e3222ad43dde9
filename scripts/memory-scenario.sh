#!/usr/bin/env bash
# Three sessions of the claude on PATH, with the real model, through a memory-proxy: one looks, one stores, the third says what was
# stored. Memories, settings, MCP servers and answers are in a folder of their own. It costs a few requests with your key.
#   node dist/memory-proxy.mjs >~/memory-proxy.log &
#   scripts/memory-scenario.sh [MODEL]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

model=${1:-${CLAUDE_MODEL:-claude-sonnet-5-5}}
export ANTHROPIC_BASE_URL=${ANTHROPIC_BASE_URL:-http://127.0.0.1:15041}
folder=$PWD/data/memory-scenario/$(date -u +%Y%m%dT%H%M%SZ)
fact="teal-$RANDOM"

if [ "$(curl -fsS "$ANTHROPIC_BASE_URL/health")" != ok ]; then
  echo "No memory-proxy answers at $ANTHROPIC_BASE_URL: start one with  node dist/memory-proxy.mjs >~/memory-proxy.log &" >&2
  exit 1
fi
[ -e dist/memory-sync.mjs ] || npm run --silent build

mkdir -p "$folder/memories"
printf '{}\n' >"$folder/settings.json"
node -e 'console.log(JSON.stringify({ mcpServers: { memory: { command: "node", args: process.argv.slice(1) } } }))' \
  "$PWD/dist/memory-sync.mjs" mcp --local "$folder/memories" >"$folder/mcp.json"

session() {
  printf '%s\n' "— $1" >&2
  (cd "$folder" && claude --print "$2" --output-format text --model "$model" --settings settings.json \
    --mcp-config mcp.json --strict-mcp-config --allowedTools mcp__memory </dev/null) | tee "$folder/$1.txt"
}

session view "View your memory directory and say what is in it. Do nothing else."
session store "Remember with your memory tool that the colour of the door is $fact."
session recall "Look into your memory directory: what colour is the door?"

echo "All of it is in $folder" >&2
grep -q "$fact" "$folder/recall.txt" || { echo "The third session did not say $fact." >&2; exit 1; }
