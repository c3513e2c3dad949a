# shellcheck shell=bash
# Sourced by init and mint, after lib.sh: makes keys, authorities, certificates and CRLs.

# An authority's certificate is burned into every board: to replace it is to flash them all. So it outlives the boards.
authority_days=${PKI_AUTHORITY_DAYS:-7300}
# A board is flashed anew for a new certificate: so seldom that it is no chore. A lost one is revoked, not waited out.
leaf_days=${PKI_LEAF_DAYS:-1825}

# Runs openssl with our profiles; says its first complaint if it fails. $1: what is being made, in words.
run_openssl() {
  local what=$1
  shift
  local log=$work/openssl.log
  openssl "$@" >"$log" 2>&1 ||
    die "openssl could not make $what: $(grep -m1 -iE 'error|cannot|unable' "$log" || tail -n1 "$log")"
}

use_authority() {
  export SCONCE_AUTHORITY=$1 SCONCE_SAN=${2:-DNS:localhost}
}

# EC P-256: an ESP8266 signs with it in a tenth of the time that RSA 2048 takes, which trips its watchdog.
make_key() {
  run_openssl 'a key' genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:named_curve -out "$1"
  chmod 400 "$1"
}

# $1: devices or services
make_authority() {
  local folder=$work/$1
  mkdir -p "$folder/issued"
  make_key "$folder/key.pem"
  : >"$folder/index.txt"
  echo 01 >"$folder/crlnumber"
  use_authority "$folder"
  run_openssl "the $1 authority" req -x509 -new -config "$here/openssl.cnf" -extensions authority \
    -key "$folder/key.pem" -subj "/CN=Sconce $1 authority" -days "$authority_days" -out "$folder/cert.pem"
  mv "$folder" "$PKI_DIR/authorities/$1"
}

# make_certificate AUTHORITY PROFILE NAME KEY OUT [SAN]: OUT appears whole or not at all.
make_certificate() {
  local authority=$PKI_DIR/authorities/$1 days=$leaf_days end left
  end=$(end_of "$authority/cert.pem")
  left=$(days_until "$end")
  # Nobody trusts a certificate that outlives its authority; its end must not promise more.
  if ((days > left)); then days=$left; fi
  ((days > 0)) || die "the $1 authority has ended or ends today; every certificate must be made anew under a new one"
  use_authority "$authority" "${6:-}"
  random_hex 16 >"$authority/serial"
  run_openssl "a request for $3" req -new -config "$here/openssl.cnf" -key "$4" -subj "/CN=$3" -out "$work/request.pem"
  run_openssl "a certificate for $3" ca -batch -notext -config "$here/openssl.cnf" -extensions "$2" -days "$days" \
    -in "$work/request.pem" -out "$work/certificate.pem"
  mv -f "$work/certificate.pem" "$5"
}

# The CRL ends with the authority: one past its nextUpdate locks every board out, and no timer makes a new one yet.
make_crl() {
  local end
  use_authority "$PKI_DIR/authorities/$1"
  end=$(end_of "$SCONCE_AUTHORITY/cert.pem")
  run_openssl "the $1 CRL" ca -gencrl -config "$here/openssl.cnf" \
    -crlhours "$(((end - $(date +%s)) / 3600))" -out "$work/crl.pem"
  mv -f "$work/crl.pem" "$PKI_DIR/trust/$1.crl.pem"
}

# Prints the SAN for the names that follow, once each. An address stands as a DNS name, too: BearSSL ignores IP SANs.
san_of() {
  local name
  for name; do
    [[ $name =~ ^[0-9.]+$|: ]] && printf 'IP:%s,' "$name"
    printf 'DNS:%s,' "$name"
  done | tr ',' '\n' | awk 'NF && !seen[$0]++' | paste -sd, -
}
