# shellcheck shell=bash
# Sourced by the scripts beside it, which run on the server itself: words, .env, who the containers run as.
set -euo pipefail
umask 077
# Lengths and letter case count in characters, and no locale of the terminal's changes what a range like a-z holds.
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
env_file=$root/.env

die() {
  printf '%s\n' "$1" >&2
  exit 1
}

# The value of $1 in .env; nothing if it does not stand there. Written by init, which refuses what would need quotes.
env_value() {
  [[ -f $env_file ]] || return 0
  sed -n "s/^$1=//p" "$env_file" | tail -n 1
}

# write_private FILE: what comes on stdin, whole or not at all, for its owner alone; nothing happens if it says that
# already.
write_private() {
  local new=$1.new
  cat >"$new"
  chmod 600 "$new"
  if cmp -s "$new" "$1"; then rm "$new"; else mv -f "$new" "$1"; fi
}

# What containers write to, and bind mounts need to be there.
make_folders() {
  mkdir -p "$root"/state/{acme,authority,broker,certificates,gate,public,webroot,prometheus} "$root/backups"
}

# What containers read and write: each gets to see its own part, and the backup all of it. They must also reach what was
# checked out, be it in a mount or in an image, whatever the umask was then; nothing in it is secret. $1: user:group
hand_over() {
  local own=("$root"/{.env,secrets,state,backups,pki/store}) override=$root/docker-compose.override.yml
  chmod a+rx "$root"
  chmod -R a+rX "$root"/{mosquitto,nginx,services/{api,authority,dashboard,doctor,gate,monitoring,protocol}}
  chmod a+rX "$root/pki"
  find "$root/pki" -mindepth 1 -path "$root/pki/store" -prune -o -exec chmod a+rX {} +
  # It may hold secrets, and goes into backups.
  if [[ -e $override ]]; then own+=("$override"); fi
  ((EUID)) || chown -R "$1" "${own[@]}"
}

# Compose for this folder, wherever it is called from.
compose() {
  docker compose --project-directory "$root" "$@"
}

# at_least VERSION WANTED
at_least() {
  [[ $(printf '%s\n' "$2" "${1#v}" | sort -V | head -n 1) == "$2" ]]
}

# Addresses of this machine that the whole internet could reach.
own_addresses() {
  ip -o addr show scope global 2>/dev/null | awk '{ sub("/.*", "", $4); print $4 }' |
    grep -vE '^(10\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.|100\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.|f[cd])' || true
}
