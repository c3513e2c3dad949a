# shellcheck shell=bash
# Sourced after lib.sh and change.sh: makes keys, authorities, certificates and CRLs. What they make is staged.

# lifetime VARIABLE UNLESS_TOLD: prints it in seconds.
lifetime() {
  local text=${!1:-$2} unit
  [[ $text =~ ^([1-9][0-9]{0,8})([dhms])$ ]] ||
    die "$1 is \"$text\"; write a whole number above 0 and d, h, m or s for days, hours, minutes or seconds, like $2"
  case ${BASH_REMATCH[2]} in d) unit=86400 ;; h) unit=3600 ;; m) unit=60 ;; s) unit=1 ;; esac
  # What is older than a century, nobody reads; and what ends after 9999 cannot be written.
  ((BASH_REMATCH[1] * unit <= 36525 * 86400)) || die "$1 is \"$text\"; a hundred years, 36525d, is the most"
  echo $((BASH_REMATCH[1] * unit))
}

# Boards and broker carry the roots: to replace one is pki/rotate, and takes weeks. Boards renew by themselves from two
# thirds of their lifetime on, so theirs is how long one may lie in a drawer: eight months at least.
root_life=$(lifetime PKI_ROOT_LIFETIME 7300d)
issuing_life=$(lifetime PKI_ISSUING_LIFETIME 3650d)
board_life=$(lifetime PKI_BOARD_LIFETIME 730d)
service_life=$(lifetime PKI_SERVICE_LIFETIME 730d)
# pki/refresh makes new ones from a third on, so that whoever notices that it no longer does has twenty days.
crl_life=$(lifetime PKI_CRL_LIFETIME 30d)

# Runs openssl with our profiles; says its first complaint if it fails. $1: what is being made, in words.
run_openssl() {
  local what=$1
  shift
  local log=$work/openssl.log
  openssl "$@" >"$log" 2>&1 ||
    die "openssl could not make $what: $(grep -m1 -iE 'error|cannot|unable' "$log" || tail -n1 "$log")"
}

# EC P-256: an ESP8266 signs with it in a tenth of the time that RSA 2048 takes, which trips its watchdog.
make_key() {
  run_openssl 'a key' genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:named_curve -out "$1"
  chmod 400 "$1"
}

# What opens an authority's key, should it be encrypted: openssl itself, so that the key is never plain on the disk.
passin=()
if [[ -n ${PKI_PASSPHRASE_FILE:-} ]]; then passin=(-passin "file:$PKI_PASSPHRASE_FILE"); fi

# The key of an authority is in its folder as key.pem; the devices' root's may be encrypted, or away (lock-root).
# Prints its file, or nothing if it cannot be used now.
key_of() {
  local folder=$PKI_DIR/authorities/$1
  if [[ -e $folder/key.pem ]]; then
    printf '%s\n' "$folder/key.pem"
  elif [[ -e $folder/key.pem.enc && -n ${PKI_PASSPHRASE_FILE:-} ]]; then
    openssl pkey -in "$folder/key.pem.enc" -passin "file:$PKI_PASSPHRASE_FILE" -noout 2>/dev/null ||
      die "the passphrase in $PKI_PASSPHRASE_FILE does not open $folder/key.pem.enc"
    printf '%s\n' "$folder/key.pem.enc"
  fi
}

# open_ledger AUTHORITY KEY [SAN]: has openssl work on a copy of the authority. Its own steps leave an authority without
# its ledger if it dies between them.
open_ledger() {
  local file from copy=$work/authority
  rm -rf "$copy"
  mkdir -p "$copy/issued"
  for file in cert.pem index.txt index.txt.attr crlnumber; do
    from=$(current "authorities/$1/$file")
    if [[ -e $from ]]; then cp "$from" "$copy/$file"; fi
  done
  ln -s "$2" "$copy/key.pem"
  # 126 random bits that begin with a 1, so that all write the number in the same 32 digits.
  printf '4%.31s\n' "$(random_hex 16)" >"$copy/serial"
  export SCONCE_AUTHORITY=$copy SCONCE_SAN=${3:-DNS:localhost}
}

# Stages what openssl has changed: the certificate before the line about it.
close_ledger() {
  local file
  for file in "$work"/authority/issued/*.pem "$work"/authority/{index.txt,index.txt.attr,crlnumber}; do
    if [[ -e $file ]]; then stage "$file" "authorities/$1/${file#"$work/authority/"}"; fi
  done
}

# sign REQUEST SUBJECT PROFILE START END OPTION…: by the opened authority, into $work/certificate.pem.
sign() {
  run_openssl "a certificate for $2" ca -batch -notext -config "$here/openssl.cnf" -extensions "$3" "${passin[@]}" \
    -subj "/CN=$2" -startdate "$(date_as %Y%m%d%H%M%SZ "$4")" -enddate "$(date_as %Y%m%d%H%M%SZ "$5")" \
    -in "$1" -out "$work/certificate.pem" "${@:6}"
}

# make_request NAME KEY: into $work/request.pem
make_request() {
  SCONCE_AUTHORITY=. SCONCE_SAN=DNS:localhost run_openssl "a request for $1" \
    req -new -config "$here/openssl.cnf" -key "$2" -subj "/CN=$1" -out "$work/request.pem"
}

# A folder for an authority: key, empty ledger.
begin_authority() {
  mkdir -p "$1/issued"
  make_key "$1/key.pem"
  : >"$1/index.txt"
  echo 01 >"$1/crlnumber"
}

# make_root FOLDER NAME: a new root in authorities/FOLDER.
make_root() {
  local made=$work/made-$1 now
  begin_authority "$made"
  make_request "$2" "$made/key.pem"
  open_ledger none "$made/key.pem"
  : >"$work/authority/index.txt"
  now=$(date +%s)
  sign "$work/request.pem" "$2" authority "$now" $((now + root_life)) -selfsign
  mv "$work/certificate.pem" "$made/cert.pem"
  stage_folder "$made" "authorities/$1"
  commit
  make_crl "$1"
}

# make_issuing FOLDER NAME ROOT: an authority below the root in the folder ROOT, whose key must be here.
make_issuing() {
  local made=$work/made-$1
  begin_authority "$made"
  make_request "$2" "$made/key.pem"
  issue "$3" issuing "$2" "$work/request.pem" "$issuing_life"
  mv "$work/certificate.pem" "$made/cert.pem"
  stage_folder "$made" "authorities/$1"
  commit
  make_crl "$1"
}

# issue AUTHORITY PROFILE NAME REQUEST SECONDS [SAN]: into $work/certificate.pem, the ledger's line staged.
issue() {
  local now start key last end
  now=$(date +%s)
  # Boards' clocks may be behind, and boards look at the broker's certificate and at their own.
  start=$((now - ($5 / 20 < 3600 ? $5 / 20 : 3600)))
  key=$(key_of "$1")
  [[ -n $key ]] || die "the key of the $1 authority is encrypted or away, and is needed for this; run make pki-unlock"
  last=$(end_of "$(current "authorities/$1/cert.pem")")
  # Nobody trusts a certificate that outlives its authority; its end must not promise more.
  end=$((now + $5 < last ? now + $5 : last))
  ((end > now)) || die "the $1 authority ended on $(day_of "$last"); make a new one: make pki-rotate AUTHORITY=$(chain_of "$1")"
  open_ledger "$1" "$key" "${6:-}"
  sign "$4" "$3" "$2" "$start" "$end"
  close_ledger "$1"
}

# The chain to which an authority's folder belongs: devices or services.
chain_of() {
  if [[ $1 == services* ]]; then echo services; else echo devices; fi
}

# Prints the SAN for the names that follow, once each. An address stands as a DNS name, too: BearSSL ignores IP SANs.
san_of() {
  local name
  for name; do
    [[ $name =~ ^[0-9.]+$|: ]] && printf 'IP:%s,' "$name"
    printf 'DNS:%s,' "$name"
  done | tr ',' '\n' | awk 'NF && !seen[$0]++' | paste -sd, -
}

# Prints a line of authorities/keys for the certificate in file $1: digest of its key, serial number.
key_line() {
  local said key serial
  said=$(openssl x509 -in "$1" -noout -serial -pubkey 2>/dev/null) || die "$1 is damaged; restore it from a backup"
  serial=$(sed -n 's/^serial=0*//p' <<<"$said")
  key=$(sed '/^serial=/d' <<<"$said" | digest)
  printf '%s %s\n' "$key" "${serial,,}"
}

# issue_board REQUEST: a board's certificate for the id in `id`, whose key is not to come again.
issue_board() {
  issue issuing device "$id" "$1" "$board_life"
  {
    cat "$(current authorities/keys)"
    key_line "$work/certificate.pem"
  } >"$work/keys"
  stage "$work/keys" authorities/keys
}
