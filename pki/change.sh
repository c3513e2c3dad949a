# shellcheck shell=bash
# Sourced after lib.sh by whatever changes the store: its lock, and changes that happen as a whole or not at all.
#
# A run lays out what is to change in .new/change: files in tree/, under the names that they get, and in `moves` what is
# renamed or removed. Then that folder is renamed to .commit, and the change has happened: if this run dies before all is in
# its place, the next one that opens the store goes on with it.

# Opens the store, makes it if there is none, and holds its lock until this program ends.
open_store() {
  mkdir -p "$PKI_DIR" 2>/dev/null || die "cannot make the folder $PKI_DIR; choose another with PKI_DIR"
  [[ -x $PKI_DIR && -w $PKI_DIR ]] || die "cannot write to $PKI_DIR; run this as the user who made it"
  PKI_DIR=$(cd "$PKI_DIR" && pwd)
  work=$PKI_DIR/.new
  change=$work/change
  chmod 700 "$PKI_DIR"
  exec 9>>"$PKI_DIR/.lock"
  flock -w 60 9 || die "another run has been using $PKI_DIR for a minute; wait for it to end, then try again"
  # Left by a run that was killed; we hold the lock, so it belongs to nobody.
  rm -rf "$work"
  trap 'rm -rf "$work"; keep_owner' EXIT
  mkdir -p "$work" "$PKI_DIR"/{authorities,devices,seen,trust}
  carry_out
}

# In the middle of a change that was cut short, folders may not have their names.
require_made() {
  local name
  if [[ -d $PKI_DIR/.commit ]]; then return; fi
  for name in devices issuing; do
    [[ -d $PKI_DIR/authorities/$name || ! -e $PKI_DIR/trust/$name.pem ]] ||
      die "$PKI_DIR/authorities/$name is missing; restore it from a backup"
  done
  [[ -d $PKI_DIR/authorities/devices ]] || die "there are no certificates in $PKI_DIR yet; run make pki, or say where with PKI_DIR"
  [[ -d $PKI_DIR/authorities/issuing ]] || die "$PKI_DIR is from before there was an issuing authority; run make pki once"
}

# Opens a store that must be there.
open_made_store() {
  require_made
  open_store
  require_made
}

# Looks at a store that must be there, in peace from those who change it, and without changing anything.
open_store_to_read() {
  require_made
  PKI_DIR=$(cd "$PKI_DIR" && pwd)
  if [[ -r $PKI_DIR/.lock ]]; then
    exec 9<"$PKI_DIR/.lock"
    flock -s -w 60 9 || die "another run has been using $PKI_DIR for a minute; wait for it to end, then try again"
  fi
  # With the lock in hand: not one that is going on, but one that was cut short.
  if [[ -d $PKI_DIR/.commit ]]; then
    open_store
    rm -rf "$work"
  fi
  require_made
}

# Root may run this for containers that are somebody else, to whom `make init` gave the store: what is new in it is theirs.
keep_owner() {
  ((EUID)) || chown -R --reference="$PKI_DIR" "${1:-$PKI_DIR}"
}

# stage FILE PATH: PATH in the store is to become FILE.
stage() {
  mkdir -p "$(dirname "$change/tree/$2")"
  mv -f "$1" "$change/tree/$2"
}

# stage_folder FOLDER PATH: a new folder, which appears with all that is in it.
stage_folder() {
  local name
  mkdir -p "$change/folders"
  name=$(basename "$1")
  mv "$1" "$change/folders/$name"
  stage_move ".commit/folders/$name" "$2"
}

# stage_move FROM TO: paths in the store; TO must not be there. Without TO, the file FROM is removed.
stage_move() {
  mkdir -p "$change"
  printf '%s\t%s\n' "$1" "${2:-}" >>"$change/moves"
}

# Prints where the file PATH of the store is to be read: as staged, or as it is.
current() {
  if [[ -n ${change:-} && -e $change/tree/$1 ]]; then
    printf '%s\n' "$change/tree/$1"
  else
    printf '%s\n' "$PKI_DIR/$1"
  fi
}

commit() {
  [[ -d $change ]] || return 0
  # Broker and gate read it as soon as it is in place, and that may be waited for.
  keep_owner "$change"
  mv "$change" "$PKI_DIR/.commit"
  carry_out
}

# Puts in place what has been committed. Each step may have been done already.
carry_out() {
  local commit=$PKI_DIR/.commit from to path
  [[ -d $commit ]] || return 0
  if [[ -e $commit/moves ]]; then
    while IFS=$'\t' read -r from to; do
      if [[ -z $to ]]; then
        rm -f "$PKI_DIR/$from"
      elif [[ -e $PKI_DIR/$from && ! -e $PKI_DIR/$to ]]; then
        mkdir -p "$(dirname "$PKI_DIR/$to")"
        mv "$PKI_DIR/$from" "$PKI_DIR/$to"
      fi
    done <"$commit/moves"
  fi
  if [[ -d $commit/tree ]]; then
    # The sums last: until they fit, whoever watches the trust set takes it for unfinished.
    while IFS= read -r path; do
      mkdir -p "$(dirname "$PKI_DIR/$path")"
      mv -f "$commit/tree/$path" "$PKI_DIR/$path"
    done < <(cd "$commit/tree" && find . -type f ! -name SHA256SUMS && find . -type f -name SHA256SUMS)
  fi
  rm -rf "$work/done"
  mv "$commit" "$work/done"
}
