# shellcheck shell=bash
# Sourced by status: one function for each part of the screen.

worst=0 looks=0 bads=0
# Colour only repeats what the first word says.
if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  declare -A colour=([ok]=$'\e[32m' [look]=$'\e[33m' [BAD]=$'\e[31m')
  plain=$'\e[0m'
else
  declare -A colour=([ok]='' [look]='' [BAD]='')
  plain=
fi

# line ok|look|BAD NAME WORDS
line() {
  case $1 in
    look) looks=$((looks + 1)); if ((worst < 1)); then worst=1; fi ;;
    BAD) bads=$((bads + 1)) worst=2 ;;
  esac
  printf '  %s%-4s%s  %-22s %s\n' "${colour[$1]}" "$1" "$plain" "$2" "$3"
}

heading() {
  printf '\n%s\n' "$1"
}

many() {
  printf '%s %s' "$1" "$2"
  (($1 == 1)) || printf s
}

# $1 seconds, in words.
span() {
  if (($1 < 120)); then many "$1" second
  elif (($1 < 7200)); then many $(($1 / 60)) minute
  elif (($1 < 172800)); then many $(($1 / 3600)) hour
  else many $(($1 / 86400)) day; fi
}

ago() {
  span $(($(date +%s) - $1))
}

# Each service that Compose is told of, and each container of it.
services() {
  local name state health since restarts code oom found
  heading Services
  found=$(compose ps --all --quiet | xargs --no-run-if-empty docker inspect --format \
    '{{index .Config.Labels "com.docker.compose.service"}}|{{.State.Status}}|{{if .State.Health}}{{.State.Health.Status}}{{end}}|{{.State.StartedAt}}|{{.RestartCount}}|{{.State.ExitCode}}|{{.State.OOMKilled}}' | sort)
  for name in $(compose config --services | sort); do
    if ! grep -q "^$name|" <<<"$found"; then
      line BAD "$name" 'is not there; docker compose up -d --wait'
      continue
    fi
    while IFS='|' read -r _ state health since restarts code oom; do
      service_line "$name" "$state" "$health" "$(date -d "$since" +%s)" "$restarts" "$code" "$oom"
    done < <(grep "^$name|" <<<"$found")
  done
  if [[ -e $root/state/upgrade/journal ]]; then line BAD upgrade 'one was interrupted; make upgrade goes back to the version before it'; fi
}

service_line() {
  local name=$1 state=$2 health=$3 since=$4 restarts=$5 code=$6 oom=$7 words
  words="running since $(date -d "@$since" '+%d %b %H:%M') ($(ago "$since"))"
  if ((restarts > 0)); then words+=", restarted $restarts times since it was made"; fi
  if [[ $oom == true ]]; then words+=', once for lack of memory'; fi
  case $name/$state/$health in
    migrate/exited/*)
      if ((code == 0)); then line ok migrate "done $(ago "$since") ago"
      else line BAD migrate "ended with $code; make logs SERVICE=migrate"; fi ;;
    */running/unhealthy) line BAD "$name" "unhealthy, $words; make logs SERVICE=$name" ;;
    */running/starting) line look "$name" "starting, $words" ;;
    # An hour after a restart it is history.
    */running/*) if ((restarts > 0 && $(date +%s) - since < 3600)); then line look "$name" "$words"; else line ok "$name" "${health:+$health, }$words"; fi ;;
    */created/*) line BAD "$name" 'was never started: something that it needs did not come up; make logs' ;;
    *) line BAD "$name" "$state (ended with $code); make logs SERVICE=$name" ;;
  esac
}

certificates() {
  local file name age how found=no
  heading Certificates
  for file in "$root"/state/public/*.pem; do
    [[ -f $file ]] || continue
    found=yes
    name=${file##*/}
    # Renewal is at a third of the lifetime: later than that, it does not happen. How long that is differs and changes.
    certificate_line "${name%.pem}" "$file" by_lifetime acme
  done
  [[ $found == yes ]] || line BAD "$(env_value DOMAIN)" 'none yet for the web; make logs SERVICE=acme'
  for name in broker api metrics; do certificate_line "$name" "$root/pki/store/$name/cert.pem" by_lifetime authority; done
  for name in devices issuing services; do
    # While one is rotated there are two of it.
    for file in "$root/pki/store/authorities/$name"{.old,,.new}/cert.pem; do
      [[ -f $file || $file == */"$name/cert.pem" ]] || continue
      age=$(basename "${file%/cert.pem}")
      age=${age#"$name"}
      certificate_line "$name authority${age:+, ${age#.}}" "$file" by_days
      # The root's own list lives as long as the root, and goes with it.
      how=by_lifetime
      if [[ $name == devices ]]; then how=by_days; fi
      certificate_line "revoked by $name${age:+, ${age#.}}" "${file%cert.pem}crl.pem" "$how" authority
    done
  done
  rotation
}

# What a rotation that is under way waits for.
rotation() {
  local said
  [[ -e $root/pki/store/authorities/rotation ]] || return 0
  said=$("$root/pki/rotate" --status 2>&1) || true
  line look rotation "$(paste -sd' ' <<<"$said")"
}

# certificate_line NAME FILE by_lifetime|by_days [SERVICE]: one that renews itself should have done so in time, and the log
# of SERVICE says why not; an authority is replaced by its owner.
certificate_line() {
  local name=$1 file=$2 how=$3 service=${4:-} begin end left words level=ok total
  if [[ $file == *crl.pem ]]; then
    end=$(openssl crl -in "$file" -noout -nextupdate 2>/dev/null) || end=
    begin=$(openssl crl -in "$file" -noout -lastupdate 2>/dev/null) || begin=
  else
    end=$(openssl x509 -in "$file" -noout -enddate 2>/dev/null) || end=
    begin=$(openssl x509 -in "$file" -noout -startdate 2>/dev/null) || begin=
  fi
  if [[ -z $end ]]; then
    line BAD "$name" "${file#"$root"/} is missing or damaged"
    return
  fi
  end=$(date -d "${end#*=}" +%s) begin=$(date -d "${begin#*=}" +%s)
  left=$((end - $(date +%s))) total=$((end - begin))
  words="$(span "$((left > 0 ? left : -left))")"
  if ((left <= 0)); then
    line BAD "$name" "ended $words ago"
    return
  fi
  if [[ $how == by_lifetime ]]; then
    if ((left < total / 10)); then level=BAD; elif ((left < total / 4)); then level=look; fi
  elif ((left < 30 * 86400)); then level=BAD
  elif ((left < 60 * 86400)); then level=look; fi
  words+=" left, until $(date -d "@$end" '+%d %b %Y')"
  if [[ $level != ok ]]; then
    if [[ $how == by_lifetime ]]; then words+="; it should have been renewed: make logs SERVICE=$service"
    else
      words+='; make pki-rotate'
      if [[ $name == services* ]]; then words+=' AUTHORITY=services'; fi
    fi
  fi
  line "$level" "$name" "$words"
}

# Asked of PostgreSQL, which also answers when the API does not.
boards() {
  local rows all=0 online=0 revoked=0 name is seen out ends
  heading Boards
  rows=$(compose exec -T postgres psql -XAtq -F '|' -U sconce_owner -d sconce 2>/dev/null <<'SQL'
select replace(coalesce(name, 'not adopted: ' || left(id, 8)), '|', ' '), online,
  coalesce(extract(epoch from greatest(telemetry_at, case when online then null else online_changed_at end))::bigint, 0),
  revoked_at is not null, coalesce((info->>'certificateNotAfter')::bigint / 1000, 0)
from devices order by online desc, 1
SQL
  ) || {
    line BAD boards 'unknown: the database does not answer'
    return
  }
  while IFS='|' read -r name is _ out _; do
    if [[ $out == t ]]; then revoked=$((revoked + 1)); elif [[ -n $name ]]; then
      all=$((all + 1))
      if [[ $is == t ]]; then online=$((online + 1)); fi
    fi
  done <<<"$rows"
  if ((all + revoked == 0)); then line ok boards 'none has ever connected'; return; fi
  line ok boards "$online of $all online$( ((revoked == 0)) || printf ', %s revoked' "$revoked")"
  while IFS='|' read -r name is seen out ends; do
    [[ -n $name && $out != t ]] || continue
    # It renews itself when a third of two years is left.
    if ((ends > 0 && ends - $(date +%s) < 60 * 86400)); then
      line look "$name" "its certificate ends $(date -d "@$ends" '+%d %b %Y'); make doctor DEVICE=\"$name\" says why it has no newer one"
    fi
    [[ $is != t ]] || continue
    if ((seen > 0)); then line look "$name" "offline, last seen $(ago "$seen") ago ($(date -d "@$seen" '+%d %b %H:%M'))"
    else line look "$name" 'offline, never seen'; fi
  done <<<"$rows"
}

backups() {
  local level words
  heading Backups
  IFS=$'\t' read -r level words < <(SCONCE_DIR=$root BACKUP_STALE_HOURS=$(env_value BACKUP_STALE_HOURS) "$here/backups/health" whole) || true
  line "${level:-BAD}" backups "${words:-could not be looked at}"
  if [[ -e $root/backup-identity ]]; then
    line look backup-identity 'opens every backup, and is still on this machine; carry it away, then delete it here'
  fi
}

machine() {
  local free total percent level available all swap
  heading Machine
  read -r total free < <(df -Pk "$root" | awk 'NR == 2 { print $2, $4 }')
  percent=$((free * 100 / total)) level=ok
  if ((percent < 3 || free < 200000)); then level=BAD; elif ((percent < 10 || free < 1000000)); then level=look; fi
  line "$level" disk "$(gigabytes "$free") of $(gigabytes "$total") free"
  available=$(memory MemAvailable) all=$(memory MemTotal) swap=$(($(memory SwapTotal) - $(memory SwapFree)))
  percent=$((available * 100 / all)) level=ok
  if ((percent < 3)); then level=BAD; elif ((percent < 10)); then level=look; fi
  line "$level" memory "$(gigabytes "$available") of $(gigabytes "$all") available$( ((swap < 10000)) || printf ', %s swapped out' "$(gigabytes "$swap")")"
}

memory() {
  awk -v name="$1:" '$1 == name { print $2 }' /proc/meminfo
}

# $1 kilobytes, in words.
gigabytes() {
  awk -v n="$1" 'BEGIN { if (n < 1e6) printf "%d MB", n / 1000; else printf "%.1f GB", n / 1e6 }'
}
