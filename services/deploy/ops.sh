# shellcheck shell=bash
# Sourced by backup, restore, status and upgrade, after lib.sh.

# What is being done, for whoever waits.
step() {
  printf '· %s\n' "$1"
}

require_docker() {
  command -v docker >/dev/null || die 'Docker is not installed; see https://docs.docker.com/engine/install/'
  docker compose version >/dev/null 2>&1 ||
    die 'Docker Compose v2 is not installed; see https://docs.docker.com/engine/install/'
  docker info >/dev/null 2>&1 || die 'Docker does not answer; is it running, and may you use it? Try: sudo docker info'
}

require_settings() {
  [[ -f $env_file ]] || die 'Sconce is not set up here: make init, or make restore FILE=… to bring it back from a backup'
}

# Only one upgrade or restore at a time. The lock is on this folder itself: a restore moves all else away.
hold_lock() {
  exec 7<"$root"
  flock -n 7 || die 'An upgrade or a restore is running here already; wait for it to end.'
}

# The newest migration that this version knows.
last_migration() {
  find "$root/services/api/src/db/migrations" -name '[0-9]*.ts' -printf '%f\n' | sort | tail -n 1 | sed 's/\.ts$//'
}

# Brings about what this version needs beside what is there: folders, secrets, certificates, owners. Told by .env alone:
# what stands in the shell of whoever upgrades is no new answer.
settle() {
  env -i PATH="$PATH" HOME="${HOME:-/}" ${COMPOSE_PROJECT_NAME:+COMPOSE_PROJECT_NAME="$COMPOSE_PROJECT_NAME"} \
    ${DOCKER_HOST:+DOCKER_HOST="$DOCKER_HOST"} "$root/services/deploy/init" settle </dev/null
}
