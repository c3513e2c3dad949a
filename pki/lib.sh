# shellcheck shell=bash
# Sourced by init, mint and firmware/flash: words, the store and its lock, dates, device.json.
#
# The store (PKI_DIR):
#   authorities/{devices,services}/  key, certificate and ledger of each authority; nothing that runs needs them
#   trust/                           certificates and CRLs of the authorities: public, for the broker
#   broker/ api/ metrics/            what one service needs
#   devices/<id>/                    what one board needs
set -euo pipefail
umask 077
# Lengths and letter case of a name count in characters, not in bytes.
export LC_ALL=C.UTF-8

program=pki/${0##*/}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PKI_DIR=${PKI_DIR:-$here/store}
# New things are made here and renamed into place, so that nothing half-made is ever found under its real name.
work=$PKI_DIR/.new

die() {
  printf '%s: %s\n' "$program" "$1" >&2
  exit 1
}

require_tools() {
  command -v openssl >/dev/null || die 'openssl is not installed; on Debian: apt-get install openssl'
  command -v flock >/dev/null || die 'flock is not installed; on Debian: apt-get install util-linux'
}

# Opens the store, makes it if there is none, and holds its lock until this program ends.
open_store() {
  mkdir -p "$PKI_DIR" 2>/dev/null || die "cannot make the folder $PKI_DIR; choose another with PKI_DIR"
  [[ -x $PKI_DIR && -w $PKI_DIR ]] || die "cannot write to $PKI_DIR; run this as the user who made it"
  PKI_DIR=$(cd "$PKI_DIR" && pwd)
  work=$PKI_DIR/.new
  chmod 700 "$PKI_DIR"
  exec 9>>"$PKI_DIR/.lock"
  flock -w 60 9 || die "another run has been using $PKI_DIR for a minute; wait for it to end, then try again"
  # Left by a run that was killed; we hold the lock, so it belongs to nobody.
  rm -rf "$work"
  trap 'rm -rf "$work"; keep_owner' EXIT
  mkdir -p "$work" "$PKI_DIR"/{authorities,devices,trust}
}

# Root may run this for containers that are somebody else, to whom `make init` gave the store: what is new in it is theirs.
keep_owner() {
  ((EUID)) || chown -R --reference="$PKI_DIR" "$PKI_DIR"
}

# The folder $1 must hold all of the files that follow: a part of a set is a loss to restore, not to overwrite.
require_whole() {
  local folder=$1 file
  shift
  for file; do
    [[ -s $folder/$file ]] || die "$folder/$file is missing; restore it from a backup, or move the folder away"
  done
}

# Seconds since 1970 at which the certificate or CRL in file $1 ends.
end_of() {
  local end
  case $1 in
    *crl.pem) end=$(openssl crl -in "$1" -noout -nextupdate 2>/dev/null) ;;
    *) end=$(openssl x509 -in "$1" -noout -enddate 2>/dev/null) ;;
  esac || die "$1 is damaged; restore it from a backup"
  seconds_of "${end#*=}"
}

# GNU's date, or BSD's.
seconds_of() {
  date -u -d "$1" +%s 2>/dev/null || date -j -u -f '%b %e %T %Y %Z' "$1" +%s
}

day_of() {
  date -u -d "@$1" +%F 2>/dev/null || date -u -r "$1" +%F
}

days_until() {
  echo $((($1 - $(date +%s)) / 86400))
}

random_hex() {
  od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'
}

# Text as it stands in JSON. Whoever made it has refused control characters, so that two remain to be escaped.
json_string() {
  local text=${1//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}

# The value of key $1 in the device.json in file $2, as it stands there: text with its quotation marks and escapes.
device_value() {
  sed -n 's/.*"'"$1"'" *: *\("\([^"\\]\|\\.\)*"\|[0-9]\+\).*/\1/p' "$2"
}
