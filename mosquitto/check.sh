# shellcheck shell=sh
# Sourced by start and watch: looks at every file before Mosquitto does, which for most faults says little, and with a
# truncated CRL or access list may open the door instead (2.0). Each complaint says what is wrong and what to do.
#
# $store: where copies of the store's files lie, which are what is looked at. Complaints name the originals.

die() {
  printf 'mosquitto/%s: %s\n' "${0##*/}" "$1" >&2
  exit 1
}

# original FILE: where the copy in $store is from.
original() {
  printf '%s' "$PKI_DIR${1#"$store"}"
}

# require_readable FILE REMEDY
require_readable() {
  [ ! -d "$PKI_DIR" ] || [ -x "$PKI_DIR" ] || die "$(id -un) cannot enter $PKI_DIR; run this as its owner, or as root"
  [ -e "$1" ] || die "$1 is missing; $2"
  [ -r "$1" ] || die "$1 cannot be read by $(id -un); run this as its owner, or as root"
}

# require_file FILE REMEDY
require_file() {
  require_readable "$1" "$2"
  [ -s "$1" ] || die "$1 is empty; $2"
}

# require_pem COPY KIND: it ends with the last line of such a thing, so the file is not cut short.
require_pem() {
  [ -s "$1" ] || die "$(original "$1") is empty; run make pki, or restore it from a backup"
  tail -n 1 "$1" | grep -q -e "^-----END .*$2-----$" ||
    die "$(original "$1") is damaged or cut short (no END $2); restore it from a backup"
}

# Prints the SHA-256 of the files that follow, as sha256sum does; macOS has it under another name.
sums() {
  if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi
}

sum_of() {
  sums "$1" | cut -d ' ' -f 1
}

# The trust set is what its sums say, neither damaged nor a mixture of two: they are written last.
require_sums() {
  for file in $trust_files; do
    [ "$file" != SHA256SUMS ] || continue
    sum=$(awk -v file="$file" '$2 == file || $2 == "*" file { print $1 }' "$store/trust/SHA256SUMS")
    [ -n "$sum" ] || die "$PKI_DIR/trust/SHA256SUMS does not name $file; run make pki, which writes it anew"
    [ "$(sum_of "$store/trust/$file")" = "$sum" ] || die "$PKI_DIR/trust/$file is damaged, or was being written when its \
writer ended (SHA256SUMS has another sum); run make pki, or restore the folder trust/ from a backup"
  done
}

# The revoked boards become lines of the access list.
require_ids() {
  odd=$(grep -vxE '[0-9a-f]{32}' "$store/trust/revoked" | head -n 1)
  [ -z "$odd" ] || die "$PKI_DIR/trust/revoked has a line that is no board's id: \"$odd\"; restore it from a backup"
}

require_acl() {
  require_file "$1" 'restore it from the repository'
  # The file without comments: Mosquitto ignores what it does not understand, and with it a line that denies.
  odd=$(grep -vE '^(#.*|user [^ ]+|(topic|pattern) (read|write|readwrite|deny) [^ ]+)?$' "$1" | head -n 1)
  [ -z "$odd" ] || die "$1 has a line that is no rule: \"$odd\"; write: user NAME, or: pattern read|write TOPIC"
}

require_port() {
  case $2 in
    '' | *[!0-9]* | ??????*) die "$1 is \"$2\"; it must be a port, 1 to 65535" ;;
  esac
  [ "$2" -ge 1 ] && [ "$2" -le 65535 ] || die "$1 is \"$2\"; it must be a port, 1 to 65535"
}

# require_free_port VARIABLE PORT BIND: Linux's own list of sockets (state 0A listens), because no tool for it is
# everywhere. A socket on all addresses stands in the way of every bind; one on another address does not.
require_free_port() {
  [ -r /proc/net/tcp ] || return 0
  own=any
  case $3 in
    *[!0-9.]* | '') ;;
    *) own=$(echo "$3" | awk -F. '{ printf "%02X%02X%02X%02X", $4, $3, $2, $1 }') ;;
  esac
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v port="$(printf '%04X' "$2")" -v own="$own" '
    $4 == "0A" { split($2, at, ":"); if (at[2] == port && (own == "any" || at[1] ~ /^0+$/ || at[1] == own)) exit 1 }' ||
    die "port $2 is taken by another program; stop that one, or choose another port with $1"
}

# The checks below need the openssl command, which an image may lack; those above do not.
have_openssl() {
  command -v openssl >/dev/null
}

# require_trust NAME: the authority (while it is rotated: two) and its CRLs, in the copy of the trust set.
require_trust() {
  authority=$store/trust/$1.pem
  crl=$store/trust/$1.crl.pem
  anew='run make pki, which makes it anew'
  require_pem "$authority" CERTIFICATE
  require_pem "$crl" 'X509 CRL'
  have_openssl || return 0
  require_living "$authority" "$1"
  if [ "$1" = devices ]; then require_living "$store/trust/issuing.pem" devices; fi
  # A CRL may be from the issuing authority, too, which the broker does not load as one that it trusts.
  cat "$authority" "$store/trust/issuing.pem" >"$store/signers"
  each_pem "$crl" | while read -r one; do
    openssl crl -in "$one" -CAfile "$store/signers" -noout 2>&1 | grep -q 'verify OK' ||
      die "$(original "$crl") is not from $(original "$authority"); $anew"
    # Asked of the CRL itself: `openssl verify` of an authority looks at its CRL in some versions only.
    [ "$(next_update "$one")" -gt "$(date -u +%Y%m%d%H%M%S)" ] ||
      die "$(original "$crl") is past its nextUpdate, which locks every $1 certificate out; $anew"
  done
}

# require_living COPY AUTHORITY: every certificate in it can be read, and one has not ended. pki leaves out the others.
require_living() {
  living=$(each_pem "$1" | while read -r one; do
    openssl x509 -in "$one" -noout 2>/dev/null || { echo damaged; break; }
    if openssl x509 -in "$one" -noout -checkend 0 >/dev/null 2>&1; then echo living; fi
  done)
  case $living in
    '' | *damaged*) die "$(original "$1") is damaged or has ended; restore it from a backup, or make a new one: \
make pki-rotate AUTHORITY=$2" ;;
  esac
}

# Lays each thing in the PEM file $1 into a file of its own, and prints the names of these once all are whole: who reads
# the names begins with the first.
each_pem() {
  rm -rf "$store/parts"
  mkdir "$store/parts"
  awk -v into="$store/parts" '
    /^-----BEGIN / { file = into "/" ++n ".pem" }
    file { print >file }
    /^-----END / { close(file); file = "" }
    END { for (i = 1; i <= n; i++) print into "/" i ".pem" }' "$1"
}

# Prints when the CRL in file $1 ends, as YYYYMMDDHHMMSS: `date` understands openssl's words in few places.
next_update() {
  openssl crl -in "$1" -noout -nextupdate | sed 's/^[^=]*=//' | awk '{
    gsub(":", "", $3)
    printf "%04d%02d%02d%s\n", $4, (index("JanFebMarAprMayJunJulAugSepOctNovDec", $1) + 2) / 3, $2, $3 }'
}

require_broker() {
  cert=$store/broker/cert.pem
  key=$store/broker/key.pem
  require_pem "$cert" CERTIFICATE
  require_pem "$key" 'PRIVATE KEY'
  have_openssl || return 0
  trust=$store/trust/services
  anew="move $PKI_DIR/broker away and run make pki"
  # Codes are the same in all versions of openssl, words are not.
  found=$(openssl verify -crl_check -CAfile "$trust.pem" -CRLfile "$trust.crl.pem" "$cert" 2>&1) ||
    case $found in
      *'error 10 '*) die "the broker's certificate, $(original "$cert"), has ended; run make pki" ;;
      *'error 9 '*) die "the broker's certificate, $(original "$cert"), begins in the future; set this machine's clock" ;;
      *'error 23 '*) die "the broker's certificate, $(original "$cert"), is revoked; $anew" ;;
      *'error 20 '* | *'error 7 '*) die "$(original "$cert") is not from the services authority; restore both from one backup" ;;
      *) die "$(original "$cert") does not verify: $(echo "$found" | tail -n 1); $anew" ;;
    esac
  [ "$(openssl x509 -in "$cert" -noout -pubkey 2>&1)" = "$(openssl pkey -in "$key" -pubout 2>&1)" ] ||
    die "$(original "$key") is not the key of $(original "$cert"); restore both from one backup"
}
