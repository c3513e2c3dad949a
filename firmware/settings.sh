# shellcheck shell=bash
# Sourced by flash, after pki/lib.sh: refuses what a board could not use before anything is sent to it. On the board
# lib/core/src/{identity,wifi_settings,pin_map}.cpp read the same files; flash.test.ts holds the two together.

# Most bytes of a file that a board reads, as in lib/core/src and src/board_files.h.
pem_bytes=2048
identity_bytes=1024
pins_bytes=1024

# Whether the identity in folder $1 is whole and good for a board. Leaves the broker's name in `host`.
check_identity() {
  local folder=$1 json=$1/device.json file port end
  require_whole "$folder" ca.pem cert.pem key.pem device.json
  host=$(device_value host "$json")
  host=${host//\"/}
  port=$(device_value port "$json")
  end=$(device_value certificateNotAfter "$json")
  [[ $(device_value id "$json") == "\"${folder##*/}\"" && $host =~ ^[A-Za-z0-9.:-]+$ && $port =~ ^[1-9][0-9]{0,4}$ &&
    $port -le 65535 && $end =~ ^[1-9][0-9]{0,14}$ && $(wc -c <"$json") -le $identity_bytes ]] ||
    die "$json is damaged; restore it from a backup, or mint the board anew"
  for file in ca cert key; do
    (($(wc -c <"$folder/$file.pem") <= pem_bytes)) || die "$folder/$file.pem has more than $pem_bytes bytes; a board reads no more"
  done
  case $host in
    localhost | *.localhost | 127.* | ::1)
      die "this board would look for the broker at $host, which is the board itself; move $folder away and mint it anew, \
with the name that boards find the server by: BROKER_HOST=lamps.example.org"
      ;;
  esac
  check_certificate "$folder"
}

check_certificate() {
  local folder=$1 file end
  for file in cert ca; do
    end=$(end_of "$folder/$file.pem")
    ((end > $(date +%s))) || die "$folder/$file.pem ended on $(day_of "$end"); mint the board anew"
  done
  [[ $(openssl x509 -in "$folder/cert.pem" -noout -pubkey) == "$(openssl pkey -in "$folder/key.pem" -pubout 2>/dev/null)" ]] ||
    die "$folder/key.pem is not the key of cert.pem; restore both from one backup, or mint the board anew"
  [[ $(openssl x509 -in "$folder/cert.pem" -noout -subject -nameopt RFC2253) == "subject=CN=${folder##*/}" ]] ||
    die "$folder/cert.pem is for another board; restore the folder from a backup, or mint the board anew"
}

# Writes pins.txt into folder $1 from PINS, if that is set.
stage_pins() {
  local lines=${PINS:-} job pin polarity rest instead='take one of 0, 2, 4, 5 and 12 to 16'
  local -A on=() usual=([transmitter]=14 [receiver]=12 [led]=2)
  [[ -n $lines ]] || return 0
  lines=${lines//,/$'\n'}
  while read -r job pin polarity rest; do
    [[ -n $job ]] || continue
    [[ $job =~ ^(relay|transmitter|receiver|led)$ && $pin =~ ^[0-9]{1,2}$ && -z $rest ]] ||
      die "PINS has \"$job${pin:+ $pin}\"; write relay, transmitter, receiver or led and a GPIO number, as in: relay 5, relay 4"
    [[ -z $polarity || ($polarity == active-low && $job =~ ^(relay|led)$) ]] ||
      die "PINS has \"$job $pin $polarity\"; only active-low may follow, and only for a relay or a led"
    pin=$((10#$pin))
    [[ $pin =~ ^(0|2|4|5|1[2-6])$ ]] || die "PINS: GPIO $pin is the flash chip's or the serial line's, or none; $instead"
    [[ $job$pin != receiver16 ]] || die 'PINS: GPIO 16 has no interrupt, which the receiver needs; take another'
    [[ -z ${on[$pin]:-} ]] || die "PINS: GPIO $pin is there twice; give each its own"
    on[$pin]=$job
    [[ $job == relay || -n ${usual[$job]:-} ]] || die "PINS has two pins for the $job; leave one out"
    [[ $job == relay ]] || usual[$job]=
  done <<<"$lines"
  for job in "${!usual[@]}"; do
    pin=${usual[$job]}
    [[ -z $pin || -z ${on[$pin]:-} ]] || die "PINS: GPIO $pin is the $job's, unless you give the $job another"
  done
  ((${#lines} < pins_bytes)) || die "PINS has ${#lines} characters; a board reads $pins_bytes at most"
  printf '%s\n' "$lines" >"$1/pins.txt"
}

# Writes wifi.txt into folder $1 from WIFI, if that is set, and the password from the terminal or standard input. It never
# becomes an argument or part of the environment, which every process of this user can see.
stage_wifi() {
  local password phrase='^[ -~]{8,63}$'
  # Counts and ranges in bytes.
  local LC_ALL=C
  [[ -n ${WIFI:-} ]] || return 0
  ((${#WIFI} <= 32)) || die "WIFI has ${#WIFI} bytes; a network's name has 32 at most"
  [[ $WIFI != *[[:cntrl:]]* ]] || die 'WIFI has a control character (a tab or a new line, perhaps); leave it out'
  [[ ! -t 0 ]] || printf 'Password of the Wi-Fi network "%s" (just Enter if it has none): ' "$WIFI" >&2
  IFS= read -rs password || die 'the Wi-Fi password did not come; type it, or give standard input one line'
  [[ ! -t 0 ]] || echo >&2
  [[ -z $password || $password =~ $phrase || $password =~ ^[0-9A-Fa-f]{64}$ ]] ||
    die 'that cannot be the Wi-Fi password: it has 8 to 63 letters (a to z), digits, signs and spaces, or 64 hexadecimal digits'
  printf '%s\n%s\n' "$WIFI" "$password" >"$1/wifi.txt"
}
