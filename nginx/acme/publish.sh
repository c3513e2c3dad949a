# shellcheck shell=sh
# Sourced by once: lays certificates where nginx, and whoever watches their days, look for them.

# publish NAME: what Certbot has, if it is not there yet. Certificate and key change together: the folder is swapped.
publish() {
  have=$ACME_DIR/config/live/$1
  shown=$ACME_CERTIFICATES_DIR/$1
  [ -e "$have/fullchain.pem" ] && [ -e "$have/privkey.pem" ] || return 0
  if cmp -s "$have/fullchain.pem" "$shown/fullchain.pem" && cmp -s "$have/privkey.pem" "$shown/privkey.pem" &&
    cmp -s "$have/fullchain.pem" "$ACME_PUBLIC_DIR/$1.pem"; then return 0; fi
  new=$ACME_CERTIFICATES_DIR/.$1.new
  old=$ACME_CERTIFICATES_DIR/.$1.old
  page=$ACME_PUBLIC_DIR/.$1.pem.new
  rm -rf "$new" "$old"
  # Certbot's are links into its archive.
  if mkdir "$new" && cat "$have/fullchain.pem" >"$new/fullchain.pem" && cat "$have/privkey.pem" >"$new/privkey.pem" &&
    cat "$have/fullchain.pem" >"$page" && chmod 644 "$page" && mv -f "$page" "$ACME_PUBLIC_DIR/$1.pem" &&
    { [ ! -e "$shown" ] || mv "$shown" "$old"; } && mv "$new" "$shown"; then
    rm -rf "$old"
    say "$1 has a new certificate"
  else
    say "$1 has a new certificate, which could not be laid into $ACME_CERTIFICATES_DIR and $ACME_PUBLIC_DIR"
    return 1
  fi
}

# What was published for names that are no longer here. Certbot keeps its own copy, for the day they come back.
withdraw_others() {
  wanted=" $DOMAIN $(site_names "$NGINX_SITES_DIR" | tr '\n' ' ')"
  for own in "$ACME_DIR"/config/live/*/; do
    name=$(basename "$own")
    case $wanted in *" $name "*) continue ;; esac
    rm -rf "${ACME_CERTIFICATES_DIR:?}/$name" "$ACME_PUBLIC_DIR/$name.pem" "$ACME_DIR/pauses/$name"
  done
}
