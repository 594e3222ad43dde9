# shellcheck shell=bash disable=SC2034 # what is set here is used by the scripts that read this
# Where everything lies on the server's machine, and how the scripts beside this one act. Read by them, never run.
# ROOT stands before every place: empty, or with --root a folder that stands for / (for tests: then no packages, no
# users and no owners are touched).

ROOT=${ROOT:-}
DRY_RUN=${DRY_RUN:-no}

ACCOUNT=federated-memory
PROGRAM=/opt/federated-memory
DATA=/var/lib/federated-memory
BACKUPS=/var/backups/federated-memory
ENV_FILE=$PROGRAM/.env
WRAPPER=/usr/local/bin/federated-memory
TLS=/etc/federated-memory/tls
ACME=/var/www/federated-memory-acme
UNITS=/etc/systemd/system
SERVICE=federated-memory.service
TIMER=federated-memory-backup.timer

# That nobody listens any more is no error.
say() { printf '%s\n' "$*" >&2 || true; }

# Ends the script with a sentence, and what to try.
fail() {
  say "$1"
  [ $# -lt 2 ] || say "  $2"
  exit 1
}

# Runs a command, or with --dry-run shows it.
run() {
  if [ "$DRY_RUN" = yes ]; then
    say "+ $*"
  else
    "$@"
  fi
}

# Commands about accounts and owners mean nothing below another root.
on_system() { [ -n "$ROOT" ] || run "$@"; }

# Runs a command as the server's account, which below another root is whoever runs this.
as_server() { "${AS_SERVER[@]}" "$@"; }

# Whether anything was written.
CHANGED=no

# put PLACE MODE: the text on stdin becomes that file, in one step. A file that is so already is left alone, but for its
# mode. Never behind a pipe: it would say that it CHANGED something to a shell that ends.
put() {
  local target=$ROOT$1 mode=$2 text
  text=$(cat && printf .)
  text=${text%.}
  [ -n "$text" ] || fail "There is nothing to write into $1."
  if [ -f "$target" ] && printf '%s' "$text" | cmp -s - "$target"; then
    local had
    had=0$(stat -L -c %a "$target")
    if [ "$had" = "$mode" ]; then
      say "  as it is  $1"
      return
    fi
    say "  mode $mode $1, which had $had"
    run chmod "$mode" "$target"
    return
  fi
  say "  writes    $1"
  CHANGED=yes
  if [ "$DRY_RUN" = yes ]; then return; fi
  mkdir -p "$(dirname "$target")"
  (umask 077 && printf '%s' "$text" >"$target.new")
  chmod "$mode" "$target.new"
  mv -T "$target.new" "$target"
}

# remove PLACE…: files and links that are there.
remove() {
  local place
  for place in "$@"; do
    if [ -e "$ROOT$place" ] || [ -L "$ROOT$place" ]; then
      say "  removes   $place"
      run rm -rf -- "$ROOT$place"
    fi
  done
}

# The value of a variable in the file of settings; empty when it is not there.
setting() {
  [ ! -r "$ROOT$ENV_FILE" ] || sed -n "s/^$1=//p" "$ROOT$ENV_FILE" | tail -n 1
}

# Call it once the options are known.
need_root() {
  AS_SERVER=()
  if [ -n "$ROOT" ] || [ "$DRY_RUN" = yes ]; then return; fi
  [ "$(id -u)" -eq 0 ] || fail "This must be run by root." "Try it with sudo."
  AS_SERVER=(setpriv --reuid "$ACCOUNT" --regid "$ACCOUNT" --init-groups --no-new-privs)
}
