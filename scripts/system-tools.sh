#!/usr/bin/env bash
# The programs of the system that tests run for real: nginx before our server, fail2ban on our log, and others. Root gets what is
# missing on Debian and Ubuntu; anybody else is told. Without them their tests say aloud that they showed nothing, and
# fail where CI is set.
set -euo pipefail

PACKAGES=(nginx:nginx prometheus:promtool fail2ban:fail2ban-regex shellcheck:shellcheck strace:strace openssl:openssl curl:curl
  systemd:systemd-analyze wget:wget bsdutils:script python3:python3
  docker-compose:docker-compose caddy:caddy)

missing=()
for entry in "${PACKAGES[@]}"; do
  PATH=$PATH:/usr/sbin:/sbin command -v "${entry#*:}" >/dev/null || missing+=("${entry%%:*}")
done
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "For all tests install: ${missing[*]}   (Debian, Ubuntu: sudo apt-get install ${missing[*]})" >&2
  exit 0
fi
# Nothing is to be started: tests start what they need, on ports of their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq -y --no-install-recommends "${missing[@]}"
