# shellcheck shell=bash
# Sourced after lib.sh and change.sh: the trust set, which is made of what is in authorities/ and of nothing else.

# Prints those of the folders $1, $1.new and $1.old that there are, of authorities/. Not one that has ended while another
# lives: nobody can make its list of revoked certificates anew, and with one that is past its end the broker takes no set.
generations() {
  local folder there=() living=()
  for folder in "$1" "$1.new" "$1.old"; do
    if [[ -e $(current "authorities/$folder/cert.pem") ]]; then there+=("$folder"); fi
  done
  if ((${#there[@]} > 1)); then
    for folder in "${there[@]}"; do
      if ! has_ended "$folder"; then living+=("$folder"); fi
    done
  fi
  if ((${#living[@]})); then there=("${living[@]}"); fi
  if ((${#there[@]})); then printf '%s\n' "${there[@]}"; fi
}

# Whether the authority in folder $1 is past its end. One that is damaged is not.
has_ended() {
  local end
  end=$(end_of "$(current "authorities/$1/cert.pem")" 2>/dev/null) && ((end <= $(date +%s)))
}

# Of each authority there must be a certificate and a list: a set without one would lock out whom it has signed.
require_authorities() {
  local name
  for name in devices issuing services; do
    [[ -d $PKI_DIR/authorities/$name ]] || die "$PKI_DIR/authorities/$name is missing; restore it from a backup"
    [[ -s $(current "authorities/$name/cert.pem") ]] ||
      die "$PKI_DIR/authorities/$name/cert.pem is missing; restore it from a backup"
    [[ -s $(current "authorities/$name/crl.pem") ]] ||
      die "$PKI_DIR/authorities/$name/crl.pem is missing; run make pki, or restore it from a backup"
  done
}

# Prints the file called $2 of every generation of the authority $1. In an order that stays when their folders are renamed:
# to take other authorities, the broker must start anew.
joined() {
  local folder
  for folder in $(generations "$1"); do
    printf '%s %s\n' "$(digest <"$(current "authorities/$folder/cert.pem")")" "$folder"
  done | sort | while read -r _ folder; do cat "$(current "authorities/$folder/$2")"; done
}

trust_files=(devices.pem services.pem issuing.pem devices.crl.pem services.crl.pem revoked)

# Stages what has changed of the trust set. Whoever reads it believes it only if the sums fit, which come last.
publish_trust() {
  local set=$work/trust file
  require_authorities
  mkdir -p "$set"
  for file in devices services issuing; do joined "$file" cert.pem >"$set/$file.pem"; done
  { joined devices crl.pem && joined issuing crl.pem; } >"$set/devices.crl.pem"
  joined services crl.pem >"$set/services.crl.pem"
  : >"$set/revoked"
  if [[ -e $(current authorities/revoked) ]]; then cut -d' ' -f1 "$(current authorities/revoked)" | sort -u >"$set/revoked"; fi
  (cd "$set" && sha256sum "${trust_files[@]}" >SHA256SUMS)
  for file in "${trust_files[@]}" SHA256SUMS; do
    if ! cmp -s "$set/$file" "$PKI_DIR/trust/$file"; then stage "$set/$file" "trust/$file"; fi
  done
  rm -rf "$set"
}
