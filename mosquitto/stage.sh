# shellcheck shell=sh
# Sourced by start and watch, after check.sh: takes what the broker is given out of the store, checks it, and lays it where
# Mosquitto finds it. $store: where the copies lie meanwhile; $run: where Mosquitto finds them.

# As root, Mosquitto becomes the user `mosquitto`, or `nobody`, and must still be able to read its files.
if [ "$(id -u)" -ne 0 ]; then
  owner=
elif id mosquitto >/dev/null 2>&1; then
  owner=mosquitto
else
  owner=nobody
fi
if [ -n "$owner" ]; then group=$(id -gn "$owner"); fi

trust_files='devices.pem devices.crl.pem services.pem services.crl.pem issuing.pem revoked SHA256SUMS'

# take FOLDER FILE...: copies of files of the store, so that what is checked is what is laid out, whoever writes meanwhile.
take() {
  part=$1
  shift
  rm -rf "${store:?}/$part"
  mkdir -p "$store/$part"
  for file; do
    require_readable "$PKI_DIR/$part/$file" 'run make pki, or restore it from a backup'
    cp "$PKI_DIR/$part/$file" "$store/$part/$file"
  done
}

# The trust set, good as a whole or refused.
take_trust() {
  # shellcheck disable=SC2086
  take trust $trust_files
  require_sums
  require_ids
  for name in devices services; do require_trust "$name"; done
}

take_broker() {
  take broker cert.pem key.pem
  require_broker
}

# stage FROM TO: a copy under its own name only once it is whole.
stage() {
  cp "$1" "$2.new"
  chmod 400 "$2.new"
  if [ -n "$owner" ]; then chown "$owner:$group" "$2.new"; fi
  mv -f "$2.new" "$2"
}

# What take_trust has found to be good. The access list is the rules that were good at the start, and a denial for each
# revoked board: the CRL alone leaves it the connection that is open.
lay_out_trust() {
  for name in devices services; do
    stage "$store/trust/$name.pem" "$run/$name/ca.pem"
    stage "$store/trust/$name.crl.pem" "$run/$name/crl.pem"
  done
  cp "$run/devices/rules" "$store/acl"
  chmod 600 "$store/acl"
  awk '{ printf "\nuser %s\ntopic deny #\n", $0 }' "$store/trust/revoked" >>"$store/acl"
  stage "$store/acl" "$run/devices/acl"
}

lay_out_broker() {
  stage "$store/broker/cert.pem" "$run/cert.pem"
  stage "$store/broker/key.pem" "$run/key.pem"
}

# Sums of all that may change while the broker runs; says so where a file is gone.
sums_of_all() {
  (cd "$PKI_DIR/trust" && sums $trust_files ../broker/cert.pem ../broker/key.pem) 2>&1
}

# tell_status BEAT FAULT: for those who want to know what the broker goes by. BEAT: when it was last looked.
tell_status() {
  printf 'trust=%s\nat=%s\nbeat=%s\nfault=%s\n' "$trust_sum" "$applied_at" "$1" "$2" >"$status_file.new" &&
    chmod 644 "$status_file.new" && mv -f "$status_file.new" "$status_file"
}
