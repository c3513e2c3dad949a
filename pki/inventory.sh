# shellcheck shell=bash
# Sourced by list: gathers what inventory.awk puts together. It changes nothing, and needs no key.

# other KIND NAME ISSUER FILE: a line about a certificate that is in no ledger of boards; its file is to be dated, too.
other() {
  local serial
  serial=$(openssl x509 -in "$4" -noout -serial 2>/dev/null | sed 's/^serial=0*//') || die "$4 is damaged; restore it from a backup"
  printf '%s\t"%s"\t%s\t%s\n' "$1" "$2" "${serial,,}" "$3" >>"$facts/others"
  printf '%s\n' "$4" >>"$facts/files"
}

label_of() {
  case $1 in
    *.new) echo "${1%.new} authority (new)" ;;
    *.old) echo "${1%.old} authority (old)" ;;
    *) echo "$1 authority" ;;
  esac
}

gather_others() {
  local folder name suffix
  for folder in $(generations devices); do
    other root "$(label_of "$folder")" - "$PKI_DIR/authorities/$folder/cert.pem"
  done
  for folder in $(generations issuing); do
    suffix=${folder#issuing}
    other issuing "$(label_of "$folder")" "$(label_of "devices$suffix")" "$PKI_DIR/authorities/$folder/cert.pem"
  done
  for folder in $(generations services); do
    other services "$(label_of "$folder")" - "$PKI_DIR/authorities/$folder/cert.pem"
  done
  for name in broker api metrics; do
    if [[ -e $PKI_DIR/$name/cert.pem ]]; then
      other "$name" "$name" "$(label_of "$(signer_of "$PKI_DIR/$name/cert.pem")")" "$PKI_DIR/$name/cert.pem"
    fi
  done
}

# The folder of the services' authority that has signed the certificate in file $1.
signer_of() {
  local serial folder
  serial=$(openssl x509 -in "$1" -noout -serial)
  for folder in $(generations services); do
    if [[ -e $PKI_DIR/authorities/$folder/issued/${serial#*=}.pem ]]; then echo "$folder"; return; fi
  done
  echo services
}

# Certificates of boards that have not ended; of a board that has none, the last that did.
gather_boards() {
  ledger devices devices.new devices.old issuing issuing.new issuing.old | awk -F '\t' -v now="$(date +%s)" '
    length($6) != 32 { next }
    $3 > now { print; alive[$6] = 1; next }
    !($6 in last) || $3 >= end[$6] { last[$6] = $0; end[$6] = $3 }
    END { for (id in last) if (!(id in alive)) print last[id] }' >"$facts/ledger"
  cut -f7 "$facts/ledger" >>"$facts/files"
  # One process for all of them: there may be thousands. What device_value does, in awk.
  find "$PKI_DIR/devices" -name device.json -exec cat {} + | awk '
    match($0, /"id" *: *"[0-9a-f]+"/) { id = substr($0, RSTART, RLENGTH); gsub(/"id"|[^0-9a-f]/, "", id) }
    match($0, /"name" *: *"([^"\\]|\\.)*"/) {
      name = substr($0, RSTART, RLENGTH)
      sub(/^"name" *: */, "", name)
      print id "\t" name
    }' >"$facts/names"
  # Before a board has said anything, grep finds nothing, which to it is a failure.
  find "$PKI_DIR/seen" -type f -exec grep -H . {} + 2>/dev/null | sed 's|^.*/||; s|:|\t|; s| .*||' >"$facts/seen" || true
}

# Prints the lines of inventory.awk, and for each CRL: crl, name, begin, end, entries.
gather() {
  local folder file
  : >"$facts/others"
  : >"$facts/files"
  gather_others
  gather_boards
  # One run of openssl for all of them: there may be thousands.
  tr '\n' '\0' <"$facts/files" | xargs -0 cat | openssl crl2pkcs7 -nocrl -certfile /dev/stdin |
    openssl pkcs7 -print_certs -text -noout | awk -f "$here/time.awk" -f "$here/certificates.awk" >"$facts/dates"
  awk -v now="$(date +%s)" -f "$here/time.awk" -f "$here/inventory.awk" \
    "$facts/names" "$facts/seen" "$facts/dates" "$facts/others" "$facts/ledger"
  for folder in $(generations devices) $(generations issuing) $(generations services); do
    # An empty list counts 0, which to grep is a failure.
    file=$PKI_DIR/authorities/$folder/crl.pem
    printf 'crl\t%s\t%s\t%s\t%s\n' "$(label_of "$folder")" "$(start_of "$file")" "$(end_of "$file")" \
      "$(openssl crl -in "$file" -noout -text | grep -c '^ *Serial Number: ' || true)"
  done
}
