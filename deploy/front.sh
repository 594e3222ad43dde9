# shellcheck shell=bash
# nginx, its certificates, and fail2ban. Read by install.sh, whose options it uses.

# Fills in what a file of nginx or fail2ban leaves open. A system without IPv6 has nothing to listen on there.
render() {
  local certificate=$TLS/cert.pem key=$TLS/key.pem ipv6='' ports=$HTTPS_PORT banaction=iptables-multiport
  if [ "$MODE" = domain ]; then
    certificate=/etc/letsencrypt/live/$NAME/fullchain.pem
    key=/etc/letsencrypt/live/$NAME/privkey.pem
  fi
  [ -e /proc/net/if_inet6 ] || ipv6='/listen \[::\]/d'
  if [ "$LAN" = yes ] || [ "$MODE" = no-tls ]; then ports+=,$LAN_PORT; fi
  if command -v nft >/dev/null; then banaction=nftables-multiport; fi
  sed -e "$ipv6" -e "s|@NAME@|$NAME|g" -e "s|@HTTPS_PORT@|$HTTPS_PORT|g" -e "s|@LAN_PORT@|$LAN_PORT|g" \
    -e "s|@SERVER_PORT@|$SERVER_PORT|g" -e "s|@CERTIFICATE@|$certificate|g" -e "s|@CERTIFICATE_KEY@|$key|g" \
    -e "s|@PORTS@|$ports|g" -e "s|@BANACTION@|$banaction|g" "$HERE/$1"
}

front() {
  put /etc/nginx/conf.d/federated-memory.conf 0644 < <(render nginx/federated-memory-http.conf)
  put /etc/nginx/snippets/federated-memory.conf 0644 < <(render nginx/federated-memory-server.conf)
  put /etc/nginx/snippets/federated-memory-headers.conf 0644 < <(render nginx/federated-memory-headers.conf)
  case $MODE in
    domain) lets_encrypt ;;
    self-signed) self_sign ;;
  esac
  if [ "$MODE" = no-tls ]; then close_site tls; else open_site tls; fi
  if [ "$LAN" = yes ] || [ "$MODE" = no-tls ]; then open_site lan; else close_site lan; fi
}

open_site() {
  local site=federated-memory-$1 text
  text=$(render "nginx/$site.conf")
  # Only this machine, unless the network was asked for.
  if [ "$1" = lan ] && [ "$LAN" = no ]; then
    text=$(sed -e 's/listen \([0-9]\)/listen 127.0.0.1:\1/' -e 's/listen \[::\]/listen [::1]/' <<<"$text")
  fi
  put "/etc/nginx/sites-available/$site" 0644 <<<"$text"
  run mkdir -p "$ROOT/etc/nginx/sites-enabled"
  run ln -sfn "../sites-available/$site" "$ROOT/etc/nginx/sites-enabled/$site"
  # A mistake in one site would keep nginx from starting all others.
  if on_system nginx -t; then
    on_system systemctl reload-or-restart nginx
  else
    run rm -f "$ROOT/etc/nginx/sites-enabled/$site"
    fail "nginx does not take $site; it was switched off again." "What it says stands above."
  fi
}

close_site() {
  remove "/etc/nginx/sites-enabled/federated-memory-$1" "/etc/nginx/sites-available/federated-memory-$1"
}

# Port 7443 cannot answer for a name, so nginx shows certbot's proofs on port 80.
lets_encrypt() {
  run mkdir -p "$ROOT$ACME"
  open_site acme
  local who=(--register-unsafely-without-email)
  if [ -n "$EMAIL" ]; then who=(--email "$EMAIL"); fi
  on_system certbot certonly --webroot --webroot-path "$ACME" --domain "$NAME" "${who[@]}" --agree-tos --non-interactive \
    --keep-until-expiring --deploy-hook "systemctl reload nginx"
}

# A certificate that is there stays, as long as it is for that name: clients trust it.
self_sign() {
  local kind=DNS
  if [[ $NAME =~ ^[0-9.]+$ ]]; then kind=IP; fi
  if openssl x509 -in "$ROOT$TLS/cert.pem" -noout -ext subjectAltName 2>/dev/null | grep -qE "^ +(DNS|IP Address):$NAME\$"; then
    return
  fi
  say "  writes    $TLS/cert.pem, $TLS/key.pem"
  run mkdir -p "$ROOT$TLS"
  (umask 077 && run openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj "/CN=$NAME" \
    -addext "subjectAltName=$kind:$NAME" -keyout "$ROOT$TLS/key.pem" -out "$ROOT$TLS/cert.pem" 2>/dev/null)
  run chmod 0644 "$ROOT$TLS/cert.pem"
}

lock_out() {
  put /etc/fail2ban/filter.d/federated-memory.conf 0644 <"$HERE/fail2ban/filter.conf"
  put /etc/fail2ban/jail.d/federated-memory.conf 0644 < <(render fail2ban/jail.conf)
  on_system systemctl reload-or-restart fail2ban
}

# Only said: what else a firewall must let in, nobody but its owner knows.
firewall() {
  local private='{ 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 }' network
  say ""
  say "The firewall was not touched. To let clients in:"
  if [ "$MODE" != no-tls ]; then
    say "    nft add rule inet filter input tcp dport $HTTPS_PORT accept      or:  ufw allow $HTTPS_PORT/tcp"
  fi
  if [ "$MODE" = domain ]; then
    say "    nft add rule inet filter input tcp dport 80 accept        or:  ufw allow 80/tcp     (Let's Encrypt asks there)"
  fi
  if [ "$LAN" = yes ]; then
    say "    nft add rule inet filter input ip saddr $private tcp dport $LAN_PORT accept      or:"
    for network in 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16; do
      say "    ufw allow from $network to any port $LAN_PORT proto tcp"
    done
  fi
}

trust() {
  say ""
  say "Clients must be told to trust this certificate: copy $TLS/cert.pem to each, for example as ~/memory-ca.pem, and there, before"
  say "the line that join prints:"
  say "    export CURL_CA_BUNDLE=~/memory-ca.pem NODE_EXTRA_CA_CERTS=~/memory-ca.pem"
  say "and behind that line:  -- --ca ~/memory-ca.pem"
}
