# shellcheck shell=bash
# Sourced by restore: its steps. `staging` holds what came out of the file; `journal` is there while this machine is neither
# what it was nor what it is to be, and says where the former is. It lies beside `staging`, not in it: what it says is moved
# and deleted, and whoever made the file must have no say in that.

# What a backup holds beside the database. nginx/sites has files of the repository's, too, and is merged.
places=(.env docker-compose.override.yml secrets state pki/store)
staging=$root/.restoring
journal=$root/.restoring.journal
log=$root/.restoring.log

require_file() {
  FILE=${FILE:-}
  [[ -n $FILE ]] || die 'Which file? make restore FILE=backups/sconce-….tar.age'
  [[ -f $FILE && -r $FILE ]] || die "$FILE cannot be read; give the path of a backup, sconce-….tar.age"
}

# Into `identity`, a variable of this shell alone: it must be in no argument, environment, log or history.
read_identity() {
  local given=${IDENTITY:-}
  [[ $given != AGE-SECRET-KEY-* ]] ||
    die 'IDENTITY is to be the path of a file: the key itself would stay in the history of your shell. Leave it out, and you are asked'
  if [[ -n $given ]]; then
    [[ -f $given && -r $given ]] || die "cannot read $given; IDENTITY is the path of the file with age's identity"
    identity=$(<"$given")
  elif [[ -t 0 ]]; then
    printf 'Paste the identity, AGE-SECRET-KEY-… (it does not show), then Enter: '
    read -rs identity
    echo
  else
    identity=$(cat)
  fi
}

begin() {
  aside=$root/backups/before-restore-$(date -u +%Y%m%d-%H%M%S)
  aside_volume=
  rm -rf "$staging"
  mkdir "$staging" || die "Cannot write to $root; run this as the user who owns it."
  trap at_end EXIT
}

# However this run ends, by a step that failed or a signal: what it had begun to change is undone.
at_end() {
  trap '' INT TERM HUP
  set +e
  if [[ -e $journal ]]; then
    echo 'It broke off. Undoing what was begun …' >&2
    undo
    echo 'Here all is as it was before. Put right what stands above, and try again.' >&2
  fi
  rm -rf "$staging" "$log"
}

# Compose where there may be no .env yet; what is there counts.
bare_compose() {
  if [[ -f $root/.env ]]; then compose "$@"; else
    SCONCE_UID=$(id -u) SCONCE_GID=$(id -g) DOMAIN=restore.invalid compose "$@" 2> >(grep -v 'variable is not set' >&2)
  fi
}

# Puts into `present` what there is of a household here, in words; empty if nothing.
find_what_is_here() {
  local place
  present=
  for place in .env secrets pki/store; do
    [[ ! -e $root/$place ]] || present+="${present:+, }$place"
  done
  find_volume
  [[ -z $volume ]] || present+="${present:+, }its database"
}

find_project() {
  project=$(bare_compose config 2>/dev/null | sed -n 's/^name: //p')
  tools=$(bare_compose config --images backup 2>/dev/null | grep -- '-backup:' | head -n 1)
}

find_volume() {
  find_project
  volume=$(docker volume ls --quiet --filter "label=com.docker.compose.project=$project" \
    --filter label=com.docker.compose.volume=database | head -n 1)
}

build_tools() {
  bare_compose build backup >"$log" 2>&1 || {
    show_log
    die 'The tools could not be made; nothing was changed.'
  }
  # They see nothing but their standard input.
  tool=(docker run --rm --interactive --network none --read-only --tmpfs /tmp --cap-drop ALL
    --security-opt no-new-privileges --user 65534:65534 "$tools")
}

unpack_and_check() {
  "$here/backups/examine" "$FILE" "$staging" "$(last_migration)" "${tool[@]}" <<<"$identity" || exit 1
  identity=
}

fact() {
  sed -n "s/^$1=//p" "$staging/manifest"
}

# Everything that runs ends, files move away, the database's volume is copied and then removed: a restore begins with an
# empty one.
put_aside() {
  local place
  compose stop backup >"$log" 2>&1 || true
  mkdir -p "$aside"
  aside_volume=${volume:+${volume}_before_restore_$(date -u +%Y%m%d%H%M%S)}
  printf 'aside=%s\nvolume=%s\ncopy=%s\n' "$aside" "$volume" "$aside_volume" >"$journal"
  compose down >"$log" 2>&1 || broke_off 'What runs could not be stopped'
  if [[ -n $volume ]]; then
    copy_volume "$volume" "$aside_volume" || broke_off 'The database could not be copied; is the disk full?'
    # From here on the copy is the original: undo must not take a half-made one for it.
    echo copied=yes >>"$journal"
    docker volume rm "$volume" >"$log" 2>&1 || broke_off 'The old volume is in use by something else'
  fi
  for place in "${places[@]}" nginx/sites; do
    [[ -e $root/$place ]] || continue
    mkdir -p "$(dirname "$aside/$place")"
    # What stands in `aside` under its name is whole: undo goes by that.
    if [[ $place == nginx/sites ]]; then cp -a "$root/$place" "$aside/nginx/.sites" && mv "$aside/nginx/.sites" "$aside/$place"
    else mv "$root/$place" "$aside/$place"; fi
  done
}

# copy_volume FROM TO: TO is made, with the labels by which Compose knows its own.
copy_volume() {
  docker volume create --label "com.docker.compose.project=$project" --label "com.docker.compose.volume=${3:-aside}" "$2" >"$log" 2>&1 &&
    docker run --rm --network none --user 0:0 -v "$1:/from:ro" -v "$2:/to" "$tools" cp -a /from/. /to/ >"$log" 2>&1
}

place() {
  local place
  [[ -e $journal ]] || printf 'aside=\nvolume=\ncopy=\n' >"$journal"
  for place in "${places[@]}"; do
    # One that somebody has written for this machine (docker-compose.override.yml) counts.
    [[ -e $staging/$place && ! -e $root/$place ]] || continue
    mkdir -p "$(dirname "$root/$place")"
    echo "placed=$place" >>"$journal"
    mv "$staging/$place" "$root/$place"
  done
  if [[ -d $staging/nginx/sites ]]; then cp -a "$staging/nginx/sites/." "$root/nginx/sites/"; fi
  own_ids
  settle >"$log" 2>&1 || broke_off 'The settings in it do not fit this version or this machine'
}

# This machine's users have other numbers.
own_ids() {
  local owner=$EUID group
  group=$(id -g)
  if ((EUID == 0)); then owner=10883 group=10883; fi
  sed -e "s/^SCONCE_UID=.*/SCONCE_UID=$owner/" -e "s/^SCONCE_GID=.*/SCONCE_GID=$group/" "$env_file" | write_private "$env_file"
}

# Back to what was here before, be it nothing.
undo() {
  local place aside copied
  aside=$(was aside) copied=$(was copied) volume=$(was volume)
  bare_compose down >/dev/null 2>&1 || true
  # Only this once: what is moved back below is no longer what was placed.
  while read -r place; do rm -rf "${root:?}/$place"; done < <(was placed)
  sed -i '/^placed=/d' "$journal"
  if [[ -z $aside ]]; then
    find_volume
    [[ -z $volume ]] || docker volume rm "$volume" >/dev/null 2>&1 || true
  else
    for place in "${places[@]}" nginx/sites; do
      [[ -e $aside/$place ]] || continue
      rm -rf "${root:?}/$place"
      mv "$aside/$place" "$(dirname "$root/$place")/"
    done
    if [[ $copied == yes ]]; then
      find_project
      docker volume rm "$volume" >/dev/null 2>&1 || true
      copy_volume "$(was copy)" "$volume" database || die "The database is in Docker's volume $(was copy), and could not be copied back to $volume"
      # Done. Were this interrupted further on, the next undo would take an empty volume for the copy.
      sed -i '/^copied=/d' "$journal"
    fi
    docker volume rm "$(was copy)" >/dev/null 2>&1 || true
    compose up --detach --wait >/dev/null 2>&1 || true
    rm -rf "$aside"
  fi
  rm -rf "$staging" "$journal"
}

was() {
  sed -n "s/^$1=//p" "$journal"
}

show_log() {
  tail -n 15 "$log" >&2
}

# $1: what happened, in words.
broke_off() {
  show_log
  die "$1."
}
