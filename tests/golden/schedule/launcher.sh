#!/bin/sh
# Written by `memory-sync install`, which writes it again.
[ -n "${CODEX_HOME+set}" ] || export CODEX_HOME='/srv/it'\''s codex'
node='/usr/bin/node'
[ -x "$node" ] || node=$(command -v node) || {
  said="memory-sync: there is no Node any more; install Node 20 or later, then run memory-sync install again"
  [ "$1" = claude-hook ] || { echo "$said" >&2; exit 1; }
  echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) $said" >>'/home/Ann O'\''Neil/50% & more/$HOME/.memory-sync/log/hook.log' 2>/dev/null
  exit 0
}
exec "$node" '/home/Ann O'\''Neil/50% & more/$HOME/.memory-sync/bin/memory-sync.mjs' "$@"
