# shellcheck shell=bash
# Sourced by every script here and by firmware/flash: words, dates, device.json. README.md says what is where in the store.
set -euo pipefail
umask 077
# Lengths and letter case of a name count in characters, not in bytes.
export LC_ALL=C.UTF-8

program=pki/${0##*/}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PKI_DIR=${PKI_DIR:-$here/store}

die() {
  printf '%s: %s\n' "$program" "$1" >&2
  exit 1
}

require_tools() {
  command -v openssl >/dev/null || die 'openssl is not installed; on Debian: apt-get install openssl'
  command -v flock >/dev/null || die 'flock is not installed; on Debian: apt-get install util-linux'
}

# The folder $1 must hold all of the files that follow: a part of a set is a loss to restore, not to overwrite.
require_whole() {
  local folder=$1 file
  shift
  for file; do
    [[ -s $folder/$file ]] || die "$folder/$file is missing; restore it from a backup, or move the folder away"
  done
}

# Prints the date called $1 in openssl's words (enddate, nextupdate …) of the certificate or CRL in file $2, as seconds
# since 1970.
date_in() {
  local kind=x509 said
  if [[ $2 == *crl.pem ]]; then kind=crl; fi
  said=$(openssl "$kind" -in "$2" -noout "-$1" 2>/dev/null) || die "$2 is damaged; restore it from a backup"
  seconds_of "${said#*=}"
}

# When the certificate or CRL in file $1 ends.
end_of() {
  if [[ $1 == *crl.pem ]]; then date_in nextupdate "$1"; else date_in enddate "$1"; fi
}

start_of() {
  if [[ $1 == *crl.pem ]]; then date_in lastupdate "$1"; else date_in startdate "$1"; fi
}

# Seconds since 1970 of a date in openssl's words; GNU's date, or BSD's.
seconds_of() {
  date -u -d "$1" +%s 2>/dev/null || date -j -u -f '%b %e %T %Y %Z' "$1" +%s
}

# date_as FORMAT SECONDS
date_as() {
  date -u -d "@$2" "+$1" 2>/dev/null || date -u -r "$2" "+$1"
}

day_of() {
  date_as %F "$1"
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

# macOS has it under another name.
if ! command -v sha256sum >/dev/null; then
  sha256sum() { shasum -a 256 "$@"; }
fi

# SHA-256 of what comes in.
digest() {
  sha256sum | cut -d' ' -f1
}
