# shellcheck shell=sh
# Sourced by start: writes the whole configuration into the folder `next`, from what there is at this moment, and leaves
# out of it what would not run. Every complaint is one line in `next/complaints`.

live=$NGINX_RUN_DIR/live
next=$NGINX_RUN_DIR/next

at_least() {
  echo "$version $1" | awk '{
    split($1, is, "."); split($2, least, ".")
    for (i = 1; i <= 3; i++) if (is[i] + 0 != least[i] + 0) exit !(is[i] + 0 > least[i] + 0) }'
}

# What this nginx can do, and how it wants it said.
ask_nginx() {
  build=$("$NGINX_BIN" -V 2>&1) || true
  version=$(printf '%s\n' "$build" | sed -n 's|^nginx version: [^/]*/\([0-9.]*\).*|\1|p')
  ssl=$(printf '%s\n' "$build" | sed -n 's|^built with OpenSSL \([0-9]*\.[0-9]*\).*|\1|p')
}

# listen PORT OPTIONS: on the one address, or on all there are.
listen() {
  if [ -n "$NGINX_BIND" ]; then
    case $NGINX_BIND in
      *:*) printf 'listen [%s]:%s%s; ' "$NGINX_BIND" "$1" "$2" ;;
      *) printf 'listen %s:%s%s; ' "$NGINX_BIND" "$1" "$2" ;;
    esac
    return
  fi
  printf 'listen %s%s; ' "$1" "$2"
  # A kernel without IPv6 does not know the address.
  if [ -e /proc/net/if_inet6 ]; then printf 'listen [::]:%s%s; ' "$1" "$2"; fi
}

# The words between @ signs, decided once.
decide() {
  user=
  if [ "$(id -u)" -eq 0 ]; then
    worker=nobody
    for name in nginx www-data; do if id "$name" >/dev/null 2>&1; then worker=$name; break; fi; done
    require_reachable "$worker"
    user="user $worker $(id -gn "$worker");"
  fi
  http2=' http2'
  http2_on=
  if at_least 1.25.1; then
    http2=
    http2_on='http2 on;'
  fi
  alt_svc=
  quic=
  quic_default=
  case $build in *--with-http_v3_module*)
    quic=$(listen "$NGINX_HTTPS_PORT" ' quic')
    quic_default=$(listen "$NGINX_HTTPS_PORT" ' quic reuseport')
    alt_svc="add_header Alt-Svc 'h3=\":$NGINX_PUBLIC_HTTPS_PORT\"; ma=86400' always;" ;;
  esac
  listen_plain=$(listen "$NGINX_HTTP_PORT" '')
  listen_plain_default=$(listen "$NGINX_HTTP_PORT" ' default_server')
  listen_tls="$(listen "$NGINX_HTTPS_PORT" " ssl$http2")$quic"
  listen_tls_default="$(listen "$NGINX_HTTPS_PORT" " ssl$http2 default_server")$quic_default"
  inherit=
  if at_least 1.29.3; then inherit='add_header_inherit merge;'; fi
  curves=X25519:prime256v1:secp384r1
  if echo "$ssl" | awk '{ split($1, v, "."); exit !(v[1] > 3 || v[1] == 3 && v[2] >= 5) }'; then
    curves=X25519MLKEM768:$curves
  fi
  public_port=
  if [ "$NGINX_PUBLIC_HTTPS_PORT" -ne 443 ]; then public_port=:$NGINX_PUBLIC_HTTPS_PORT; fi

  resolver=
  zone=
  resolve=
  case ${NGINX_API%:*} in *[!0-9.]*) case $NGINX_API in '['*) ;; *) if at_least 1.27.3; then
    # In Compose this is Docker's own.
    server=$(awk '$1 == "nameserver" { print ($2 ~ /:/ ? "[" $2 "]" : $2); exit }' /etc/resolv.conf)
    resolver="resolver $server valid=1s ipv6=off;"
    zone='zone api 64k;'
    resolve=resolve
  fi ;; esac ;; esac
}

# fill TEMPLATE NAME: prints it with the words put in. No value holds a character that sed would take for its own.
fill() {
  sed -e "s|@USER@|$user|" -e "s|@HTTP2@|$http2_on|" -e "s|@CURVES@|$curves|" -e "s|@NAME@|$2|g" \
    -e "s|@LISTEN_PLAIN@|$listen_plain|" -e "s|@LISTEN_PLAIN_DEFAULT@|$listen_plain_default|" \
    -e "s|@LISTEN_TLS@|$listen_tls|" -e "s|@LISTEN_TLS_DEFAULT@|$listen_tls_default|" \
    -e "s|@ALT_SVC@|$alt_svc|" -e "s|@INHERIT_HEADERS@|$inherit|" -e "s|@PUBLIC_PORT@|$public_port|" \
    -e "s|@WEBROOT@|$NGINX_WEBROOT|" -e "s|@DASHBOARD@|$NGINX_DASHBOARD_DIR|" \
    -e "s|@RESOLVER@|$resolver|" -e "s|@ZONE@|$zone|" -e "s|@API@|$NGINX_API|" -e "s|@RESOLVE@|$resolve|" "$here/$1"
}

complain() {
  printf '%s\n' "$1" >>"$next/complaints"
}

# Whether nginx would take the configuration in `next`; what it said is in $said, with the owner's own paths.
try_next() {
  said=$("$NGINX_BIN" -t -q -e stderr -p "$NGINX_RUN_DIR" -c "$next/nginx.conf" 2>&1) && return
  said=$(printf '%s\n' "$said" | sed -n -e 's|^.*\[emerg\] [0-9#]*: ||p' | head -n 1 |
    sed -e "s|$next/sites/|$NGINX_SITES_DIR/|" -e "s|$next/certificates/|$NGINX_CERTIFICATES_DIR/|g")
  return 1
}

# take_certificate NAME: copies it, so that what is half-written now is never what a worker starts with. If nginx does not
# like it, the one before stays. False if there is none.
take_certificate() {
  from=$NGINX_CERTIFICATES_DIR/$1
  to=$next/certificates/$1
  mkdir "$to"
  if cp "$from/fullchain.pem" "$from/privkey.pem" "$to" 2>/dev/null; then
    if diff -r "$to" "$live/certificates/$1" >/dev/null 2>&1; then return 0; fi
    printf 'server { %s server_name %s; ssl_certificate %s/fullchain.pem; ssl_certificate_key %s/privkey.pem; }\n' \
      "$listen_tls" "$1" "$to" "$to" >"$next/servers/probe.conf"
    if try_next; then good=yes; else good=; fi
    rm -f "$next/servers/probe.conf"
    [ -z "$good" ] || return 0
    complain "the certificate of $1 cannot be used: $said"
  elif [ -e "$from" ]; then
    complain "the certificate of $1 is not whole: $from must hold fullchain.pem and privkey.pem, and $(id -un 2>/dev/null || id -u) must be able to read them"
  fi
  rm -rf "$to"
  [ -d "$live/certificates/$1" ] && cp -R "$live/certificates/$1" "$to"
}

# add_site NAME: what nginx does not like stays as it was before, or is left out, and hinders nobody else.
add_site() {
  cp "$NGINX_SITES_DIR/$1.conf" "$next/sites/$1.conf" 2>/dev/null ||
    { complain "$NGINX_SITES_DIR/$1.conf cannot be read; make $(id -un 2>/dev/null || id -u) its owner"; return; }
  fill site.conf "$1" >"$next/servers/$1.tls.conf"
  try_next && return
  why="$said"
  if cp "$live/sites/$1.conf" "$next/sites/$1.conf" 2>/dev/null && try_next; then
    complain "$1 stays as it was: $why"
  else
    rm -f "$next/sites/$1.conf" "$next/servers/$1.tls.conf"
    complain "$1 is left out: $why"
  fi
}

# add_name NAME TEMPLATE: what goes on port 80, and behind TLS if there is a certificate.
add_name() {
  if ! take_certificate "$1"; then
    fill waiting.conf "$1" >"$next/servers/$1.conf"
  elif fill on.conf "$1" >"$next/servers/$1.conf" && [ "$2" = site.conf ]; then
    add_site "$1"
  else
    fill "$2" "$1" >"$next/servers/$1.tls.conf"
  fi
}

# Writes `next`. False, with what nginx said in $said, if Sconce's own part would not run.
render() {
  rm -rf "$next"
  mkdir -p "$next/servers" "$next/sites" "$next/certificates"
  for file in nginx tls limits csp headers hsts answers challenge proxy upstream; do
    fill "$file.conf" "$DOMAIN" >"$next/$file.conf"
  done
  try_next || return 1
  add_name "$DOMAIN" sconce.conf
  try_next || return 1
  odd_sites "$NGINX_SITES_DIR" >>"$next/complaints"
  for site in $(site_names "$NGINX_SITES_DIR"); do add_name "$site" site.conf; done
}
