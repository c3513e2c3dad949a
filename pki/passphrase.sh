# shellcheck shell=bash
# Sourced by lock-root and unlock-root. The passphrase never becomes an argument or part of the environment, which every
# process of this user can see.

# Below that, trying all of them takes a day or so even against scrypt.
passphrase_characters=12

# Puts it into `passphrase`. $1: twice, if it is a new one.
read_passphrase() {
  local again
  if [[ -n ${PKI_PASSPHRASE_FILE:-} ]]; then
    IFS= read -r passphrase <"$PKI_PASSPHRASE_FILE" || [[ -n $passphrase ]] || die "$PKI_PASSPHRASE_FILE cannot be read, or is empty"
  else
    [[ -t 0 ]] || die 'cannot ask for a passphrase here; put it into a file and name it in PKI_PASSPHRASE_FILE'
    IFS= read -rsp "Passphrase of the root's key: " passphrase
    echo >&2
    if [[ ${1:-} == twice ]]; then
      IFS= read -rsp 'Once more: ' again
      echo >&2
      [[ $again == "$passphrase" ]] || die 'these were two different ones; try again'
    fi
  fi
  [[ ${1:-} != twice ]] || ((${#passphrase} >= passphrase_characters)) ||
    die "the passphrase has ${#passphrase} characters; take $passphrase_characters at least, four words for one"
}
