# shellcheck shell=bash
# Sourced by init, after lib.sh: what must be known of a household, and what an answer may look like. Each judge prints
# what is wrong with $1, in words that follow "… must be", or nothing.

# Asked, in this order. The secret is kept in secrets/, the others in .env.
questions=(DOMAIN OWNER_EMAIL OIDC_CLIENT_ID OIDC_CLIENT_SECRET TZ)

declare -A asks=(
  [DOMAIN]='The name under which people and boards find this server'
  [OWNER_EMAIL]='Your e-mail address, with which you will sign in; you become the first admin'
  [OIDC_CLIENT_ID]='Client ID'
  [OIDC_CLIENT_SECRET]='Client secret (it does not show)'
  [TZ]='Time zone'
)

# Taken from the environment when they are there, never asked. What they mean: .env.example.
others=(
  PUBLIC_URL OIDC_ISSUER ACME_EMAIL ACME_SERVER ACME_CA_BUNDLE HTTP_PORT HTTPS_PORT DEVICES_PORT WORKERS API_MEMORY SCONCE_IPV6
  BACKUP_RECIPIENT NODE_IMAGE NGINX_IMAGE POSTGRES_IMAGE MOSQUITTO_IMAGE CERTBOT_IMAGE PROMETHEUS_IMAGE GRAFANA_IMAGE
  WARN_EMAIL PKI_ROOT_LIFETIME PKI_ISSUING_LIFETIME PKI_BOARD_LIFETIME PKI_SERVICE_LIFETIME PKI_CRL_LIFETIME
)

# As those, but whoever reads them could send in the owner's name: they are kept in secrets/, and nothing repeats them.
private=(WARN_WEBHOOK_URL SMTP_URL)

google=https://accounts.google.com

fault_in() {
  case $1 in
    DOMAIN) judge_domain "$2" ;;
    OWNER_EMAIL | ACME_EMAIL | WARN_EMAIL) judge_email "$2" ;;
    OIDC_CLIENT_ID) judge_client "$2" ;;
    OIDC_CLIENT_SECRET) [[ $2 =~ ^[[:graph:]]+$ ]] || echo 'one word without spaces' ;;
    TZ) judge_zone "$2" ;;
    OIDC_ISSUER | PUBLIC_URL) judge_address "$2" ;;
    *_PORT) judge_number "$2" 65535 'a port' ;;
    WARN_WEBHOOK_URL) [[ $2 =~ ^https://[[:graph:]]+$ ]] || echo 'an https:// address' ;;
    SMTP_URL) [[ $2 =~ ^smtps?://[[:graph:]]+$ ]] || echo 'an address like smtps://name:password@mail.example.org' ;;
    PKI_*_LIFETIME) [[ $2 =~ ^[1-9][0-9]*[smhd]$ ]] || echo 'a time in days, hours, minutes or seconds, like 730d' ;;
    SCONCE_IPV6) [[ $2 == true || $2 == false ]] || echo 'true or false' ;;
    WORKERS) judge_number "$2" 8 'a number' ;;
    BACKUP_RECIPIENT) judge_recipients "$2" ;;
    API_MEMORY) [[ $2 =~ ^[1-9][0-9]*m$ ]] || echo 'megabytes, like 448m' ;;
    # What stands in .env without quotes.
    *) [[ $2 =~ ^[A-Za-z0-9._:/@+,=-]+$ ]] || echo 'letters, digits and ._:/@+,=- only' ;;
  esac
}

judge_domain() {
  local label='[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'
  if [[ $1 == *://* || $1 == */* ]]; then
    echo 'the name alone, like lamps.example.org: no https://, no slash'
  elif [[ ! $1 =~ ^($label\.)+[a-z]([a-z0-9-]*[a-z0-9])?$ ]]; then
    echo 'a name like lamps.example.org, in lowercase; certificates are not given to addresses or bare words'
  elif ((${#1} > 64)); then
    # As in firmware/lib/core/src/identity.h.
    echo 'at most 64 characters long: a board keeps no longer one'
  fi
}

judge_email() {
  [[ $1 =~ ^[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}$ ]] || echo 'an e-mail address, like olive@example.org'
}

judge_client() {
  if [[ ${answers[OIDC_ISSUER]:-$google} == "$google" ]]; then
    [[ $1 =~ ^[A-Za-z0-9._-]+\.apps\.googleusercontent\.com$ ]] ||
      echo "Google's, which ends in .apps.googleusercontent.com"
  else
    [[ $1 =~ ^[A-Za-z0-9._:/@+=-]+$ ]] || echo 'one word of letters, digits and ._:/@+=-'
  fi
}

# One may be written where the identity was meant to go: what is wrong is said without what was given.
judge_recipients() {
  local one='(age1[0-9a-z]+|ssh-(ed25519|rsa) [A-Za-z0-9+/=]+)'
  [[ $1 =~ ^$one(,\ ?$one)*$ ]] || echo "public keys of age (age1…) or ssh-ed25519 …, commas between"
}

judge_zone() {
  local zones=/usr/share/zoneinfo
  if [[ ! $1 =~ ^[A-Za-z][A-Za-z0-9_+/-]*$ ]]; then
    echo 'a name like Europe/London'
  elif [[ -d $zones && ! -f $zones/$1 ]]; then
    echo 'a name like Europe/London; this machine knows no such zone'
  fi
}

judge_address() {
  [[ $1 =~ ^https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._/-]*)?$ || $1 =~ ^http://localhost(:[0-9]+)?$ ]] ||
    echo 'an https:// address'
}

# judge_number VALUE MOST WHAT
judge_number() {
  [[ $1 =~ ^[1-9][0-9]{0,4}$ ]] && (($1 <= $2)) || echo "$3, 1 to $2"
}

# The zone that this machine itself keeps.
own_zone() {
  local link
  link=$(readlink /etc/localtime 2>/dev/null) || link=
  if [[ $link == */zoneinfo/* ]]; then echo "${link##*/zoneinfo/}"; else echo UTC; fi
}
