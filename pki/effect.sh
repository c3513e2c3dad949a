# shellcheck shell=bash
# Sourced after lib.sh: whether broker and gate go by the trust set that has just been published.

# Prints the SHA-256 of the sums that whoever watches the trust set names as its version.
trust_version() {
  digest <"$PKI_DIR/trust/SHA256SUMS"
}

# Puts the status files of broker and gate, which may not be there, into `broker` and `gate`.
find_status() {
  broker=${BROKER_STATUS_FILE:-} gate=${GATE_REFUSALS:-}
  # Where Compose has them; they are about the store that Compose uses.
  if [[ $PKI_DIR == "$here/store" ]]; then
    broker=${broker:-$here/../state/broker/applied}
    gate=${gate:-$here/../state/gate/refusals.json}
  fi
}

# Prints who has not taken the present trust set yet, in words; nothing, if all that run here have.
not_taken() {
  local version waiting=
  version=$(trust_version)
  if [[ -e $broker ]] && ! grep -qsx "trust=$version" "$broker"; then waiting='the broker'; fi
  if [[ -e $gate ]] && ! grep -qs "\"trust\": *\"$version\"" "$gate"; then waiting+="${waiting:+ and }the gate"; fi
  printf '%s\n' "$waiting"
}

# Waits up to 5 s until broker and gate, if they run here, say that they go by it, and says how that went.
say_effect() {
  local broker gate waiting deadline=$((SECONDS + 5))
  find_status
  while waiting=$(not_taken) && [[ -n $waiting ]] && ((SECONDS < deadline)); do sleep 0.1; done
  if [[ -n $waiting ]]; then
    printf '%s\n' "After 5 s, $waiting had not taken the new lists. Does it run? See: make ps, make logs. It takes them when it starts."
  elif [[ -e $broker && -e $gate ]]; then
    printf '%s\n' 'The broker refuses it, and the gate has cut its connections.'
  elif [[ -e $broker ]]; then
    printf '%s\n' 'The broker refuses it.'
  fi
}
