#!/usr/bin/env bash
# Installs memory-sync @VERSION@, the client of the federated-memory server at @URL@, for the user who runs this.
#
#   curl -fsSL URL/install.sh | bash -s -- --join CODE        CODE from: federated-memory join --machine NAME
#   bash client/install.sh --url URL ...                      the same from a checkout
#
# It needs bash 3.2 and Node 20 or later, fetches one file and lets that one do the rest: what `memory-sync install`
# sets up below ~/.memory-sync and elsewhere, `memory-sync uninstall` takes out again.

# One group: bash runs none of it before it has read all of it, so half a download does nothing.
{
set -euo pipefail
umask 077

server_url='@URL@'
bundle_sha256='@SHA256@'

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "$1"
  exit "${2:-1}"
}

usage() {
  say "install.sh [AI_TOKEN] [--sync-token TOKEN] [--join CODE|-] [--machine NAME] [--url URL] [--update] [-- OPTIONS]

  --join CODE   a code that is exchanged for this machine's own tokens; - asks for it
  --update      replaces the program only; everything that is set up stays
  OPTIONS       of \`memory-sync install\`, such as --dry-run or --ai-token-file FILE

What is not given is taken from MCP_MEMORY_TOKEN and SYNC_TOKEN, or asked for at the terminal."
}

main() {
  local ai_token='' sync_token='' join_code='' machine='' update='' given_in_sight=''
  local options=()
  while [ $# -gt 0 ]; do
    case $1 in
      --sync-token | --join | --machine | --url)
        [ $# -ge 2 ] || fail "$1 needs a value" 2
        case $1 in
          --sync-token) sync_token=$2 given_in_sight=1 ;;
          --join) join_code=$2 ;;
          --machine) machine=$2 ;;
          --url) server_url=${2%/} ;;
        esac
        shift 2
        ;;
      --update)
        update=1
        shift
        ;;
      --)
        shift
        options=("$@")
        break
        ;;
      -h | --help)
        usage
        return 0
        ;;
      -*)
        usage
        fail "No such option: ${1%%=*}. Options of memory-sync install go behind --" 2
        ;;
      *)
        [ -z "$ai_token" ] || fail 'One AI token at most; the sync token goes behind --sync-token' 2
        ai_token=$1 given_in_sight=1
        shift
        ;;
    esac
  done
  case $server_url in
    http://?* | https://?*) ;;
    @*) fail 'Say where the server is: --url https://memory.example' 2 ;;
    *) fail '--url: an http(s) URL such as https://memory.example' 2 ;;
  esac
  assert_visible "$ai_token" "$sync_token" "$join_code"
  # What `make run` serves with everybody knows.
  if [ -n "$given_in_sight" ] && [ "$ai_token" != dev-token ]; then
    say 'Others on this machine can read a command line and its history, and with it these tokens. A join code avoids that: federated-memory join --machine NAME'
  fi

  local node
  node=$(find_node) || fail_without_node
  fetch_program "$node"
  if [ -n "$update" ]; then
    local program=${MEMORY_SYNC_HOME:-$HOME/.memory-sync}/bin/memory-sync.mjs
    put_program "$program"
    say "Updated: $program"
    return 0
  fi
  if [ "$join_code" = - ]; then
    join_code=$(asked 'Join code: ')
    assert_visible "$join_code"
  fi

  local secrets arguments=(install --tokens-stdin --url "$server_url")
  if [ -n "$machine" ]; then arguments+=(--machine "$machine"); fi
  secrets=$(secrets_json "$join_code" "$ai_token" "$sync_token")
  # By stdin: no other user can look into it, as into arguments. printf is no program but bash itself. What runs puts itself in
  # place, unless a token is refused or it is only to show what it would do.
  printf '%s\n' "$secrets" |
    "$node" "$scratch/memory-sync.mjs" "${arguments[@]}" ${options[@]+"${options[@]}"}
}

assert_visible() {
  local secret
  for secret in "$@"; do
    case $secret in
      *[[:cntrl:][:space:]]*) fail 'A token is one line of visible characters' 2 ;;
    esac
  done
}

# The path of a Node that is new enough: the one on PATH, else where its usual installers put it.
find_node() {
  local found
  for found in \
    "$(command -v node || true)" \
    "${NVM_DIR:-$HOME/.nvm}"/versions/node/*/bin/node \
    "${FNM_DIR:-$HOME/.local/share/fnm}"/node-versions/*/installation/bin/node \
    "$HOME/Library/Application Support/fnm"/node-versions/*/installation/bin/node \
    "${VOLTA_HOME:-$HOME/.volta}"/tools/image/node/*/bin/node \
    /opt/homebrew/bin/node \
    /home/linuxbrew/.linuxbrew/bin/node \
    /usr/local/bin/node \
    /usr/bin/node; do
    if [ -x "$found" ] && is_new_enough "$found"; then
      printf '%s\n' "$found"
      return 0
    fi
  done
  return 1
}

is_new_enough() {
  "$1" -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' </dev/null >/dev/null 2>&1
}

fail_without_node() {
  say 'memory-sync needs Node 20 or later, which is not here. One of these gets it:'
  say '  brew install node                      macOS'
  say '  sudo apt install nodejs                Debian 13, Ubuntu 25.04 and later'
  say '  nvm install 24                         anywhere (https://github.com/nvm-sh/nvm)'
  fail '  https://nodejs.org/en/download         anywhere'
}

# Fetches the program into a folder that goes with this script.
fetch_program() {
  local node=$1
  # Not local: what cleans up runs after this function.
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/memory-sync.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  case $bundle_sha256 in
    @*) copy_from_checkout "$scratch/memory-sync.mjs" ;;
    *) download "$node" "$scratch/memory-sync.mjs" ;;
  esac
}

# Puts the program in place in one step: a hook may start the one that is there at any moment.
put_program() {
  local program=$1
  mkdir -p "${program%/*}"
  cp "$scratch/memory-sync.mjs" "$program.new.$$"
  chmod 700 "$program.new.$$"
  mv -f "$program.new.$$" "$program"
}

download() {
  local node=$1 target=$2 url=$server_url/memory-sync.mjs digest
  if command -v curl >/dev/null; then
    curl --fail --silent --show-error --location --proto-redir '=https' --output "$target" "$url" </dev/null ||
      fail "Could not fetch $url"
  elif command -v wget >/dev/null; then
    wget --quiet --max-redirect=0 --output-document="$target" "$url" </dev/null || fail "Could not fetch $url"
  else
    fail 'curl or wget is needed'
  fi
  digest=$("$node" -p 'require("crypto").createHash("sha256").update(require("fs").readFileSync(process.argv[1])).digest("hex")' "$target" </dev/null)
  [ "$digest" = "$bundle_sha256" ] ||
    fail "$url is not what this script belongs to (SHA-256 $digest instead of $bundle_sha256). Nothing was installed; fetch install.sh again."
}

copy_from_checkout() {
  local target=$1 folder
  folder=$(cd "$(dirname "${BASH_SOURCE[0]:-}")/.." && pwd)
  [ -f "$folder/client/install.sh" ] || fail 'This copy of install.sh belongs into a checkout; fetch it from your server: curl -fsSL URL/install.sh'
  if [ ! -f "$folder/dist/memory-sync.mjs" ]; then
    command -v npm >/dev/null || fail "$folder/dist/memory-sync.mjs is missing, and npm, which builds it"
    (cd "$folder" && { [ -d node_modules/esbuild ] || npm ci --no-audit --no-fund; } && npm run --silent build) </dev/null >&2 ||
      fail 'The client could not be built'
  fi
  cp "$folder/dist/memory-sync.mjs" "$target"
}

# An answer from the terminal, not shown. stdin is this script when it comes through a pipe.
asked() {
  local answer
  { exec 3<>/dev/tty; } 2>/dev/null || fail 'There is no terminal to ask at'
  printf '%s' "$1" >&3
  IFS= read -r -s -u 3 answer || fail 'No answer'
  printf '\n' >&3
  printf '%s' "$answer"
}

secrets_json() {
  local line='' comma=''
  local field value
  for field in join ai_token sync_token; do
    if [ -n "$1" ]; then
      value=$(json_string "$1")
      line="$line$comma\"$field\":$value" comma=,
    fi
    shift
  done
  printf '{%s}' "$line"
}

json_string() {
  local text=$1 out='' char i
  for ((i = 0; i < ${#text}; i++)); do
    char=${text:i:1}
    case $char in
      \" | \\) out="$out\\$char" ;;
      *) out="$out$char" ;;
    esac
  done
  printf '"%s"' "$out"
}

main "$@"
exit
}
