# shellcheck shell=bash
# Sourced after all the others: brings the store into being, and leaves alone what is there and in good order.

# Authorities that this run has made.
fresh=''

# One line for each thing in the store: name, made or found, file that says when it ends, note. Tab between them.
inventory=()
note() {
  inventory+=("$1"$'\t'"$2"$'\t'"$3"$'\t'"${4:-}")
}

# Puts the names in BROKER_HOST (spaces or commas between them) into `broker_hosts`, or refuses them.
read_broker_hosts() {
  local name
  [[ ${BROKER_HOST:-} != *[[:cntrl:]]* ]] || die 'BROKER_HOST has a line break or a tab; put spaces between names'
  IFS=', ' read -ra broker_hosts <<<"${BROKER_HOST:-localhost}"
  ((${#broker_hosts[@]})) || die 'BROKER_HOST is empty; leave it unset, or give the name that boards connect to'
  for name in "${broker_hosts[@]}"; do
    [[ $name =~ ^[A-Za-z0-9:]([A-Za-z0-9.:-]*[A-Za-z0-9:])?$ ]] ||
      die "BROKER_HOST has \"$name\", which is neither a host name nor an address; write it like lamps.example.org"
    # As in firmware/lib/core/src/identity.h.
    ((${#name} <= 64)) || die "BROKER_HOST has a name of ${#name} characters; a board takes 64 at most, so choose a shorter one"
  done
}

load_or_create_store() {
  local name
  read_broker_hosts
  for name in devices services; do load_or_create_root "$name"; done
  load_or_create_issuing
  for name in devices issuing services; do load_or_renew_crl "$name"; done
  if [[ ! -e $PKI_DIR/authorities/keys ]]; then remember_keys; fi
  publish_trust
  commit
  load_or_create_broker
  for name in api metrics; do load_or_create_client "$name"; done
}

# $1: devices or services
load_or_create_root() {
  local folder=$PKI_DIR/authorities/$1 trust=$PKI_DIR/trust/$1 how=found
  if [[ -e $folder ]]; then
    require_whole "$folder" cert.pem
    # The devices' root's key may be elsewhere, and should be.
    [[ $1 == devices ]] || require_whole "$folder" key.pem
    require_ledger "$folder"
  else
    # Were we to make a new one now, every board that trusts the old one would be locked out.
    [[ ! -e $trust.pem ]] || die "$folder is missing; restore it from a backup, or move $PKI_DIR away to begin anew"
    make_root "$1" "Sconce $1 authority"
    commit
    how=made
    fresh+=" $1 "
  fi
  if [[ $1 == devices && $(root_key) != plain ]]; then how+=", key $(root_key)"; fi
  note "$1 authority" "$how" "$folder/cert.pem"
}

# Stores from before it was there have boards that the root itself has signed: they stay trusted until they renew.
load_or_create_issuing() {
  local folder=$PKI_DIR/authorities/issuing how=found
  if [[ -e $folder ]]; then
    require_whole "$folder" key.pem cert.pem
    require_ledger "$folder"
  else
    [[ ! -e $PKI_DIR/trust/issuing.pem ]] || die "$folder is missing; restore it from a backup"
    adopt_revoked
    make_issuing issuing 'Sconce issuing authority' devices
    commit
    how=made
    fresh+=' issuing '
  fi
  note 'issuing authority' "$how" "$folder/cert.pem"
}

# Until then, a board was kept out by revoking its one certificate.
adopt_revoked() {
  ledger devices | awk -F '\t' -v now="$(date +%s)" '
    $2 == "R" { since[$6] = $4 }
    $2 == "V" && $3 > now { alive[$6] = 1 }
    END { for (id in since) if (!(id in alive)) print id, since[id] }' | sort >"$work/revoked"
  if [[ -s $work/revoked && ! -e $PKI_DIR/authorities/revoked ]]; then stage "$work/revoked" authorities/revoked; fi
}

# The ledger may be empty, but without it the revoked would be forgotten.
require_ledger() {
  [[ -f $1/index.txt ]] || die "$1/index.txt is missing; restore it from a backup: it says what is revoked"
}

# $1: folder of an authority. Stores from before CRLs were kept there have them in trust/ alone.
load_or_renew_crl() {
  local file=$PKI_DIR/authorities/$1/crl.pem old=$PKI_DIR/trust/$1.crl.pem how=found
  if [[ $fresh == *" $1 "* ]]; then how=made; fi
  if [[ ! -e $file && -e $old ]] && is_crl_of "$1" "$old"; then
    cp "$old" "$work/crl.pem"
    stage "$work/crl.pem" "authorities/$1/crl.pem"
    commit
  fi
  if is_crl_due "$1"; then
    if [[ -e $file ]]; then how='made anew'; else how=made; fi
    make_crl "$1"
    commit
  elif [[ ! -e $file ]]; then
    die "$file is missing, and the key of the $1 authority is $(root_key); run make pki-unlock, then this again"
  fi
  note "$1 CRL" "$how" "$file"
}

is_crl_of() {
  openssl crl -in "$2" -CAfile "$PKI_DIR/authorities/$1/cert.pem" -noout 2>&1 | grep -q 'verify OK'
}

# Writes down the keys of all certificates that boards ever had; from then on each new one is added.
remember_keys() {
  local file
  : >"$work/keys"
  while IFS=$'\t' read -r _ _ _ _ _ _ file; do
    key_line "$file" >>"$work/keys"
  done < <(ledger)
  stage "$work/keys" authorities/keys
}

load_or_create_broker() {
  local file=$PKI_DIR/broker/cert.pem how wanted names had
  local always=(mosquitto localhost)
  wanted=$(san_of "${broker_hosts[@]}" "${always[@]}")
  load_or_renew_service broker "$wanted"
  # Names of before stay: boards that were minted with them still ask for them.
  names=$(names_in "$file")
  read -ra had <<<"$names"
  wanted=$(san_of "${had[@]}" "${broker_hosts[@]}" "${always[@]}")
  if [[ $wanted != "$(san_of "${had[@]}")" ]]; then
    make_request broker "$PKI_DIR/broker/key.pem"
    issue services service_server broker "$work/request.pem" "$service_life" "$wanted"
    stage "$work/certificate.pem" broker/cert.pem
    commit
    names=$(names_in "$file")
    how='new certificate, same key'
  fi
  note broker "$how" "$file" "for $names"
}

# $1: api or metrics
load_or_create_client() {
  local how
  load_or_renew_service "$1"
  note "$1" "$how" "$PKI_DIR/$1/cert.pem"
}

# $1: broker, api or metrics. $2: the SAN of a broker that is made. Says in `how` what it did.
load_or_renew_service() {
  local folder=$PKI_DIR/$1 san=${2:-} names had
  how=found
  if [[ ! -e $folder ]]; then
    make_service "$1" "$san"
    how=made
    return
  fi
  require_whole "$folder" key.pem cert.pem ca.pem
  if is_service_due "$1"; then
    if [[ $1 == broker ]]; then
      names=$(names_in "$folder/cert.pem")
      read -ra had <<<"$names"
      san=$(san_of "${had[@]}")
    fi
    make_service "$1" "$san"
    how='new certificate and key'
  elif ! cmp -s "$folder/ca.pem" "$PKI_DIR/trust/services.pem"; then
    stage_copy trust/services.pem "$1/ca.pem"
    commit
  fi
}

# Whether the certificate of the service $1 is past two thirds of its life, or from another authority than the present one.
is_service_due() {
  local file=$PKI_DIR/$1/cert.pem start end
  start=$(start_of "$file") || exit 1
  end=$(end_of "$file") || exit 1
  (($(date +%s) >= start + (end - start) * 2 / 3)) ||
    # As in is_crl_due.
    { [[ ${by_hand:-} ]] && ((start > $(date +%s))); } ||
    ! openssl verify -no_check_time -CAfile "$PKI_DIR/authorities/services/cert.pem" "$file" >/dev/null 2>&1
}

# make_service NAME SAN
make_service() {
  local folder=$work/made-$1 profile=service_client file
  if [[ $1 == broker ]]; then profile=service_server; fi
  mkdir "$folder"
  make_key "$folder/key.pem"
  make_request "$1" "$folder/key.pem"
  issue services "$profile" "$1" "$work/request.pem" "$service_life" "$2"
  mv "$work/certificate.pem" "$folder/cert.pem"
  cp "$PKI_DIR/trust/services.pem" "$folder/ca.pem"
  if [[ -e $PKI_DIR/$1 ]]; then
    for file in "$folder"/*; do stage "$file" "$1/${file##*/}"; done
  else
    stage_folder "$folder" "$1"
  fi
  commit
}

# Stages a copy of one file of the store as another.
stage_copy() {
  cp "$PKI_DIR/$1" "$work/copy"
  stage "$work/copy" "$2"
}

# Prints the DNS names in the certificate in file $1, spaces between.
names_in() {
  openssl x509 -in "$1" -noout -text 2>/dev/null | grep -o 'DNS:[^, ]*' | sed 's/^DNS://' | paste -sd' ' - ||
    die "$1 is damaged; restore it from a backup"
}
