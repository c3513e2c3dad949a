# shellcheck shell=bash
# Sourced after lib.sh and change.sh: the trust set, which is made of what is in authorities/ and of nothing else.

# Prints those of the folders $1, $1.new and $1.old that there are, of authorities/.
generations() {
  local folder
  for folder in "$1" "$1.new" "$1.old"; do
    if [[ -e $(current "authorities/$folder/cert.pem") ]]; then printf '%s\n' "$folder"; fi
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
