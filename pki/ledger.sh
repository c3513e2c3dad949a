# shellcheck shell=bash
# Sourced after lib.sh and change.sh: what the authorities' ledgers say.

# ledger [FOLDER…]: prints a line for each certificate of the boards' authorities, those that are put away included, or of
# these folders of authorities/. ledger.awk says what is in it.
ledger() {
  local path file files=()
  # Without quotes: the names may have stars.
  # shellcheck disable=SC2048
  for file in ${*:-devices devices.new devices.old issuing issuing.new issuing.old retired/devices* retired/issuing*}; do
    for path in "$PKI_DIR/authorities/"$file/index.txt; do
      # As in current(), without a process for each.
      if [[ -n ${change:-} && -e $change/tree/${path#"$PKI_DIR/"} ]]; then path=$change/tree/${path#"$PKI_DIR/"}; fi
      if [[ -s $path ]]; then files+=("$path"); fi
    done
  done
  ((${#files[@]})) || return 0
  awk -f "$here/time.awk" -f "$here/ledger.awk" "${files[@]}"
}

# Prints the ledger's lines of the board $1 whose certificates the broker would still let in. Here and elsewhere, what may
# be all digits is compared as text (`""`): to awk, two long numbers are equal once their first sixteen digits are.
living() {
  ledger devices devices.new devices.old issuing issuing.new issuing.old |
    awk -F '\t' -v id="$1" -v now="$(date +%s)" '$6 "" == id && $2 == "V" && $3 > now'
}

# Whether a certificate was ever made for the id $1.
is_known() {
  [[ -n $(ledger | awk -F '\t' -v id="$1" '$6 "" == id { print; exit }') ]]
}

is_revoked() {
  grep -qs "^$1 " "$(current authorities/revoked)"
}

# Ids of the boards that count: not revoked, and not past the end of all their certificates.
counted_boards() {
  ledger devices devices.new devices.old issuing issuing.new issuing.old |
    awk -F '\t' -v now="$(date +%s)" '
      list == "revoked" { sub(/ .*/, ""); revoked[$0] = 1; next }
      $2 == "V" && $3 > now && $6 ~ /^[0-9a-f]+$/ && !($6 in revoked) && !seen[$6]++ { print $6 }' \
      list=revoked "$(revoked_file)" list=ledger - | sort
}

# Ids and times; an empty file where nobody is revoked.
revoked_file() {
  local file
  file=$(current authorities/revoked)
  if [[ -e $file ]]; then echo "$file"; else echo /dev/null; fi
}

# Prints the name of the board $1 as it stands in JSON, or its id if it has no folder any more.
json_name_of() {
  local file=$PKI_DIR/devices/$1/device.json name=''
  if [[ -f $file ]]; then name=$(device_value name "$file"); fi
  printf '%s\n' "${name:-\"$1\"}"
}

# Puts the id of the board called $1 (in whatever letter case, or by its id) into `id`.
find_board() {
  local file name wanted there='' found=()
  # Before names, so that no board's name can stand for another board. It counts though its folder is gone: its
  # certificates are not.
  if [[ ${1,,} =~ ^[0-9a-f]{32}$ ]] && is_known "${1,,}"; then
    id=${1,,}
    return
  fi
  wanted=$(json_string "${1,,}")
  for file in "$PKI_DIR"/devices/*/device.json; do
    [[ -f $file ]] || continue
    name=$(device_value name "$file")
    id=$(basename "$(dirname "$file")")
    is_revoked "$id" || there+="${there:+, }$name"
    if [[ ${name,,} == "$wanted" ]]; then found+=("$id"); fi
  done
  # The name of a board that was revoked may be another's now.
  if ((${#found[@]} > 1)); then
    for name in "${!found[@]}"; do
      if is_revoked "${found[name]}"; then unset "found[name]"; fi
    done
    found=("${found[@]}")
  fi
  ((${#found[@]} > 0)) || die "there is no board \"$1\" in $PKI_DIR; there are: ${there:-none}"
  ((${#found[@]} == 1)) || die "these boards are all called \"$1\": ${found[*]}; choose one by its id"
  # shellcheck disable=SC2034
  id=${found[0]}
}

# Of the devices' root: plain, encrypted or away.
root_key() {
  local folder=$PKI_DIR/authorities/devices
  if [[ -e $folder/key.pem ]]; then echo plain; elif [[ -e $folder/key.pem.enc ]]; then echo encrypted; else echo away; fi
}
