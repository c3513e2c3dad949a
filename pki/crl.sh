# shellcheck shell=bash
# Sourced after issue.sh: lists of revoked certificates, of each authority one.

# Whether the key of the authority in folder $1 is here, or can be had.
has_key() {
  local key=$PKI_DIR/authorities/$1/key.pem
  [[ -e $key || (-e $key.enc && -n ${PKI_PASSPHRASE_FILE:-}) ]]
}

# Makes the CRL of the authority in folder $1 anew; it must have its key, and not have ended.
make_crl() {
  local old key now last end before=0
  key=$(key_of "$1")
  old=$(current "authorities/$1/crl.pem")
  # One that is damaged is no reason to go without: all that is in it is in the ledger.
  if [[ -e $old ]]; then before=$(start_of "$old" 2>/dev/null) || before=0; fi
  # Of two from the same second OpenSSL goes by the older, and Mosquitto keeps the ones that it has read. More than some
  # seconds ahead is a clock that was wrong: then it is not valid yet, and nobody goes by it.
  while now=$(date +%s) && ((now <= before && before <= now + 5)); do sleep 0.1; done
  last=$(end_of "$(current "authorities/$1/cert.pem")")
  ((last > now)) || die "the $1 authority ended on $(day_of "$last"); make a new one: make pki-rotate AUTHORITY=$(chain_of "$1")"
  end=$((now + crl_life < last ? now + crl_life : last))
  # The root's key may be away when a timer wants a new one: its CRL changes only when something is revoked.
  if [[ $1 == devices* ]]; then end=$last; fi
  open_ledger "$1" "$key"
  run_openssl "the $1 CRL" ca -gencrl -config "$here/openssl.cnf" -crlsec $((end - now)) "${passin[@]}" -out "$work/crl.pem"
  close_ledger "$1"
  stage "$work/crl.pem" "authorities/$1/crl.pem"
}

# Whether the CRL of the authority in folder $1 is to be made anew, and can be: it is not there, past a third of its life
# though a later end is possible, or lacks what the ledger has as revoked.
is_crl_due() {
  local folder=$PKI_DIR/authorities/$1 start end last now
  has_key "$1" || return 1
  [[ -e $folder/crl.pem ]] || return 0
  now=$(date +%s)
  start=$(start_of "$folder/crl.pem" 2>/dev/null) || return 0
  end=$(end_of "$folder/crl.pem" 2>/dev/null) || return 0
  last=$(end_of "$folder/cert.pem") || exit 1
  ((last > now)) || return 1
  # Made while the clock was ahead. By hand only: a timer whose clock is behind would make everything anew.
  if [[ ${by_hand:-} ]] && ((start > now + 5)); then return 0; fi
  if ((end < last && now >= start + (end - start) / 3)); then return 0; fi
  is_crl_behind "$1"
}

# Whether the ledger has as revoked what the CRL lacks and what has not ended.
is_crl_behind() {
  local listed
  listed=$(openssl crl -in "$(current "authorities/$1/crl.pem")" -noout -text | sed -n 's/^ *Serial Number: 0*//p')
  ledger "$1" | awk -F '\t' -v now="$(date +%s)" -v listed="${listed,,}" '
    BEGIN { n = split(listed, serials, "\n"); for (i = 1; i <= n; i++) there[serials[i]] = 1 }
    $2 == "R" && $3 > now && !($5 in there) { found = 1 }
    END { exit !found }'
}

# Marks the certificate with the serial number $2 as revoked in the ledger of authority $1. It needs no key, so that it can
# be done though the root's is away.
mark_revoked() {
  awk -F '\t' -v OFS='\t' -v serial="$2" -v now="$(date_as %y%m%d%H%M%SZ "$(date +%s)")" -f "$here/time.awk" -f /dev/fd/3 \
    "$(current "authorities/$1/index.txt")" 3<<<'$1 != "R" && plain_serial($4) == serial { $1 = "R"; $3 = now } { print }' \
    >"$work/index.txt"
  stage "$work/index.txt" "authorities/$1/index.txt"
}
