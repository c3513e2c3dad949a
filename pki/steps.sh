# shellcheck shell=bash
# Sourced by rotate: the steps. Each one may be cut short and be done again.

# Prints the name of the authority that comes after the one in the folder $1: other names than before, so that nobody who
# looks an authority up by its name finds two.
next_name() {
  local name
  name=$(openssl x509 -in "$PKI_DIR/authorities/$1/cert.pem" -noout -subject -nameopt RFC2253,sep_multiline | sed -n 's/^ *CN=//p')
  if [[ $name =~ ^(.*)' '([0-9]+)$ ]]; then
    echo "${BASH_REMATCH[1]} $((BASH_REMATCH[2] + 1))"
  else
    echo "$name 2"
  fi
}

# set_step AUTHORITY STEP
set_step() {
  echo "$1 $2" >"$work/rotation"
  stage "$work/rotation" authorities/rotation
  authority=$1 step=$2
}

# What is new takes the place of what is, and that becomes old.
stage_swap() {
  local folder
  for folder; do
    stage_move "authorities/$folder" "authorities/$folder.old"
    stage_move "authorities/$folder.new" "authorities/$folder"
  done
}

# Puts the old ones away. Their ledgers still say which ids and keys there were.
retire() {
  local folder stamp
  stamp=$(date_as %Y%m%d%H%M%S "$(date +%s)")
  for folder; do stage_move "authorities/$folder.old" "authorities/retired/$folder-$stamp"; done
  stage_move authorities/rotation
  stage_move authorities/notice.json
  commit
  publish_trust
  commit
}

devices_start() {
  local name
  if [[ ! -e $PKI_DIR/authorities/devices.new ]]; then
    make_root devices.new "$(next_name devices)"
    commit
  fi
  if [[ ! -e $PKI_DIR/authorities/issuing.new ]]; then
    name=$(next_name issuing)
    make_issuing issuing.new "$name" devices.new
    commit
  fi
  set_step devices trusting
  publish_trust
  commit
  printf '%s\n' 'A new root and a new issuing authority for devices are made, and trusted besides the old ones.' \
    'Next, once the broker runs with them: make pki-rotate'
}

devices_trusting() {
  # What has ended, the broker cannot start with; and there is nobody to wait for.
  if ! has_ended issuing; then require_taken; fi
  stage_swap devices issuing
  set_step devices moving
  commit
  publish_trust
  commit
  printf '%s\n' 'From now on the new issuing authority signs. Connected boards are asked to renew; the others do when they come.' \
    'How far that is: make pki-list. When all have moved: make pki-rotate' \
    'The new root is in authorities/devices: lock it and carry it away (make pki-lock), and keep a copy.'
}

devices_moving() {
  require_moved
  retire devices issuing
  printf '%s\n' 'The old root is no longer trusted. Its folder is in authorities/retired.'
}

# make_notice add|alone CERTIFICATE KEY: what boards are told of the authority in the file, signed with a key they trust.
make_notice() {
  local der=$work/authority.der digest signature alone=false
  openssl x509 -in "$2" -outform DER -out "$der"
  digest=$(digest <"$der")
  # Its first line names what is signed: the same key signs certificates and firmware.
  signature=$(printf 'sconce authority v1\n%s\n%s\n' "$1" "$digest" | openssl dgst -sha256 -sign "$3" | openssl base64 -A)
  if [[ $1 == alone ]]; then alone=true; fi
  printf '{"certificate":"%s","signature":"%s","alone":%s,"fingerprint":"%s"}\n' "$(openssl base64 -A -in "$der")" \
    "$signature" "$alone" "${digest:0:16}" >"$work/notice"
  stage "$work/notice" authorities/notice.json
}

# What the services trust, and by whom they are signed, follows the authorities.
renew_services() {
  local name how
  for name in broker api metrics; do load_or_renew_service "$name"; done
}

# What a board is flashed with once more must trust the broker of now. Not before all boards do: until then the file says
# what a board that has never been seen trusts.
renew_minted() {
  local file
  for file in "$PKI_DIR"/devices/*/ca.pem; do
    if [[ -f $file ]] && ! cmp -s "$file" "$PKI_DIR/trust/services.pem"; then
      stage_copy trust/services.pem "${file#"$PKI_DIR/"}"
    fi
  done
  commit
}

services_start() {
  if [[ ! -e $PKI_DIR/authorities/services.new ]]; then
    make_root services.new "$(next_name services)"
    commit
  fi
  # Nobody believes what it would say of the new one, and the broker has no certificate to say it with.
  if has_ended services; then
    services_trusting
    return
  fi
  make_notice add "$PKI_DIR/authorities/services.new/cert.pem" "$PKI_DIR/authorities/services/key.pem"
  set_step services trusting
  publish_trust
  commit
  renew_services
  printf '%s\n' 'A new services authority is made. Connected boards are told to trust it besides the old one; the others when they come.' \
    'How far that is: make pki-list. When all know it: make pki-rotate'
}

services_trusting() {
  local ended=no
  if has_ended services; then ended=yes; fi
  if [[ $ended == no ]]; then
    require_moved
    require_taken
  fi
  stage_swap services
  make_notice alone "$PKI_DIR/authorities/services.new/cert.pem" "$PKI_DIR/authorities/services.new/key.pem"
  set_step services moving
  commit
  publish_trust
  commit
  renew_services
  renew_minted
  if [[ $ended == yes ]]; then
    printf '%s\n' 'The services authority had ended: boards that do not trust the new one yet cannot be told; flash them anew (make flash).'
  fi
  printf '%s\n' 'Broker, API and metrics have certificates by the new authority. Boards are told to trust it alone.' \
    'How far that is: make pki-list. When all do: make pki-rotate'
}

services_moving() {
  renew_services
  require_moved
  retire services
  renew_services
  renew_minted
  printf '%s\n' 'The old services authority is no longer trusted. Its folder is in authorities/retired.'
}
