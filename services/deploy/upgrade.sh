# shellcheck shell=bash
# Sourced by upgrade: its steps. The journal is there from before the first change until all is well, and says how to go
# back; so a power failure in between loses nothing: the next run goes back first.

journal=$root/state/upgrade/journal
log=$root/state/upgrade/log
wait_seconds=${UPGRADE_WAIT_SECONDS:-180}
watch_seconds=${UPGRADE_WATCH_SECONDS:-20}

# git, whose files the containers must be able to read whatever this shell's umask.
repo() {
  (umask 022 && GIT_TERMINAL_PROMPT=0 git -C "$root" "$@")
}

# A commit, as people call it.
version() {
  repo describe --tags --always "$1"
}

require_repository() {
  local said
  command -v git >/dev/null || die 'git is not installed; on Debian: apt-get install git'
  said=$(repo rev-parse --is-inside-work-tree 2>&1) || die "This folder is no git repository that can be followed: ${said%%$'\n'*}"
}

require_clean() {
  local changed
  changed=$(repo status --porcelain --untracked-files=no)
  [[ -z $changed ]] || die "Files of the repository were changed here, and an upgrade would run into them:
$changed
Settings belong into .env, docker-compose.override.yml and nginx/sites. To put them away: git stash"
}

find_target() {
  local said
  old=$(repo rev-parse HEAD)
  branch=$(repo symbolic-ref --quiet --short HEAD || true)
  said=$(repo fetch --quiet --tags 2>&1) || die "Cannot look for a newer version: ${said##*$'\n'}"
  if [[ -n ${VERSION:-} ]]; then
    target=$(repo rev-parse --quiet --verify "refs/tags/$VERSION^{commit}") ||
      die "There is no version $VERSION. The newest: $(repo tag --sort=-version:refname | head -n 5 | paste -sd' ')"
  elif [[ -n $branch ]]; then
    target=$(repo rev-parse --quiet --verify '@{upstream}' || repo rev-parse --quiet --verify "refs/remotes/origin/$branch") ||
      die "The branch $branch follows no other: git branch --set-upstream-to=origin/$branch, or say which version: make upgrade VERSION=…"
  else
    die "This is at $(version HEAD), on no branch. Say which version: make upgrade VERSION=…; the newest is $(
      repo tag --sort=-version:refname | head -n 1)"
  fi
  if [[ $target == "$old" ]] || { [[ -z ${VERSION:-} ]] && repo merge-base --is-ancestor "$target" "$old"; }; then
    echo "This is the newest already: $(version HEAD)"
    exit 0
  fi
  repo merge-base --is-ancestor "$old" "$target" && return
  if repo merge-base --is-ancestor "$target" "$old"; then
    die "$(version "$target") is older than what runs, $(version HEAD), and a database does not become older. To go back: make restore, with a backup of then"
  fi
  die "There are commits here that $(version "$target") does not have; git log $(version "$target")..HEAD shows them"
}

say_changes() {
  local count migrations
  count=$(repo rev-list --count "$old..$target")
  printf '\nFrom %s to %s, %s change%s:\n' "$(version "$old")" "$(version "$target")" "$count" "$( ((count == 1)) || echo s)"
  repo log --no-merges --max-count=20 --format='  - %s' "$old..$target"
  ((count <= 20)) || echo '    …'
  migrations=$(repo diff --name-only --diff-filter=A "$old" "$target" -- services/api/src/db/migrations | sed 's|.*/||; s|\.ts$||' | paste -sd' ')
  if [[ -n $migrations ]]; then echo "It changes the database: $migrations"; else echo 'It does not change the database.'; fi
  local from to
  from=$(postgres_major "$old") to=$(postgres_major "$target")
  [[ -n ${POSTGRES_IMAGE:-$(env_value POSTGRES_IMAGE)} || $from == "$to" ]] ||
    die "It comes with PostgreSQL $to, which cannot read the files of PostgreSQL $from. Keep POSTGRES_IMAGE in .env as it is now
(grep POSTGRES_IMAGE docker-compose.yml), or: make backup, git merge --ff-only $(version "$target"), make restore FORCE=yes FILE=…"
  echo
}

postgres_major() {
  repo show "$1:docker-compose.yml" 2>/dev/null | sed -n 's/.*POSTGRES_IMAGE:-[^:}]*:\([0-9]*\).*/\1/p' | head -n 1
}

confirm() {
  local answer
  [[ -t 0 && ${YES:-} != yes ]] || return 0
  read -rp 'Go on? [Y/n] ' answer || answer=n
  [[ $answer =~ ^([Yy].*)?$ ]] || die 'Nothing was changed.'
}

project_containers() {
  docker ps --all --quiet --filter "label=com.docker.compose.project=$project"
}

# What to go back to: the commit, and each image by its id, under a name of its own so that nobody cleans it away.
remember() {
  local name id number=0
  project=$(compose config | sed -n 's/^name: //p')
  {
    printf 'old=%s\nbranch=%s\nproject=%s\n' "$old" "$branch" "$project"
    while read -r name id; do
      number=$((number + 1))
      docker tag "$id" "$project-before-upgrade:$number"
      printf 'image=%s %s-before-upgrade:%s\n' "$name" "$project" "$number"
    done < <(project_containers | xargs --no-run-if-empty docker inspect --format '{{.Config.Image}} {{.Image}}' | sort -u)
  } >"$journal.new"
  mv "$journal.new" "$journal"
}

noted() {
  sed -n "s/^$1=//p" "$journal"
}

# check_out COMMIT: the branch goes there, or, where there is none, HEAD.
check_out() {
  if [[ -n $branch ]]; then repo checkout --quiet -B "$branch" "$1"; else repo checkout --quiet --detach "$1"; fi >"$log" 2>&1
}

# Asks the registry for newer images where there is one within reach; what is here already will do otherwise.
build() {
  local pull=()
  compose config --quiet >"$log" 2>&1 || return 1
  if compose pull --ignore-buildable --quiet >"$log" 2>&1; then pull=(--pull); else
    echo '  (the registry does not answer; the images that are here will do)'
  fi
  compose build "${pull[@]}" >"$log" 2>&1
}

# Nothing writes any more; so what comes after is all that going back could lose, and that is the new version's alone.
keep_database() {
  {
    compose stop api && compose exec -T backup database keep
  } >"$log" 2>&1 && echo copied=yes >>"$journal"
}

# Containers whose configuration lies in the repository do not see by themselves that it changed.
start() {
  local pair stale=()
  for pair in mosquitto:mosquitto nginx:acme services/monitoring/prometheus:prometheus services/monitoring/grafana:grafana; do
    repo diff --quiet "$old" "$target" -- "${pair%:*}" || stale+=("${pair#*:}")
  done
  mapfile -t stale < <(compose ps --services 2>/dev/null | grep -xF "$(printf '%s\n' "${stale[@]:-none}")")
  {
    ((${#stale[@]} == 0)) || compose rm --stop --force "${stale[@]}"
    compose up --detach --no-build --remove-orphans --wait --wait-timeout "$wait_seconds"
  } >"$log" 2>&1
  local how=$?
  up=$SECONDS
  return $how
}

# Whether all stays as it is now for a while; `odd` says what did not.
watch() {
  local began=$SECONDS first now
  first=$(look)
  while ((SECONDS - began < watch_seconds)); do
    now=$(look)
    odd=$(diff <(echo "$first") <(echo "$now") | sed -n 's/^> //p' | head -n 1)
    [[ -z $odd ]] || return 1
    sleep 1
  done
}

look() {
  project_containers | xargs docker inspect --format \
    '{{index .Config.Labels "com.docker.compose.service"}} is {{.State.Status}}{{if .State.Health}}, {{.State.Health.Status}}{{end}}, {{.RestartCount}} restarts' | sort
}

finish() {
  rm "$journal"
  compose exec -T backup database forget >"$log" 2>&1 || true
  drop_old_images
}

drop_old_images() {
  docker image ls --quiet --filter "reference=$project-before-upgrade" --format '{{.Repository}}:{{.Tag}}' |
    xargs --no-run-if-empty docker image rm >/dev/null 2>&1 || true
}

# $1: what happened, in words. The log of it stays.
broke_off() {
  trap '' INT TERM HUP
  trap - EXIT
  local kept=$root/state/upgrade/failed.log
  {
    cat "$log" 2>/dev/null
    # What does not run is told of last.
    compose logs --no-color --tail 30 migrate api 2>/dev/null
    compose ps --all --format '{{.Service}} {{.Status}}' 2>/dev/null | sed -n 's/ .*\(unhealthy\|Restarting\).*//p' |
      xargs --no-run-if-empty docker compose --project-directory "$root" logs --no-color --tail 15 2>/dev/null
  } >"$kept" || true
  printf '%s. Its last words:\n' "$1" >&2
  # Without what Compose tells of its progress, and where in the program it was.
  grep -vE '^ *$|^ +(Container|Network|Volume) .*(ed|ing|Healthy|Recreate) *$|^[a-z0-9-]+ +\|( +at .*)? *$' "$kept" | tail -n 12 | sed 's/^/  | /' >&2
  step 'Going back by itself to the version before'
  go_back
  die "Sconce is at $(version HEAD) again and answers; nothing is lost. What went wrong is in state/upgrade/failed.log"
}

# Each step may have been done by an earlier run.
go_back() {
  local image
  old=$(noted old) branch=$(noted branch) project=$(noted project)
  check_out "$old" || stuck 'the files of the version before could not be checked out'
  while read -r image; do
    docker tag "${image#* }" "${image% *}" || stuck "the image ${image% *} is gone"
  done < <(noted image)
  if [[ $(noted copied) == yes ]]; then
    {
      compose stop api migrate
      compose up --detach --no-build --wait postgres && compose run --rm --no-deps -T backup database back
    } >"$log" 2>&1 || stuck 'the database could not be put back'
    sed -i '/^copied=/d' "$journal"
  fi
  come_back || stuck 'the version before does not come up'
  rm "$journal"
  drop_old_images
}

# More than once: the engine may still be removing a container that the attempt before was about to replace.
come_back() {
  local try
  for try in 1 2 3; do
    compose up --detach --no-build --remove-orphans --wait --wait-timeout "$wait_seconds" >"$log" 2>&1 && return
    ((try == 3)) || sleep 5
  done
  return 1
}

stuck() {
  tail -n 12 "$log" >&2
  die "Going back did not succeed: $1. When that is put right, make upgrade tries again to go back. The backup
taken before the upgrade is the newest in backups/; make restore FORCE=yes FILE=… begins from it."
}
