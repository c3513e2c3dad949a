# shellcheck shell=bash
# Sourced by the scripts beside it: words, names, what is there. They run in the container `backup`; `health`,
# `examine` and `unpack` on the host. Bash, not sh: a dump that fails in the middle of a pipe must not pass for a whole one (pipefail).
set -euo pipefail
umask 077
export LC_ALL=C

# Where Sconce lies, and where its backups go.
SCONCE_DIR=${SCONCE_DIR:-/sconce}
BACKUP_DIR=${BACKUP_DIR:-$SCONCE_DIR/backups}

# What a backup's name looks like: its time is UTC, so that names sort by age on every machine.
name_pattern='sconce-[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]-[0-9][0-9][0-9][0-9][0-9][0-9].tar.age'
# The first line of every file that age made.
age_header=age-encryption.org/v1

die() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  exit 1
}

# The password goes to libpq in its own variable: in an address it would show in the list of processes.
use_password() {
  local file=${PGPASSWORD_FILE:-$SCONCE_DIR/secrets/postgres_password}
  if [[ -z ${PGPASSWORD:-} && -r $file ]]; then
    PGPASSWORD=$(<"$file")
    export PGPASSWORD
  fi
}

# Prints the names of the backups there are, newest first. A file that age did not begin is none.
backups() {
  local file
  for file in "$BACKUP_DIR"/$name_pattern; do
    if [[ -f $file ]] && looks_encrypted "$file"; then printf '%s\n' "${file##*/}"; fi
  done | sort -r
}

# Prints the name of the newest, but for those from the future: made while the clock was wrong, they would stand for all
# that are missing until then.
newest_backup() {
  local name now
  now=$(date +%s)
  while read -r name; do
    if (($(time_of "$name") <= now)); then
      printf '%s\n' "$name"
      return
    fi
  done < <(backups)
}

looks_encrypted() {
  local first=
  IFS= read -rn "${#age_header}" first 2>/dev/null <"$1" || true
  [[ $first == "$age_header" ]]
}

# Prints when the backups named on standard input were taken, in date's format $1: their names say so, a copied file's
# times do not.
times_of() {
  sed 's/^sconce-\(....\)\(..\)\(..\)-\(..\)\(..\)\(..\).*/\1-\2-\3 \4:\5:\6/' | date -u -f - "+$1"
}

# Seconds since 1970 at which the backup named $1 was taken.
time_of() {
  times_of %s <<<"$1"
}

# $1 bytes, in words.
size_words() {
  awk -v n="$1" 'BEGIN {
    split("bytes kB MB GB TB", unit, " "); i = 1
    while (n >= 1000 && i < 5) { n /= 1000; i++ }
    printf(i == 1 || n >= 100 ? "%d %s" : "%.1f %s", n, unit[i]) }'
}

# $1 seconds, in words.
span_words() {
  local n=$1 unit
  if ((n < 120)); then unit=second
  elif ((n < 7200)); then unit=minute n=$((n / 60))
  elif ((n < 172800)); then unit=hour n=$((n / 3600))
  else unit=day n=$((n / 86400)); fi
  if ((n != 1)); then unit+=s; fi
  printf '%s %s' "$n" "$unit"
}

bytes_of() {
  stat -c %s "$1"
}
