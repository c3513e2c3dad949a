# Puts together what there is: prints a line for each certificate and each CRL, tab between, - for nothing:
#   certificate  kind  name (as in JSON)  id  serial  begin  end  issuer  state  when revoked  in use
# Files: names (id, name), seen (id, serial), dates (as of certificates.awk), others (kind, name, serial, issuer: what is
# not in a ledger), ledger (as of ledger.awk). Variables: now, and label[] by authorities' folders below.
BEGIN { FS = OFS = "\t" }
function label(folder,    word) {
  word = folder
  sub(/\..*/, "", word)
  return word " authority" (folder ~ /new$/ ? " (new)" : folder ~ /old$/ ? " (old)" : "")
}
function state_of(serial, struck) {
  return struck != "-" ? "revoked" : end[serial] <= now ? "expired" : begin[serial] > now ? "not_yet_valid" : "valid"
}
FNR == 1 { file = FILENAME; sub(/.*\//, "", file) }
file == "names" { name[$1] = $2 }
file == "seen" { seen[$1] = $2 }
file == "dates" { split($0, date, " "); begin[date[1]] = date[2]; end[date[1]] = date[3] }
file == "others" { print "certificate", $1, $2, "-", $3, begin[$3], end[$3], $4, state_of($3, "-"), "-", "-" }
# Boards' alone: what the root signs is among the others.
file == "ledger" && length($6) == 32 && $6 ~ /^[0-9a-f]+$/ {
  n++
  authority[n] = $1; struck[n] = $4; serial[n] = $5; id[n] = $6
  place[$6, $5] = n
}
END {
  for (i = 1; i <= n; i++) {
    mine = seen[id[i]]
    used = (mine == "") ? "-" : (mine == serial[i]) ? "yes" : "no"
    state = state_of(serial[i], struck[i])
    if (state == "valid" && used == "no" && (id[i], mine) in place && older(serial[i], mine, id[i])) state = "superseded"
    print "certificate", "board", (id[i] in name ? name[id[i]] : "\"" id[i] "\""), id[i], serial[i], begin[serial[i]],
      end[serial[i]], label(authority[i]), state, struck[i], used
  }
}
function older(one, other, whose) {
  if (begin[one] != begin[other]) return begin[one] < begin[other]
  return place[whose, one] < place[whose, other]
}
