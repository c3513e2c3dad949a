# shellcheck shell=bash
# Sourced by sign-request: looks at a board's request (PKCS #10, RFC 2986). Whoever holds a board's key can send one, so
# that all is refused which is not exactly what a board makes.

# As in services/protocol/src/limits.ts, certificateBytes.
request_bytes=640

# refuse CODE WORDS: the codes are those of services/protocol/src/authority.ts.
refuse() {
  printf '%s: %s\n' "$1" "$2" >&2
  exit 3
}

# Reads the request from standard input into $work/request.der, and as PEM into $work/request.pem.
read_request() {
  local der=$work/request.der
  head -c $((request_bytes + 1)) >"$der"
  [[ -s $der ]] || refuse malformed 'there is no request on standard input'
  (($(wc -c <"$der") <= request_bytes)) || refuse malformed "the request has more than $request_bytes bytes"
  openssl req -inform DER -in "$der" -out "$work/request.pem" 2>/dev/null || refuse malformed 'this is no PKCS #10 request'
  # In DER there is one spelling of everything; what is written anew and differs was another, or something follows it.
  openssl req -in "$work/request.pem" -outform DER -out "$work/again.der" 2>/dev/null &&
    cmp -s "$der" "$work/again.der" || refuse malformed 'the request is not DER, or something follows it'
}

# Checks all that the request itself shows. $1: the id of the board that sent it.
check_request() {
  local text shape
  text=$(openssl req -in "$work/request.pem" -noout -verify -subject -nameopt RFC2253 -text 2>&1) ||
    refuse malformed 'openssl cannot read the request'
  shape=$(openssl asn1parse -in "$work/request.pem" 2>/dev/null) || refuse malformed 'openssl cannot read the request'
  grep -q 'verify OK$' <<<"$text" || refuse bad_signature 'the request is not signed by the key that it is for'
  # Compressed, the same key would look like another; with written-out parameters, the curve need not be P-256.
  grep -q '^ *ASN1 OID: prime256v1$' <<<"$text" && grep -q 'd=3 .* l=  66 prim: BIT STRING' <<<"$shape" ||
    refuse wrong_key 'the key is not EC P-256'
  [[ $(sed -n 's/^subject=//p' <<<"$text") == "CN=$1" ]] ||
    refuse wrong_name "the request is for another name than $1, or for more than that"
  # Attributes are the one element [0] of the request; a board's has none.
  if ! grep -q 'd=2 .* l=   0 cons: cont \[ 0 \]' <<<"$shape"; then
    grep -qE 'CA:TRUE|Certificate Sign|CRL Sign' <<<"$text" &&
      refuse authority_asked 'the request asks to be an authority'
    refuse extensions_asked 'the request asks for extensions or has other attributes; the profile alone says what a board may do'
  fi
}
