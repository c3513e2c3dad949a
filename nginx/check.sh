# shellcheck shell=sh
# Sourced by start: looks at what it was told before nginx does. Each complaint says what is wrong and what to do.

die() {
  printf 'nginx/start: %s\n' "$1" >&2
  exit 1
}

# require_port VARIABLE PORT
require_port() {
  case $2 in
    '' | *[!0-9]* | ??????*) die "$1 is \"$2\"; it must be a port, 1 to 65535" ;;
  esac
  [ "$2" -ge 1 ] && [ "$2" -le 65535 ] || die "$1 is \"$2\"; it must be a port, 1 to 65535"
}

# require_path VARIABLE PATH: it is written into the configuration, where some characters mean something.
require_path() {
  case $2 in
    *[!A-Za-z0-9/._+=:,%-]*) die "$1 is \"$2\"; it must be a path of plain letters, digits and /._+=:,%-" ;;
    /*) ;;
    *) die "$1 is \"$2\"; it must be a path that begins with /" ;;
  esac
}

# require_enterable VARIABLE FOLDER: one that is not there yet is fine.
require_enterable() {
  [ ! -e "$2" ] || { [ -r "$2" ] && [ -x "$2" ]; } ||
    die "$(id -un 2>/dev/null || id -u) cannot look into $2 ($1); run this as its owner, or as root"
}

require_api() {
  host=${NGINX_API%:*}
  case $NGINX_API in
    *:*:*) case $host in '['*']') ;; *) host= ;; esac ;;
    *:*) ;;
    *) host= ;;
  esac
  case $host in
    '' | *[!A-Za-z0-9._:[\]-]*) die "NGINX_API is \"$NGINX_API\"; it must be host:port, such as api:3000" ;;
  esac
  require_port NGINX_API "${NGINX_API##*:}"
}

require_nginx() {
  command -v "$NGINX_BIN" >/dev/null || die "$NGINX_BIN is not installed; on Debian: apt-get install nginx"
  at_least 1.19.4 || die "nginx $version is too old to refuse unknown names; 1.22 or later is needed"
  case $build in
    *--with-http_v2_module*--with-http_gzip_static_module* | *--with-http_gzip_static_module*--with-http_v2_module*) ;;
    *) die "$NGINX_BIN was built without HTTP/2 or gzip_static; Debian's and the official image have both" ;;
  esac
}

require_all() {
  [ -n "$DOMAIN" ] || die 'DOMAIN is not set; it must be the name that people open, such as sconce.example.org'
  is_name "$DOMAIN" || die "DOMAIN is \"$DOMAIN\"; it must be a name such as sconce.example.org, in small letters"
  require_port NGINX_HTTP_PORT "$NGINX_HTTP_PORT"
  require_port NGINX_HTTPS_PORT "$NGINX_HTTPS_PORT"
  require_port NGINX_PUBLIC_HTTPS_PORT "$NGINX_PUBLIC_HTTPS_PORT"
  [ "$NGINX_HTTP_PORT" -ne "$NGINX_HTTPS_PORT" ] || die "both listeners have port $NGINX_HTTP_PORT; give \
NGINX_HTTP_PORT and NGINX_HTTPS_PORT different ones"
  case $NGINX_BIND in
    *[!0-9A-Fa-f.:]*) die "NGINX_BIND is \"$NGINX_BIND\"; it must be an address, or empty for all of them" ;;
  esac
  case $NGINX_LOOK_SECONDS in
    '' | 0 | *[!0-9.]*) die "NGINX_LOOK_SECONDS is \"$NGINX_LOOK_SECONDS\"; it must be a number of seconds" ;;
  esac
  require_api
  require_path NGINX_RUN_DIR "$NGINX_RUN_DIR"
  require_path NGINX_DASHBOARD_DIR "$NGINX_DASHBOARD_DIR"
  require_path NGINX_WEBROOT "$NGINX_WEBROOT"
  require_path NGINX_CERTIFICATES_DIR "$NGINX_CERTIFICATES_DIR"
  require_path NGINX_SITES_DIR "$NGINX_SITES_DIR"
  [ -r "$NGINX_DASHBOARD_DIR/index.html" ] || die "$NGINX_DASHBOARD_DIR/index.html is missing or cannot be read; \
build the dashboard, or say with NGINX_DASHBOARD_DIR where it is"
  require_enterable NGINX_CERTIFICATES_DIR "$NGINX_CERTIFICATES_DIR"
  require_enterable NGINX_SITES_DIR "$NGINX_SITES_DIR"
  require_nginx
  # nginx opens its log by name, which a socket does not allow.
  (: >>/dev/stdout) 2>/dev/null ||
    die 'the output is a socket, which nginx cannot write its log to; start this with | cat behind it'
}

# require_reachable USER: as root, nginx has workers of another user, who read files by themselves.
require_reachable() {
  for each in "NGINX_DASHBOARD_DIR $NGINX_DASHBOARD_DIR" "NGINX_WEBROOT $NGINX_WEBROOT"; do
    folder=${each#* }
    su -s /bin/sh "$1" -c "test ! -e '$folder' && test -x '$(dirname "$folder")' || test -x '$folder'" 2>/dev/null ||
      die "the user $1 cannot reach $folder; let others enter (chmod o+x) the folders above it, or choose another with \
${each%% *}"
  done
}
