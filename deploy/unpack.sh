# shellcheck shell=bash
# Puts a release beside the others and tries it on an empty folder. Read by install.sh and deploy.sh, after places.sh.

TRY_SECONDS=${TRY_SECONDS:-30}

# unpack RELEASE: a .tar.gz, or the folder of an unpacked one. Sets UNPACKED to its place below $PROGRAM/releases.
unpack() {
  local source=$1 digest name
  if [ -d "$source" ]; then
    # A folder has no digest of its own; that of its list of files and what depends on it tells releases apart.
    digest=$(cd "$source" && find . -path ./node_modules -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
  else
    [ -f "$source" ] || fail "There is no release $source" "npm run release makes one in dist/."
    if [ -f "$source.sha256" ]; then
      (cd "$(dirname "$source")" && sha256sum --quiet -c "$(basename "$source").sha256") ||
        fail "$source is not what its .sha256 says." "Fetch both again."
    fi
    digest=$(sha256sum <"$source")
  fi
  name=$(release_version "$source") || exit 1
  UNPACKED=$PROGRAM/releases/$name-${digest:0:8}
  if [ -d "$ROOT$UNPACKED" ]; then
    say "  as it is  $UNPACKED"
    return
  fi
  say "  unpacks   $UNPACKED"
  if [ "$DRY_RUN" = yes ]; then return; fi
  local partial=$ROOT$UNPACKED.partial
  rm -rf -- "$partial"
  mkdir -p "$partial"
  if [ -d "$source" ]; then
    cp -RP "$source/." "$partial/"
  else
    tar -xzf "$source" -C "$partial" --strip-components=1 --no-same-owner
  fi
  chmod -R u=rwX,go=rX "$partial"
  on_system chown -R root:root "$partial"
  mv -T "$partial" "$ROOT$UNPACKED"
}

# What package.json of a release says.
release_version() {
  local package version
  if [ -d "$1" ]; then
    package=$(cat "$1/package.json")
  else
    package=$(tar -xzf "$1" -O --wildcards --no-wildcards-match-slash '*/package.json') ||
      fail "$1 is not a release." "npm run release makes one in dist/."
  fi
  version=$(sed -n 's/^  "version": "\([0-9A-Za-z.+-]*\)",*$/\1/p' <<<"$package" | head -n 1)
  [ -n "$version" ] || fail "$1 is not a release: it has no version." "npm run release makes one in dist/."
  printf '%s' "$version"
}

# try_release PLACE: starts it on an empty folder, asks whether it serves, and stops it. What Node compiles meanwhile is kept
# beside the program. Node keeps that for each account, so it is the server's that runs here; afterwards root owns it, for the
# server must not be able to change what it runs. Fails when the release does not serve.
try_release() {
  local release=$ROOT$1 folder cache
  if [ "$DRY_RUN" = yes ]; then
    say "+ starts $1 on an empty folder, to see whether it serves"
    return
  fi
  cache=$release/node_modules/.cache/federated-memory
  folder=$(mktemp -d)
  mkdir -p "$cache"
  on_system chown "$ACCOUNT:" "$folder" "$cache"
  local served=no
  if serves "$release" "$folder"; then served=yes; fi
  on_system chown -R root:root "$cache"
  chmod -R u=rwX,go=rX "$cache"
  [ "$served" = yes ] || sed 's/^/    /' "$folder/log" >&2
  rm -rf -- "$folder"
  [ "$served" = yes ]
}

serves() {
  local release=$1 folder=$2 url='' tries pid
  : >"$folder/log"
  # exec: what is ended below is the server itself, not a shell that waits for it. It ends with this script, however that ends.
  (exec "${AS_SERVER[@]}" setpriv --pdeathsig TERM env -i PATH="$PATH" HOST=127.0.0.1 PORT=0 MEMORY_ROOT="$folder/root" \
    MCP_TOKEN="try-$RANDOM-$RANDOM-$RANDOM-release" "$release/bin/node" "$release/server/main.ts") >"$folder/log" 2>&1 &
  pid=$!
  for ((tries = TRY_SECONDS * 10; tries > 0; tries--)); do
    url=$(sed -n 's/.*"url":"\(http:[^"]*\)".*"msg":"listening".*/\1/p' "$folder/log")
    if [ -n "$url" ] && curl -fsS --max-time 5 -o /dev/null "$url/readyz" 2>>"$folder/log"; then break; fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  local served=no
  if [ -n "$url" ] && ((tries > 0)) && kill -0 "$pid" 2>/dev/null; then served=yes; fi
  kill "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  [ "$served" = yes ]
}

# point LINK RELEASE: a link below $PROGRAM, replaced in one step.
point() {
  run ln -sfn "releases/$(basename "$2")" "$ROOT$PROGRAM/$1.new"
  run mv -T "$ROOT$PROGRAM/$1.new" "$ROOT$PROGRAM/$1"
}

# The release that a link below $PROGRAM names; empty when there is none.
pointed() {
  local target
  target=$(readlink "$ROOT$PROGRAM/$1") || return 0
  printf '%s' "$PROGRAM/$target"
}
