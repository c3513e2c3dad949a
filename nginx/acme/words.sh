# shellcheck shell=sh
# Sourced by once and run: says things to people.

say() {
  printf '%s: %s\n' "$program" "$1" >&2
}

die() {
  say "$1"
  exit 1
}

# in_words NAME SAID: what Certbot said, as what is wrong and what to do. Of a challenge that failed it prints the protocol's
# own kind (RFC 8555, 6.7); of other errors only the authority's sentence.
in_words() {
  detail=$(printf '%s\n' "$2" | sed -n 's/^ *Detail: *//p' | head -n 1)
  kind=$(printf '%s\n' "$2" | sed -n 's/^ *Type: *//p' | head -n 1)
  [ -n "$kind" ] || kind=$(kind_of "$2")
  # Pebble calls that "connection".
  case $detail in *'could not resolve'*) kind=dns ;; esac
  # "203.0.113.7: Fetching http://…"
  address=$(printf '%s\n' "$detail" | sed -n 's/^\([0-9a-fA-F.:]*\): .*/\1/p')
  : "${address:=its address}"
  case $kind in
    dns) echo "the authority finds no address for it. Make an A record (and AAAA, if this machine has IPv6) that points \
here, and give it some minutes to spread." ;;
    connection) echo "nobody answers on port 80 of $address. If that is this machine, open port 80 in its firewall and at \
its provider, and see that nginx runs; if not, change the A and AAAA records." ;;
    unauthorized | incorrectResponse) echo "another server answers at $address. Change the A and AAAA records so that \
all of them point to this machine." ;;
    caa) echo "its CAA record allows other authorities only. Add this one to it. ($detail)" ;;
    rateLimited) echo "the authority has been asked too often. It says: $(plain "$2")." ;;
    rejectedIdentifier) echo "the authority makes no certificates for this name. It says: $(plain "$2")." ;;
    email) echo "the authority does not take the e-mail address $ACME_EMAIL. Set ACME_EMAIL to one that exists, in .env." ;;
    account) echo "the authority at $ACME_SERVER wants an account made with it first. Choose another, with ACME_SERVER." ;;
    untrusted) echo "the server at $ACME_SERVER does not prove that it is the authority. Is this machine's clock right? \
For an authority of your own, set ACME_CA_BUNDLE to its certificate." ;;
    unreachable) echo "the authority at $ACME_SERVER cannot be reached. Is this machine online, and does it resolve names?" ;;
    busy) echo "another Certbot is at work in $ACME_DIR. Wait for it to end." ;;
    *) echo "Certbot failed. It says: $(plain "$2") ($ACME_DIR/logs has the whole.)" ;;
  esac
}

# kind_of SAID: what it is where Certbot prints no kind.
kind_of() {
  case $1 in
    *'too many'* | *'Too many'* | *'rate limit'*) echo rateLimited ;;
    *'annot issue for'* | *'not issue certificates for'* | *'forbidden by policy'*) echo rejectedIdentifier ;;
    *'nvalid email'* | *'nvalid contact'* | *'contact email'*) echo email ;;
    *'xternal account'*) echo account ;;
    *CERTIFICATE_VERIFY_FAILED* | *'certificate verify failed'*) echo untrusted ;;
    *ConnectionError* | *'Max retries exceeded'* | *'onnection refused'* | *imeout* | *'imed out'*) echo unreachable ;;
    *'Another instance of Certbot'*) echo busy ;;
  esac
}

# The one line that matters.
plain() {
  line=$(printf '%s\n' "$1" | sed -n 's/^ *Detail: *//p' | head -n 1)
  [ -n "$line" ] || line=$(printf '%s\n' "$1" |
    grep -vE '^(Saving debug log|Ask for help|See the logfile|Account registered|Requesting a cert|Hint:|$)' | tail -n 1)
  printf '%s\n' "$line"
}
