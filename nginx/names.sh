# shellcheck shell=sh
# Sourced by start and by acme/once: which names this machine answers for.

is_name() {
  [ "${#1}" -le 253 ] && printf '%s\n' "$1" |
    grep -qE '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$'
}

# The names of the owner's other sites: files in the folder $1 are called NAME.conf. One a line.
site_names() {
  for file in "$1"/*.conf; do
    [ -e "$file" ] || continue
    name=${file##*/}
    name=${name%.conf}
    if [ "$name" != "$DOMAIN" ] && is_name "$name"; then printf '%s\n' "$name"; fi
  done
}

# What is wrong with names of files there, a line each.
odd_sites() {
  for file in "$1"/*.conf; do
    [ -e "$file" ] || continue
    name=${file##*/}
    name=${name%.conf}
    if [ "$name" = "$DOMAIN" ]; then
      printf '%s\n' "$file has the name of Sconce itself; rename it, or remove it"
    elif ! is_name "$name"; then
      printf '%s\n' "$file is not called after a domain, such as blog.example.org.conf; rename it"
    fi
  done
}
