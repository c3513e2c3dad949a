# shellcheck shell=bash
# Sourced by init and mint, after lib.sh and issue.sh: brings the store into being, and leaves alone what is there.

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
  for name in devices services; do load_or_create_authority "$name"; done
  load_or_create_broker
  for name in api metrics; do load_or_create_client "$name"; done
}

# $1: devices or services
load_or_create_authority() {
  local folder=$PKI_DIR/authorities/$1 trust=$PKI_DIR/trust/$1 how=found
  if [[ -e $folder ]]; then
    require_whole "$folder" key.pem cert.pem
    # The ledger may be empty, but without it the revoked would be forgotten.
    [[ -f $folder/index.txt ]] || die "$folder/index.txt is missing; restore it from a backup: it says what is revoked"
  else
    # Were we to make a new one now, every board that trusts the old one would be locked out.
    [[ ! -e $trust.pem ]] || die "$folder is missing; restore it from a backup, or move $PKI_DIR away to begin anew"
    make_authority "$1"
    how=made
  fi
  note "$1 authority" "$how" "$trust.pem"
  if [[ ! -e $trust.pem ]]; then copy_in "$folder/cert.pem" "$trust.pem"; fi
  how=found
  if [[ ! -e $trust.crl.pem ]]; then
    make_crl "$1"
    how=made
  fi
  note "$1 CRL" "$how" "$trust.crl.pem"
}

load_or_create_broker() {
  local folder=$PKI_DIR/broker how=found wanted names had
  local always=(mosquitto localhost)
  if [[ ! -e $folder ]]; then
    make_service broker service_server "$(san_of "${broker_hosts[@]}" "${always[@]}")"
    how=made
  fi
  require_whole "$folder" key.pem cert.pem
  # Names of before stay: boards that were minted with them still ask for them.
  names=$(names_in "$folder/cert.pem") || die "$folder/cert.pem is damaged; restore it from a backup"
  read -ra had <<<"$names"
  wanted=$(san_of "${had[@]}" "${broker_hosts[@]}" "${always[@]}")
  if [[ $wanted != "$(san_of "${had[@]}")" ]] || ends_soon "$folder/cert.pem"; then
    make_certificate services service_server broker "$folder/key.pem" "$folder/cert.pem" "$wanted"
    names=$(names_in "$folder/cert.pem")
    how='new certificate, same key; restart the broker'
  fi
  note broker "$how" "$folder/cert.pem" "for $names"
}

# $1: api or metrics
load_or_create_client() {
  local how=found
  if [[ ! -e $PKI_DIR/$1 ]]; then
    make_service "$1" service_client
    how=made
  fi
  require_whole "$PKI_DIR/$1" key.pem cert.pem ca.pem
  if ends_soon "$PKI_DIR/$1/cert.pem"; then
    make_certificate services service_client "$1" "$PKI_DIR/$1/key.pem" "$PKI_DIR/$1/cert.pem"
    how='new certificate, same key; restart what uses it'
  fi
  note "$1" "$how" "$PKI_DIR/$1/cert.pem"
}

# Whether a service's certificate has ended or will within 30 days: then running init again is the remedy.
ends_soon() {
  local end
  # Spelled out: set -e sleeps where a function is asked as a question.
  end=$(end_of "$1") || exit 1
  (($(days_until "$end") < 30))
}

# make_service NAME PROFILE [SAN]
make_service() {
  local folder=$work/$1
  mkdir "$folder"
  make_key "$folder/key.pem"
  make_certificate services "$2" "$1" "$folder/key.pem" "$folder/cert.pem" "${3:-}"
  copy_in "$PKI_DIR/trust/services.pem" "$folder/ca.pem"
  mv "$folder" "$PKI_DIR/$1"
}

# Copies a file whole or not at all.
copy_in() {
  cp "$1" "$work/copy.pem"
  mv "$work/copy.pem" "$2"
}

# Prints the DNS names in the certificate in file $1, spaces between.
names_in() {
  openssl x509 -in "$1" -noout -text 2>/dev/null | grep -o 'DNS:[^, ]*' | sed 's/^DNS://' | paste -sd' ' -
}
