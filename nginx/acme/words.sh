# shellcheck shell=sh
# Sourced by once and run: says things to people.

say() {
  printf '%s: %s\n' "$program" "$1" >&2
}

die() {
  say "$1"
  exit 1
}

# in_words NAME SAID: what Certbot said, as what is wrong and what to do. The kinds are the protocol's own (RFC 8555, 6.7),
# which Certbot prints as they come.
in_words() {
  detail=$(printf '%s\n' "$2" | sed -n 's/^ *Detail: *//p' | head -n 1)
  kind=$(printf '%s\n' "$2" | sed -n 's/^ *Type: *//p' | head -n 1)
  [ -n "$kind" ] || kind=$(printf '%s\n' "$2" | sed -n 's/.*urn:ietf:params:acme:error:\([A-Za-z]*\).*/\1/p' | head -n 1)
  # Pebble's word for it.
  case $detail in *'could not resolve'*) kind=dns ;; esac
  # "203.0.113.7: Fetching http://…"
  address=$(printf '%s\n' "$detail" | sed -n 's/^\([0-9a-fA-F.:]*\): .*/\1/p')
  : "${address:=its address}"
  case $kind in
    dns) echo "the authority finds no address for it. Make an A record (and AAAA, if this machine has IPv6) that points \
here, and give it some minutes to spread." ;;
    connection) echo "nobody answers on port 80 of $address. Is that this machine's address? Then open port 80 in its \
firewall and at its provider, and see that nginx runs; otherwise change the A and AAAA records." ;;
    unauthorized | incorrectResponse) echo "another server answers at $address. Change the A and AAAA records so that \
they point to this machine, all of them." ;;
    caa) echo "its CAA record allows other authorities only. Add this one to it: $detail" ;;
    rateLimited) echo "the authority has been asked too often, and says: $(plain "$2")" ;;
    rejectedIdentifier) echo "the authority makes no certificates for such a name: $(plain "$2")" ;;
    invalidContact | invalidEmail | unsupportedContact) echo "the authority does not accept the e-mail address \
$ACME_EMAIL. Set ACME_EMAIL to one that exists." ;;
    externalAccountRequired) echo "the authority at $ACME_SERVER wants an account of its own first; choose another with \
ACME_SERVER." ;;
    '')
      case $2 in
        *'nvalid email'* | *'not a valid e'*) echo "$ACME_EMAIL is no e-mail address. Set ACME_EMAIL to one that exists." ;;
        *CERTIFICATE_VERIFY_FAILED* | *'certificate verify failed'*) echo "the server at $ACME_SERVER does not prove that \
it is the authority. Is this machine's clock right? For an authority of your own, set ACME_CA_BUNDLE to its certificate." ;;
        *ConnectionError* | *'Max retries exceeded'* | *'onnection refused'* | *imeout* | *'emporary failure in name'* | \
        *'Name or service not known'*) echo "the authority at $ACME_SERVER cannot be reached. Is this machine online, and \
does it resolve names?" ;;
        *'Another instance of Certbot'*) echo "another Certbot is at work with $ACME_DIR. Wait for it to end." ;;
        *) echo "Certbot failed: $(plain "$2") $ACME_DIR/logs has the whole." ;;
      esac ;;
    *) echo "the authority says \"$kind\": $(plain "$2")" ;;
  esac
}

# The one line that matters.
plain() {
  line=$(printf '%s\n' "$1" | sed -n -e 's/^ *Detail: *//p' -e 's/.*urn:ietf:params:acme:error:[A-Za-z]* :: //p' | head -n 1)
  [ -n "$line" ] || line=$(printf '%s\n' "$1" |
    grep -vE '^(Saving debug log|Ask for help|See the logfile|Account registered|Requesting a cert|Hint:|$)' | tail -n 1)
  printf '%s\n' "$line"
}
