#!/usr/bin/env bash
# Brings a new version of the server onto a machine where install.sh has been: unpacks it beside the old one, tries it
# on an empty folder, backs the data up, switches, and asks the running server whether it serves. When it does not, or when
# this is stopped before that is known, the old version is back before this ends, with exit code 1. Data is never touched.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=deploy/places.sh
. "$HERE/places.sh"
# shellcheck source=deploy/unpack.sh
. "$HERE/unpack.sh"
# shellcheck source=deploy/health.sh
. "$HERE/health.sh"

KEPT_RELEASES=3
# What `backup` ends with when it made one that lacks places of the store.
LEFT_OUT=3
# Is there from before the switch until the new version has answered, or the old one is back: the release before, and the data's format.
UNFINISHED=$PROGRAM/.deploy.unfinished

usage() {
  cat <<'USAGE'
deploy.sh RELEASE [--no-backup] [--dry-run]

RELEASE      federated-memory-<version>-linux-<arch>.tar.gz, or the folder of an unpacked one
--no-backup  do not back the data up before the switch
--dry-run    show what would be done
USAGE
}

main() {
  local release='' backup=yes
  while [ $# -gt 0 ]; do
    case $1 in
      --root) ROOT=$(cd "$2" && pwd) && shift ;;
      --no-backup) backup=no ;;
      --dry-run) DRY_RUN=yes ;;
      -h | --help) usage && exit 0 ;;
      -*) usage >&2 && exit 2 ;;
      *) release=$1 ;;
    esac
    shift
  done
  [ -n "$release" ] || { usage >&2 && exit 2; }
  need_root
  local old
  old=$(pointed current)
  [ -n "$old" ] || fail "There is no server here yet." "install.sh puts one here."
  # It ends with this process: nothing that waits or serves holds on to it.
  exec 9>"$ROOT$PROGRAM/.deploy.lock"
  flock -n 9 || fail "Another deployment is under way."

  settle
  old=$(pointed current)
  unpack "$release"
  local new=$UNPACKED
  if [ "$new" = "$old" ]; then
    say "This release runs already."
    exit 0
  fi
  try_release "$new" 9>&- || fail "The new version does not serve; the old one was not touched." "It lies in $new."
  if [ "$backup" = yes ]; then back_up "$old" 9>&-; fi
  switch "$old" "$new"
}

back_up() {
  local code=0
  say "  backs up  $DATA to $BACKUPS"
  # Which of the older ones go is for the daily backup, which may be set to keep more.
  run as_server env MEMORY_ROOT="$ROOT$DATA" "$ROOT$1/bin/node" "$ROOT$1/server/main.ts" backup "$ROOT$BACKUPS" --keep 99999 || code=$?
  case $code in
    0) ;;
    "$LEFT_OUT") say "  The backup was made, but what is named above is not in it." ;;
    *) fail "The backup failed, so nothing was switched." "--no-backup goes on without one." ;;
  esac
}

# A deployment that was killed after its switch: nobody has heard yet whether its version serves.
settle() {
  local old version
  [ -f "$ROOT$UNFINISHED" ] || return 0
  old=$(sed -n 1p "$ROOT$UNFINISHED")
  version=$(release_version "$ROOT$(pointed current)" 2>/dev/null || true)
  say "The last deployment was cut off before version $version had answered."
  if [ "$DRY_RUN" = yes ]; then return; fi
  if healthy "$version" 9>&-; then
    say "  It serves now."
  elif [ "$(data_format)" != "$(sed 1d "$ROOT$UNFINISHED")" ]; then
    say "  It does not serve, and has brought the data to a format of its own: nothing was rolled back."
  elif [ -d "$ROOT$old" ] && [ "$old" != "$(pointed current)" ]; then
    say "  It does not serve: goes back to $old"
    point current "$old"
    restart || true
    healthy "" 9>&- || say "  It does not serve either. What it says: journalctl -u $SERVICE"
  fi
  rm -f -- "$ROOT$UNFINISHED"
}

# What going back needs to know; set before the switch.
OLD='' NEW='' BEFORE='' FORMAT=''

switch() {
  local version
  OLD=$1 NEW=$2
  FORMAT=$(data_format)
  BEFORE=$(pointed previous)
  version=$(release_version "$ROOT$NEW" 2>/dev/null || true)
  say "  switches  to $NEW"
  # A terminal that goes away sends HUP, a pipe that does PIPE. EXIT: whatever else ends this.
  trap 'go_back "It was stopped before the new version had answered."' HUP INT TERM PIPE EXIT
  [ "$DRY_RUN" = yes ] || printf '%s\n%s\n' "$OLD" "$FORMAT" >"$ROOT$UNFINISHED"
  point previous "$OLD"
  point current "$NEW"
  if restart && { [ "$DRY_RUN" = yes ] || healthy "$version" 9>&-; }; then
    trap - HUP INT TERM PIPE EXIT
    [ "$DRY_RUN" = yes ] || rm -f -- "$ROOT$UNFINISHED"
    forget_old_releases
    say "The server runs version $version. Should its unit or nginx files have changed: $PROGRAM/current/deploy/install.sh"
    return
  fi
  go_back "The new version does not serve."
}

# go_back WHY: ends this with the old version in its place. Nothing but KILL stops it on the way, not even that nobody listens.
go_back() {
  trap - EXIT
  # A command of its own, not '': what is restarted would inherit that, and not end by these.
  trap : HUP INT TERM PIPE
  say "$1"
  [ "$(data_format)" = "$FORMAT" ] || not_back "$OLD" "$NEW"
  say "  goes back to $OLD"
  point current "$OLD"
  [ -z "$BEFORE" ] || point previous "$BEFORE"
  restart || true
  if healthy "" 9>&-; then
    rm -f -- "$ROOT$UNFINISHED"
    fail "The old version serves again; the new one lies in $NEW." "What it said: journalctl -u $SERVICE"
  fi
  fail "The old version does not serve either." "What it says: journalctl -u $SERVICE"
}

# Whatever it starts must not hold on to the lock of this deployment.
restart() { run systemctl restart "$SERVICE" 9>&-; }

# An older program refuses newer data, so going back would only look like a way out.
not_back() {
  rm -f -- "$ROOT$UNFINISHED"
  say "It has brought the data to a format of its own, which $1 may refuse: nothing was rolled back."
  say "  It stays switched to $2. What it said: journalctl -u $SERVICE"
  fail "To return, restore the backup made before: federated-memory restore $BACKUPS/<newest> --into FOLDER" \
    "and put that in the place of $DATA while the server is stopped."
}

data_format() {
  cat "$ROOT$DATA/_meta/format.json" 2>/dev/null || true
}

# Keeps the newest releases, and in any case the one that runs and the one before.
forget_old_releases() {
  local release kept=0
  while IFS= read -r release; do
    kept=$((kept + 1))
    if [ "$kept" -le "$KEPT_RELEASES" ]; then continue; fi
    case $PROGRAM/releases/$release in
      "$(pointed current)" | "$(pointed previous)") ;;
      *) remove "$PROGRAM/releases/$release" ;;
    esac
  done < <(cd "$ROOT$PROGRAM/releases" && find . -mindepth 1 -maxdepth 1 -type d -printf '%T@ %f\n' | sort -rn | cut -d' ' -f2-)
}

main "$@"
