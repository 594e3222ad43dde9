#!/bin/sh
# The server's commands on its own machine, as the server's account: federated-memory join --machine laptop
set -eu
[ "$(id -u)" = 0 ] || { echo "federated-memory acts on the server's files: run it by root (sudo federated-memory …)." >&2 && exit 1; }
public_url=$(sed -n 's/^PUBLIC_URL=//p' /opt/federated-memory/.env)
exec setpriv --reuid federated-memory --regid federated-memory --init-groups --no-new-privs \
  env -i PATH="$PATH" TERM="${TERM:-dumb}" MEMORY_ROOT=/var/lib/federated-memory PUBLIC_URL="$public_url" \
  /opt/federated-memory/current/bin/node /opt/federated-memory/current/server/main.ts "$@"
