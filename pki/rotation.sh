# shellcheck shell=bash
# Sourced after ledger.sh and trust.sh: how far the change of an authority is. authorities/rotation holds its one line: which
# authority, which step; it is not there when none is under way.

# Puts `authority` and `step`, or nothing, into these.
read_rotation() {
  authority='' step=''
  if [[ -s $PKI_DIR/authorities/rotation ]]; then read -r authority step <"$PKI_DIR/authorities/rotation"; fi
}

# The first 16 digits of the SHA-256 of the certificate in file $1.
fingerprint_of() {
  openssl x509 -in "$1" -outform DER | digest | cut -c1-16
}

# The same of every certificate in file $1, spaces between.
fingerprints_in() {
  local line pem=''
  while IFS= read -r line; do
    pem+=$line$'\n'
    if [[ $line == '-----END CERTIFICATE-----' ]]; then
      printf '%s ' "$(fingerprint_of /dev/stdin <<<"$pem")"
      pem=''
    fi
  done <"$1"
}

# Whether the board $1 is where the present step wants it: by what it says itself, or else by what it was minted with.
has_moved() {
  local serial='' trusts=''
  if [[ -e $PKI_DIR/seen/$1 ]]; then read -r serial trusts <"$PKI_DIR/seen/$1"; fi
  if [[ $authority == devices ]]; then
    grep -qx "$1 $serial" "$facts/new" || ! grep -q "^$1 " "$facts/old"
    return
  fi
  if [[ -z $trusts && -e $PKI_DIR/devices/$1/ca.pem ]]; then trusts=$(fingerprints_in "$PKI_DIR/devices/$1/ca.pem"); fi
  if [[ $step == trusting ]]; then
    [[ " $trusts " == *" $wanted "* ]]
  else
    [[ ${trusts% } == "$wanted" ]]
  fi
}

# Fills `of`, `moved` and `waiting` (ids) with the boards that count.
read_progress() {
  local id wanted=''
  of=0 moved=0 waiting=()
  case $authority-$step in
    # The broker alone has to know both; that is not the boards' affair.
    devices-trusting) return ;;
    devices-moving)
      ledger issuing | awk -F '\t' '{ print $6, $5 }' >"$facts/new"
      ledger issuing.old devices.old | awk -F '\t' -v now="$(date +%s)" '$2 == "V" && $3 > now { print $6, $5 }' >"$facts/old"
      ;;
    services-trusting) wanted=$(fingerprint_of "$PKI_DIR/authorities/services.new/cert.pem") ;;
    services-moving) wanted=$(fingerprint_of "$PKI_DIR/authorities/services/cert.pem") ;;
  esac
  counted_boards >"$facts/counted"
  while IFS= read -r id; do
    of=$((of + 1))
    if has_moved "$id"; then moved=$((moved + 1)); else waiting+=("$id"); fi
  done <"$facts/counted"
}

# As `Rotation` in services/protocol/src/authority.ts, or null.
rotation_json() {
  local authority step of moved waiting ids
  read_rotation
  if [[ -z $authority ]]; then echo null; return; fi
  read_progress
  ids=$(printf '"%s",' "${waiting[@]}")
  ((${#waiting[@]})) || ids=,
  printf '{"authority":"%s","step":"%s","of":%s,"moved":%s,"waiting":[%s]}\n' "$authority" "$step" "$of" "$moved" "${ids%,}"
}

# As `TrustNotice` there, or null.
notice_json() {
  if [[ -s $PKI_DIR/authorities/notice.json ]]; then cat "$PKI_DIR/authorities/notice.json"; else echo null; fi
}

# Says how far it is.
rotation_words() {
  local authority step of moved waiting id
  read_rotation
  if [[ -z $authority ]]; then return 0; fi
  read_progress
  printf '\nThe %s authority is being changed.' "$authority"
  case $authority-$step in
    devices-trusting) printf ' The broker is to trust the old and the new one; from the next step on, the new one signs.\n' ;;
    devices-moving) printf ' %s of %s boards have a certificate by the new one.\n' "$moved" "$of" ;;
    services-trusting) printf ' %s of %s boards trust the new one, too.\n' "$moved" "$of" ;;
    services-moving) printf ' %s of %s boards trust the new one alone.\n' "$moved" "$of" ;;
  esac
  for id in "${waiting[@]}"; do printf '  waiting for %s (%s)\n' "$(json_name_of "$id")" "$id"; done
}
