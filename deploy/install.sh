#!/usr/bin/env bash
# Puts the server on a machine with Debian or Ubuntu: an account, the program, tokens, a systemd unit, nginx with TLS, fail2ban and a
# daily backup. It can be run again at any time: what is right stays, tokens and data are never replaced. It opens no firewall,
# but prints the rules. Without options it repeats what it was told last.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=deploy/places.sh
. "$HERE/places.sh"
# shellcheck source=deploy/unpack.sh
. "$HERE/unpack.sh"
# shellcheck source=deploy/health.sh
. "$HERE/health.sh"
# shellcheck source=deploy/front.sh
. "$HERE/front.sh"

REMEMBERED=$PROGRAM/.install-options

usage() {
  cat <<'USAGE'
install.sh --domain NAME [--email ADDRESS]   HTTPS by Let's Encrypt; NAME leads here, and port 80 is reachable
install.sh --self-signed NAME                HTTPS by a certificate of its own, which clients must be told to trust
install.sh --no-tls                          no HTTPS
install.sh --no-nginx [--public-url URL]     another proxy on this machine does HTTPS (docs/deploy.md)

--lan             also plain HTTP for this machine and private networks
--release FILE    what to install; by default the release this script lies in
--port-https N    7443        --port-lan N   7444        --port N   8000, on loopback
--no-fail2ban     do not lock out whoever comes with wrong tokens
--yes             install missing packages without asking
--dry-run         show what would be done
USAGE
}

MODE='' NAME='' EMAIL='' PUBLIC_URL='' LAN=no NGINX=yes FAIL2BAN=yes YES=no
HTTPS_PORT=7443 LAN_PORT=7444 SERVER_PORT=8000
RELEASE=$(dirname "$HERE")

main() {
  read_options "$@"
  if [ ${#TOLD[@]} -eq 0 ] && [ -r "$ROOT$REMEMBERED" ]; then
    local told
    mapfile -t told <"$ROOT$REMEMBERED"
    read_options "${told[@]}"
  fi
  check
  packages
  account
  program
  settings
  units
  if [ "$NGINX" = yes ]; then front; fi
  if [ "$FAIL2BAN" = yes ]; then lock_out; fi
  put "$REMEMBERED" 0644 < <(printf '%s\n' "${TOLD[@]}")
  start
  report
}

read_options() {
  TOLD=()
  while [ $# -gt 0 ]; do
    case $1 in
      --root) ROOT=$(cd "$2" && pwd) && shift 2 && continue ;;
      --release) RELEASE=$2 && shift 2 && continue ;;
      --dry-run) DRY_RUN=yes && shift && continue ;;
      --yes) YES=yes && shift && continue ;;
      -h | --help) usage && exit 0 ;;
      --domain | --self-signed) choose "${1#--}" && NAME=${2:-} ;;
      --no-tls) choose no-tls ;;
      --email) EMAIL=${2:-} ;;
      --public-url) PUBLIC_URL=${2:-} ;;
      --port-https) HTTPS_PORT=${2:-} ;;
      --port-lan) LAN_PORT=${2:-} ;;
      --port) SERVER_PORT=${2:-} ;;
      --lan) LAN=yes ;;
      --no-nginx) NGINX=no ;;
      --no-fail2ban) FAIL2BAN=no ;;
      *) wrong_usage ;;
    esac
    TOLD+=("$1")
    case $1 in
      --domain | --self-signed | --email | --public-url | --port*) TOLD+=("${2:-}") && shift ;;
    esac
    shift
  done
}

# One of them only.
choose() {
  if [ -n "$MODE" ]; then wrong_usage; fi
  MODE=$1
}

wrong_usage() {
  usage >&2
  exit 2
}

check() {
  need_root
  if [ "$NGINX" = no ]; then
    { [ "$MODE" = '' ] && [ "$LAN" = no ]; } || fail "Without nginx there is nothing to do TLS or --lan with."
  else
    [ -n "$MODE" ] || wrong_usage
    [ "$MODE" = no-tls ] || [[ $NAME =~ ^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$ ]] || fail "Not a host name: $NAME"
  fi
  [[ $EMAIL =~ ^[^[:space:]]*$ ]] || fail "Not an address: $EMAIL"
  [ -z "$PUBLIC_URL" ] || [[ $PUBLIC_URL =~ ^https?://[A-Za-z0-9.:/_-]+$ ]] || fail "Not an http(s) URL: $PUBLIC_URL"
  local port
  for port in "$HTTPS_PORT" "$LAN_PORT" "$SERVER_PORT"; do
    { [[ $port =~ ^[1-9][0-9]{0,4}$ ]] && ((port <= 65535)); } || fail "Not a port: $port"
  done
  if [ -n "$ROOT" ]; then return; fi
  grep -qE '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release ||
    fail "This is for Debian and Ubuntu." "docs/deploy.md says what it does, for other systems."
  [ -d /run/systemd/system ] || [ "$DRY_RUN" = yes ] || fail "systemd does not run here." "For containers see deploy/docker."
}

packages() {
  local wanted=(curl openssl) package missing=()
  if [ "$NGINX" = yes ]; then wanted+=(nginx); fi
  if [ "$MODE" = domain ]; then wanted+=(certbot); fi
  if [ "$FAIL2BAN" = yes ]; then wanted+=(fail2ban python3-systemd nftables); fi
  if [ -n "$ROOT" ]; then return; fi
  for package in "${wanted[@]}"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  say "  packages  ${missing[*]}"
  local sure=()
  if [ "$YES" = yes ]; then sure=(-y); fi
  run apt-get install "${sure[@]}" --no-install-recommends "${missing[@]}"
}

account() {
  if ! id "$ACCOUNT" >/dev/null 2>&1; then
    on_system useradd --system --user-group --home-dir "$DATA" --no-create-home --shell /usr/sbin/nologin "$ACCOUNT"
  fi
  run mkdir -p "$ROOT$PROGRAM/releases" "$ROOT$DATA" "$ROOT$BACKUPS"
  run chmod 0700 "$ROOT$DATA" "$ROOT$BACKUPS"
  on_system chown "$ACCOUNT:" "$DATA" "$BACKUPS"
}

program() {
  local current
  current=$(pointed current)
  if [ -n "$current" ]; then
    say "  runs      $current; another version comes by deploy.sh"
    return
  fi
  unpack "$RELEASE"
  try_release "$UNPACKED" || fail "This release does not serve on this machine." "What it said stands above."
  point current "$UNPACKED"
}

# Tokens are made once. What was not told now stays as it is.
settings() {
  local lines=()
  if [ -r "$ROOT$ENV_FILE" ]; then mapfile -t lines <"$ROOT$ENV_FILE"; fi
  if [ -z "$(setting MCP_TOKEN)" ]; then lines+=("MCP_TOKEN=$(openssl rand -hex 32)"); fi
  if [ -z "$(setting SYNC_TOKEN)" ]; then lines+=("SYNC_TOKEN=$(openssl rand -hex 32)"); fi
  set_line PORT "$SERVER_PORT"
  set_line PUBLIC_URL "$(public_url)"
  set_line TRUST_PROXY "$([ "$NGINX$PUBLIC_URL" = no ] && echo false || echo true)"
  if [ "$LAN" = yes ]; then set_line ALLOWED_HOSTS "$(lan_hosts)"; fi
  put "$ENV_FILE" 0600 < <(printf '%s\n' "${lines[@]}")
}

# Replaces a line of settings' lines, or adds it.
set_line() {
  local at
  for at in "${!lines[@]}"; do
    if [[ ${lines[at]} == "$1="* ]]; then
      lines[at]=$1=$2
      return
    fi
  done
  lines+=("$1=$2")
}

public_url() {
  local port=:$HTTPS_PORT
  [ "$HTTPS_PORT" != 443 ] || port=''
  if [ -n "$PUBLIC_URL" ]; then
    echo "$PUBLIC_URL"
  elif [ -n "$NAME" ]; then
    echo "https://$NAME$port"
  elif [ "$LAN" = yes ]; then
    echo "http://$(hostname -I | cut -d' ' -f1):$LAN_PORT"
  fi
}

# The names by which the private network calls this machine.
lan_hosts() {
  local address names
  names=$(hostname)
  for address in $(hostname -I); do
    case $address in
      *:*) names+=,[$address] ;;
      *) names+=,$address ;;
    esac
  done
  echo "$names"
}

units() {
  put "$UNITS/$SERVICE" 0644 < <(sed "s/PORT=8000/PORT=$SERVER_PORT/; s/tcp:8000/tcp:$SERVER_PORT/" "$HERE/systemd/$SERVICE")
  put "$UNITS/federated-memory-backup.service" 0644 <"$HERE/backup/federated-memory-backup.service"
  put "$UNITS/$TIMER" 0644 <"$HERE/backup/$TIMER"
  put "$WRAPPER" 0755 <"$HERE/wrapper.sh"
}

start() {
  on_system systemctl daemon-reload
  on_system systemctl enable "$SERVICE" "$TIMER"
  on_system systemctl start "$TIMER"
  on_system systemctl "$(if [ "$CHANGED" = yes ]; then echo restart; else echo start; fi)" "$SERVICE"
  if [ -n "$ROOT" ] || [ "$DRY_RUN" = yes ]; then return; fi
  healthy "" || fail "The server does not serve." "What it says: journalctl -u $SERVICE"
}

report() {
  local url
  url=$(public_url)
  cat <<REPORT

The server runs${url:+ as $url}. A machine joins by the line that this prints:

    federated-memory join --machine laptop

Tokens: $ENV_FILE (root only). Data: $DATA. Backups, daily, 14 days: $BACKUPS.
Log: journalctl -u $SERVICE. New versions: deploy.sh RELEASE.
REPORT
  if [ "$NGINX" = yes ]; then firewall; fi
  if [ "$MODE" = self-signed ]; then trust; fi
}

main "$@"
