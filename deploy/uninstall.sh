#!/usr/bin/env bash
# Takes the server off the machine: program, units, nginx and fail2ban files. Data, backups, tokens and certificates stay,
# unless --purge-data is given and the folder's name is typed.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=deploy/places.sh
. "$HERE/places.sh"

usage() {
  cat <<'USAGE'
uninstall.sh [--purge-data] [--dry-run]

--purge-data  also remove data, backups, tokens and certificates; asks for the name of the data folder on standard input
--dry-run     show what would be done
USAGE
}

main() {
  local purge=no
  while [ $# -gt 0 ]; do
    case $1 in
      --root) ROOT=$(cd "$2" && pwd) && shift ;;
      --purge-data) purge=yes ;;
      --dry-run) DRY_RUN=yes ;;
      -h | --help) usage && exit 0 ;;
      *) usage >&2 && exit 2 ;;
    esac
    shift
  done
  need_root
  if [ "$purge" = yes ]; then confirm; fi

  on_system systemctl disable --now "$TIMER" "$SERVICE" || true
  remove "$UNITS/$SERVICE" "$UNITS/$SERVICE.d" "$UNITS/federated-memory-backup.service" "$UNITS/$TIMER"
  on_system systemctl daemon-reload
  remove /etc/nginx/sites-enabled/federated-memory-{tls,lan,acme} /etc/nginx/sites-available/federated-memory-{tls,lan,acme} \
    /etc/nginx/conf.d/federated-memory.conf /etc/nginx/snippets/federated-memory{,-headers}.conf "$ACME"
  if command -v nginx >/dev/null; then on_system systemctl reload nginx || true; fi
  remove /etc/fail2ban/jail.d/federated-memory.conf /etc/fail2ban/filter.d/federated-memory.conf
  if command -v fail2ban-client >/dev/null; then on_system fail2ban-client reload || true; fi
  remove "$WRAPPER" "$PROGRAM/releases" "$PROGRAM/current" "$PROGRAM/previous" "$PROGRAM/.deploy.lock" "$PROGRAM/.deploy.unfinished"

  if [ "$purge" = yes ]; then
    remove "$DATA" "$BACKUPS" "$PROGRAM" /etc/federated-memory
    on_system userdel "$ACCOUNT" || true
    say "Everything is gone."
  else
    say "Kept: $DATA, $BACKUPS, $ENV_FILE, /etc/federated-memory and the account $ACCOUNT."
    say "install.sh takes them up again; --purge-data removes them."
  fi
  say "Let's Encrypt's certificates are certbot's: certbot delete. Firewall rules are yours."
}

confirm() {
  local typed
  say "This removes every memory and every backup of it. Type the name of the data folder to go on: $DATA"
  IFS= read -r typed || typed=''
  [ "$typed" = "$DATA" ] || fail "That is not its name; nothing was removed."
}

main "$@"
