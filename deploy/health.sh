# shellcheck shell=bash
# Whether the installed server serves. Read by install.sh and deploy.sh, after places.sh.

HEALTH_SECONDS=${HEALTH_SECONDS:-60}

# healthy VERSION: it says that it is ready, knows its token, is that version, and finds what is asked for.
# Without a version any will do. The token goes to curl by a descriptor, never as an argument.
healthy() {
  local version=$1 url port token answer tries
  port=$(setting PORT)
  url=http://127.0.0.1:${port:-8000}
  token=$(setting MCP_TOKEN)
  for ((tries = HEALTH_SECONDS * 2; tries > 0; tries--)); do
    if curl -fsS --max-time 5 -o /dev/null "$url/readyz" 2>/dev/null; then break; fi
    sleep 0.5
  done
  if ((tries == 0)); then
    say "  it is not ready after $HEALTH_SECONDS s"
    return 1
  fi
  if ! answer=$(ask "$url/api/v1/whoami" "$token"); then
    say "  it does not know its own token"
    return 1
  fi
  if [ -n "$version" ] && [[ $answer != *"\"version\":\"$version\""* ]]; then
    say "  it does not say that it is version $version: $answer"
    return 1
  fi
  if ! answer=$(ask "$url/api/v1/search/knowledge?query=health" "$token") || [[ $answer != *'"hits":['* ]]; then
    say "  it does not answer a search"
    return 1
  fi
}

ask() {
  curl -fsS --max-time 20 -H @<(printf 'Authorization: Bearer %s\n' "$2") "$1" 2>/dev/null
}
