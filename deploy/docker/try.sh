#!/usr/bin/env bash
# Starts the server once on an empty folder while its image is built. A server that does not get ready or does not stop in
# order is no image; and what Node compiles meanwhile is kept beside the program, where the container cannot write.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
export HOST=127.0.0.1 PORT="${PORT:-8000}" MEMORY_ROOT="$folder/memory" MCP_TOKEN="try-$RANDOM-$RANDOM-$RANDOM-image"
node server/main.ts &
server=$!

ready=no
for ((tries = 60; tries > 0; tries--)); do
  if node deploy/docker/healthy.mjs; then ready=yes && break; fi
  kill -0 "$server" 2>/dev/null || break
  sleep 0.5
done
kill -TERM "$server" 2>/dev/null || true
wait "$server"
[ "$ready" = yes ]
