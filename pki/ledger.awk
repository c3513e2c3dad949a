# Reads authorities' index.txt; prints of each certificate: authority, V or R, end, when revoked (or -), serial, name, file.
BEGIN { FS = OFS = "\t" }
FNR == 1 {
  n = split(FILENAME, part, "/")
  authority = part[n - 1]
  folder = substr(FILENAME, 1, length(FILENAME) - length("/index.txt"))
}
{
  sub(/^.*\/CN=/, "", $6)
  split($3, revoked, ",")
  # `openssl ca -updatedb` writes E for what has ended.
  print authority, ($1 == "R" ? "R" : "V"), epoch_of_stamp($2), ($1 == "R" ? epoch_of_stamp(revoked[1]) : "-"),
    plain_serial($4), $6, folder "/issued/" $4 ".pem"
}
